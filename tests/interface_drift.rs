//! Equal versions do not prove an equal vtable or equal layouts. Each test builds a plugin against an API that changed
//! without a version bump, and expects a refusal that names the change.

use harness::{Build, codes, refused};
use plugbox_loader::Code;

/// The place of the change in the interface, and the text of both sides.
fn drift(feature: &str) -> (String, String, String) {
    let error = refused(&Build::plugin().feature(feature).library());
    assert_eq!(codes(&error), [Code::InterfaceChanged], "{error}");
    let reason = &error.reasons()[0];
    assert!(reason.remedy.contains("same version"), "{error}");
    (reason.at.clone(), reason.host.clone(), reason.plugin.clone())
}

fn named(at: &str, host: &str, plugin: &str) -> (String, String, String) {
    (at.to_owned(), host.to_owned(), plugin.to_owned())
}

#[test]
fn a_field_that_was_added_is_named() {
    assert_eq!(
        drift("drift-field"),
        named("fixture_api::Change.version", "no such member", "field 1, `u64` at offset 24")
    );
}

#[test]
fn methods_that_changed_places_are_named() {
    assert_eq!(
        drift("drift-order"),
        named(
            "fixture_api::Plugin::first",
            "method 2, `fn first(&'a self) -> u32`",
            "method 3, `fn first(&'a self) -> u32`"
        )
    );
}

#[test]
fn a_default_method_that_was_added_is_named() {
    assert_eq!(
        drift("drift-default"),
        named("fixture_api::Plugin::added", "no such member", "method 4, `fn added(&'a self) -> u32`")
    );
}

#[test]
fn a_method_behind_a_condition_is_named() {
    assert_eq!(
        drift("drift-cfg"),
        named("fixture_api::Plugin::conditional", "no such member", "method 4, `fn conditional(&'a self) -> u32`")
    );
}

#[test]
fn two_fields_that_changed_places_deep_inside_another_crate_are_named() {
    assert_eq!(drift("drift-deep"), named("fixture_deep::Leaf.weight", "offset 0", "offset 4"));
}

#[test]
fn the_field_that_changed_is_named_and_not_its_neighbor_that_it_has_shifted() {
    let (host, plugin) = ("field 2, `u32` at offset 4", "field 2, `u64` at offset 0");
    assert_eq!(drift("drift-type"), named("fixture_deep::Leaf.count", host, plugin));
}

#[test]
fn a_representation_is_named_though_no_field_has_moved() {
    assert_eq!(drift("drift-repr"), named("fixture_deep::Leaf", "not present", "repr C"));
}

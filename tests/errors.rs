//! Errors that cross the boundary: the scenarios of `errors-api` with each side as the caller, and errors of several
//! builds and generations.

use std::error::Error;
use std::path::Path;

use errors_api::{BoxError, Errors, Plays, SCENARIOS, Shared, Side, texts};
use harness::{Build, Child, loader, passed_alone};
use libloading::Library;
use plugbox_loader::Loaded;

fn plugin(build: &Build) -> Loaded<dyn Plays> {
    let library = build.library();
    loader(&library).load_file::<dyn Plays>(&library).unwrap()
}

fn every_scenario(plugin: &dyn Plays) {
    for (name, scenario) in SCENARIOS {
        println!("{name}");
        scenario(&*plugin.side());
        plugin.play(name, &Side);
    }
}

#[test]
fn both_sides_play_every_scenario() {
    if passed_alone("both_sides_play_every_scenario") {
        return;
    }
    every_scenario(&*plugin(&Build::new("errors")));
}

#[test]
fn it_does_not_matter_how_the_plugin_was_optimized() {
    if passed_alone("it_does_not_matter_how_the_plugin_was_optimized") {
        return;
    }
    // One code generation unit, and whole-program optimization for size: what is equal is merged.
    let small = Build::new("errors").optimized("\"s\"").lto("fat").last_crate_flag("-Ccodegen-units=1");
    every_scenario(&*plugin(&small));
    every_scenario(&*plugin(&Build::new("errors").optimized("3").lto("thin")));
}

#[test]
fn errors_of_anyhow_cross() {
    let (host, library) = (Build::new("anyhow-sides").program("anyhow-host"), Build::new("anyhow-sides").library());
    let child = Child::new(&harness::command(host).arg(library).output().unwrap());
    child.must_succeed();
    assert_eq!(child.stdout, "worked\n");
}

/// Linked into one program, both sides are one image, and an error stays as it is.
#[test]
fn without_a_boundary_errors_stay_as_they_are() {
    assert!(Side.make("shared").is::<Shared>());
    assert!(Side.pass(Box::new(Shared::of(1))).is::<Shared>());
}

/// A build in a copy of the workspace. Types of two copies have equal `TypeId`s.
fn copied(folder: &str) -> Build {
    Build::new("errors").folder(folder)
}

/// A build whose type `Shared` is larger. No interface reaches the type, so it is not compared.
fn larger() -> Build {
    copied("errors-larger").edit("errors-api/src/kinds.rs", "[u64; 0]", "[u64; 4000]")
}

/// An error that `one` has made goes to `other` and back.
fn stays_closed_there(one: &dyn Errors, other: &dyn Errors) {
    for wrapped in [0, 1, 2] {
        let theirs = one.around(one.make("shared"), wrapped);
        let read = texts(&*theirs);
        let back = other.pass(theirs);
        assert_eq!(texts(&*back), read);
        let shared = one.pass_shared(one.share(back));
        assert_eq!(texts(&*other.pass_shared(shared)), read);
    }
    assert!(!other.finds(one.make("shared")));
    assert!(!other.read_own(&*one.make("shared")).1);
    let inside = other.around(one.make("shared"), 1);
    assert!(!inside.source().unwrap().is::<Shared>());
    // It comes home to the one that made it, and to no other.
    assert!(one.finds(other.pass(one.make("shared"))));
    assert!(!one.finds(other.make("shared")));
    assert!(other.finds(other.make("shared")));
    // The wrapper of one plugin, given to the other as its own error's source.
    let nested = other.around(one.around(other.make("shared"), 1), 1);
    assert_eq!(texts(&*nested), ["around", "around", "shared"]);
}

#[test]
fn an_error_of_another_generation_stays_closed() {
    if passed_alone("an_error_of_another_generation_stays_closed") {
        return;
    }
    let (one, other) = (plugin(&Build::new("errors")), plugin(&Build::new("errors")));
    assert_ne!(Loaded::info(&one).origin.generation(), Loaded::info(&other).origin.generation());
    stays_closed_there(&*one.side(), &*other.side());
    stays_closed_there(&*other.side(), &*one.side());
}

#[test]
fn an_error_whose_type_has_changed_stays_closed() {
    if passed_alone("an_error_whose_type_has_changed_stays_closed") {
        return;
    }
    let (one, other) = (plugin(&copied("errors-copied")), plugin(&larger()));
    stays_closed_there(&*one.side(), &*other.side());
    stays_closed_there(&*other.side(), &*one.side());
}

/// Why: to std, the two types are one, so it reads what is not there.
#[test]
fn without_a_wrapper_a_changed_type_is_read_beyond_its_end() {
    let open = |library: &Path| -> &'static Library {
        // SAFETY: the same compiler has just built the fixture.
        Box::leak(Box::new(unsafe { Library::new(library) }.unwrap()))
    };
    let (one, other) = (open(&copied("errors-copied").library()), open(&larger().library()));
    // SAFETY: the function exists in each build, with this signature.
    let raw = unsafe { one.get::<fn() -> BoxError>(b"raw") }.unwrap();
    // SAFETY: as above.
    let finds = unsafe { other.get::<fn(&(dyn Error + 'static)) -> Option<usize>>(b"finds") }.unwrap();
    let error = raw();
    assert_eq!((size_of_val(&*error), finds(&*error)), (8, Some(8 + 32_000)));
}

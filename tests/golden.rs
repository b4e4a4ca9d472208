//! Golden files: each change of an interface fails the test that freezes it, and the message names the change. A
//! difference that is not a change of the source passes.

#![allow(clippy::vec_box, dead_code, unreachable_pub, reason = "the APIs are described, not used")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use harness::{in_child, scratch, shown};
use plugbox::{Interface, assert_frozen};

/// A golden file written with `UPDATE_GOLDEN=1`. The test writes it in a child process; in that process this returns
/// `None`.
fn written<I: ?Sized + Interface>(test: &str) -> Option<PathBuf> {
    let file = scratch("golden").join("new/api.txt");
    let variables = [("UPDATE_GOLDEN", "1"), ("GOLDEN_FILE", file.to_str().unwrap())];
    in_child(test, &variables, || assert_frozen::<I>(std::env::var("GOLDEN_FILE").unwrap()))?.must_succeed();
    Some(file)
}

/// Runs the update on an existing file, and returns whether it succeeded. In the child process this returns `None`.
fn updated<I: ?Sized + Interface>(test: &str, file: &Path) -> Option<bool> {
    let variables = [("UPDATE_GOLDEN", "1"), ("GOLDEN_FILE", file.to_str().unwrap())];
    let child = in_child(test, &variables, || assert_frozen::<I>(std::env::var("GOLDEN_FILE").unwrap()))?;
    Some(child.success)
}

/// The message of the assertion, or an empty text if it holds.
fn said<I: ?Sized + Interface>(file: &Path) -> String {
    match catch_unwind(AssertUnwindSafe(|| assert_frozen::<I>(file))) {
        Ok(()) => String::new(),
        Err(payload) => {
            let message = payload.downcast_ref::<String>().expect("it panics with a text");
            let message = message.strip_prefix(&format!("{}: ", file.display())).expect("it names the file");
            message.to_owned()
        }
    }
}

/// The lines that name changes.
fn changes(message: &str) -> Vec<&str> {
    message.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with("- ")).collect()
}

/// Tests that the golden file of the left API fails for the right API, with these changes.
macro_rules! names {
    ($($name:ident { $($left:tt)* } { $($right:tt)* } => [$($change:expr),* $(,)?])*) => {$(
        #[test]
        fn $name() {
            mod left { $($left)* }
            mod right { $($right)* }
            let Some(file) = written::<dyn left::Api>(stringify!($name)) else { return };
            assert_eq!(said::<dyn left::Api>(&file), "");
            let (left, right) = (<dyn left::Api as Interface>::NAME, <dyn right::Api as Interface>::NAME);
            let (left, right) = (left.strip_suffix("Api").unwrap(), right.strip_suffix("Api").unwrap());
            fs::write(&file, fs::read_to_string(&file).unwrap().replace(left, right)).unwrap();
            let message = said::<dyn right::Api>(&file).replace(right, "api::");
            assert_eq!(changes(&message), &[$($change),*] as &[&str], "{message}");
            assert_eq!(message.is_empty(), changes(&message).is_empty(), "{message}");
        }
    )*};
}

names! {
    a_default_method_that_was_added
    { #[plugbox::interface] pub trait Api { fn a(&self); fn c(&self); } }
    { #[plugbox::interface] pub trait Api { fn a(&self); fn b(&self) {} fn c(&self); } }
    => ["api::Api::b was added: method 2, `fn b(&'a self)`"]

    a_method_that_was_removed
    { #[plugbox::interface] pub trait Api { fn a(&self); fn b(&self); } }
    { #[plugbox::interface] pub trait Api { fn b(&self); } }
    => ["api::Api::a was removed: method 1, `fn a(&'a self)`"]

    methods_that_changed_places
    { #[plugbox::interface] pub trait Api { fn a(&self); fn b(&self); } }
    { #[plugbox::interface] pub trait Api { fn b(&self); fn a(&self); } }
    => [
        "api::Api::a has moved: from method 1, `fn a(&'a self)` to method 2, `fn a(&'a self)`",
        "api::Api::b has moved: from method 2, `fn b(&'a self)` to method 1, `fn b(&'a self)`",
    ]

    a_method_that_moved_and_one_that_kept_its_number
    { #[plugbox::interface] pub trait Api { fn a(&self); fn b(&self); } }
    { #[plugbox::interface] pub trait Api { fn n(&self); fn b(&self); fn a(&self); } }
    => [
        "api::Api::n was added: method 1, `fn n(&'a self)`",
        "api::Api::a has moved: from method 1, `fn a(&'a self)` to method 3, `fn a(&'a self)`",
    ]

    signatures_that_changed
    { #[plugbox::interface] pub trait Api { fn a(&self); fn b(&self, c: u32); fn d(&self) -> String; } }
    { #[plugbox::interface] pub trait Api { fn a(&mut self); fn b(&self, c: u64); fn d(&self) -> Option<String>; } }
    => [
        "api::Api::a has changed: from method 1, `fn a(&'a self)` to method 1, `fn a(&'a mut self)`",
        "api::Api::b has changed: from method 2, `fn b(&'a self, u32)` to method 2, `fn b(&'a self, u64)`",
        "api::Api::d has changed: from method 3, `fn d(&'a self) -> String` to method 3, `fn d(&'a self) -> Option<String>`",
    ]

    traits_above
    { #[plugbox::interface] pub trait Api: Send {} }
    { #[plugbox::interface] pub trait Api: Base + Send + Sync {} #[plugbox::interface] pub trait Base {} }
    => [
        "api::Api was added: super api::Base",
        "api::Api has changed: from auto Send to auto Send Sync",
        "api::Base was added: a trait",
    ]

    fields_deep_inside
    {
        #[plugbox::interface] pub trait Api { fn a(&self, leaves: Option<Vec<Box<Leaf>>>); }
        #[derive(plugbox::Shape)] pub struct Leaf { pub a: u32, pub b: u32, pub c: u8 }
    }
    {
        #[plugbox::interface] pub trait Api { fn a(&self, leaves: Option<Vec<Box<Leaf>>>); }
        #[derive(plugbox::Shape)] pub struct Leaf { pub b: u32, pub a: u32, pub d: u16 }
    }
    => [
        "api::Leaf.d was added: field 3, `u16`",
        "api::Leaf.c was removed: field 3, `u8`",
        "api::Leaf.a has moved: from field 1, `u32` to field 2, `u32`",
        "api::Leaf.b has moved: from field 2, `u32` to field 1, `u32`",
    ]

    variants
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); }
        #[derive(plugbox::Shape)] pub enum Kind { A, B(u8), C { length: u32 } }
    }
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); }
        #[derive(plugbox::Shape)] #[repr(u8)] pub enum Kind { A, B(u16), New, C { length: u32 } }
    }
    => [
        "api::Kind::New was added: variant 3, with discriminant 2",
        "api::Kind::B.0 has changed: from field 1, `u8` to field 1, `u16`",
        "api::Kind was added: repr u8",
        "api::Kind::C has changed: from variant 3, with discriminant 2 to variant 4, with discriminant 3",
    ]

    variants_that_changed_places_with_what_they_hold
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); }
        #[derive(plugbox::Shape)] pub enum Kind { A { x: u8, y: u16 }, B { z: u8 } }
    }
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); }
        #[derive(plugbox::Shape)] pub enum Kind { B { z: u8 }, A { y: u16, x: u8 } }
    }
    => [
        "api::Kind::A has changed: from variant 1, with discriminant 0 to variant 2, with discriminant 1",
        "api::Kind::B has changed: from variant 2, with discriminant 1 to variant 1, with discriminant 0",
        "api::Kind::A.x has moved: from field 1, `u8` to field 2, `u8`",
        "api::Kind::A.y has moved: from field 2, `u16` to field 1, `u16`",
    ]

    a_type_that_became_another
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); fn b(&self, old: Old); }
        #[derive(plugbox::Shape)] pub struct Kind { pub a: u8 }
        #[derive(plugbox::Shape)] pub struct Old { pub a: u8 }
    }
    {
        #[plugbox::interface] pub trait Api { fn a(&self, kind: Kind); fn b(&self, new: New); }
        #[derive(plugbox::Shape)] pub enum Kind { A }
        #[derive(plugbox::Shape)] pub struct New { pub a: u8 }
    }
    => [
        "api::Api::b has changed: from method 2, `fn b(&'a self, api::Old)` to method 2, `fn b(&'a self, api::New)`",
        "api::Kind has changed: from a struct to an enum",
        "api::New was added: a struct",
        "api::Old was removed: a struct",
    ]

    a_revision_and_a_foreign_type
    {
        #[plugbox::interface] pub trait Api { fn a(&self, held: Held); }
        #[derive(plugbox::Shape)] #[shape(revision = 1)] pub struct Held { #[shape(foreign)] a: ::std::cell::Cell<u8> }
    }
    {
        #[plugbox::interface] pub trait Api { fn a(&self, held: Held); }
        #[derive(plugbox::Shape)] #[shape(revision = 2)] pub struct Held { #[shape(foreign)] a: ::std::cell::UnsafeCell<u8> }
    }
    => [
        "api::Held.0 has changed: from field 1, `std::cell::Cell<u8>` to field 1, `std::cell::UnsafeCell<u8>`",
        "api::Held has changed: from revision 1 to revision 2",
        "std::cell::UnsafeCell<u8> was added: a foreign type",
        "std::cell::Cell<u8> was removed: a foreign type",
    ]

    neither_words_nor_what_the_compiler_makes_of_a_type
    {
        #[plugbox::interface] pub trait Api { fn a(&self, held: Held) -> Result<(), Held>; }
        #[derive(plugbox::Shape)] #[shape(revision = 1)] pub struct Held { #[shape(foreign)] a: ::std::cell::Cell<u8>, b: u16 }
    }
    {
        type Other = Held;
        /// Documented.
        #[plugbox::interface] pub trait Api { fn a(&self, other: Other) -> std::result::Result<(), Held>; }
        #[derive(plugbox::Shape)] #[shape(revision = 1)] pub struct Held { #[shape(foreign)] a: ::std::cell::Cell<u8>, b: u16 }
    }
    => []
}

/// A golden file of version 1.2.4 for the fixture's interface, with a replaced text.
fn replaced(file: &Path, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    let copy = scratch("golden").join("api.txt");
    fs::write(&copy, text.replace(from, to)).unwrap();
    copy
}

#[test]
fn the_file_says_what_the_source_says() {
    use fixture_api::Plugin;
    let Some(file) = written::<dyn Plugin>("the_file_says_what_the_source_says") else { return };
    expect_test::expect![[r#"
        # `fixture_api::Plugin` as plugins know it. A change needs a new version; `UPDATE_GOLDEN=1 cargo test` writes this file.
        version 1.2.4

        trait fixture_api::Plugin
          auto Send Sync
          method fn name(&'a self) -> String
          method fn first(&'a self) -> u32
          method fn second(&'a self) -> u32
          method fn split(&'a self, &'b str) -> Vec<String>
          method fn grow(&'a mut self, Vec<String>) -> Vec<String>
          method fn reverse(&'a self, Box<[u64]>) -> Box<[u64]>
          method fn sum(&'a self, &'b Option<Vec<Box<fixture_deep::Leaf>>>) -> u64
          method fn change(&'a self, &'b fixture_api::Change) -> fixture_api::Change
          method fn ask(&'a self, &'b dyn fixture_api::Host) -> String
          method fn fail(&'a self, &'b str) -> u32

        struct fixture_deep::Leaf
          impl Send Sync
          field weight: u32
          field count: u32

        struct fixture_api::Change
          needs drop
          impl Send Sync
          field at: usize
          field kind: fixture_api::Kind

        trait fixture_api::Host
          method fn answer(&'a self, &'b str) -> String
          method fn visit(&'a self, &'b mut dyn fixture_api::Visitor)

        enum fixture_api::Kind
          needs drop
          impl Send Sync
          variant Insert = 0
          holds 0: String
          variant Remove = 1
          holds len: u32

        trait fixture_api::Visitor
          method fn see(&'a mut self, u32)
    "#]].assert_eq(&fs::read_to_string(file).unwrap());
}

#[test]
fn a_missing_file_fails_and_says_how_to_write_it() {
    let file = scratch("golden").join("api.txt");
    let expected = "there is no golden file for `fixture_api::Host` yet: write it with `UPDATE_GOLDEN=1 cargo test`, read it, and commit it";
    assert_eq!(said::<dyn fixture_api::Host>(&file), expected);
    assert!(!file.exists());
}

#[test]
fn a_change_without_another_version_needs_the_next_major_one_and_no_update_covers_it_up() {
    use fixture_api::Visitor;
    let test = "a_change_without_another_version_needs_the_next_major_one_and_no_update_covers_it_up";
    let Some(file) = written::<dyn Visitor>(test) else { return };
    let changed = replaced(&file, "see(&'a mut self, u32)", "see(&'a self, u64)");
    expect_test::expect![[r#"
        `fixture_api::Visitor` has changed since version 1.2.4, but version 1.2.4 promises that it has not
          fixture_api::Visitor::see has changed: from method 1, `fn see(&'a self, u64)` to method 1, `fn see(&'a mut self, u32)`
        plugins that were built against 1.2.4 no longer fit. Either
          - undo the change, and add a new interface instead, so that those plugins still fit; or
          - bump the crate's version to 2.0.0 (the next major version), then run `UPDATE_GOLDEN=1 cargo test`; or,
          - if 1.2.4 was never released, delete the file, then run `UPDATE_GOLDEN=1 cargo test`"#]].assert_eq(&said::<dyn Visitor>(&changed));
    let before = fs::read_to_string(&changed).unwrap();
    assert_eq!(updated::<dyn Visitor>(test, &changed), Some(false));
    assert_eq!(fs::read_to_string(&changed).unwrap(), before);
    // A minor version bump does not permit this change either.
    let older = replaced(&changed, "version 1.2.4", "version 1.0.0");
    assert!(said::<dyn Visitor>(&older).contains("bump the crate's version to 2.0.0"));
}

#[test]
fn the_guide_shows_a_change() {
    let Some(file) = written::<dyn fixture_api::Plugin>("the_guide_shows_a_change") else { return };
    let changed = replaced(&file, "  field at: usize\n", "  field version: u64\n  field at: usize\n");
    let message = said::<dyn fixture_api::Plugin>(&changed).replace("fixture_api", "api");
    assert_eq!(format!("golden/plugin.txt: {message}\n"), shown("growing.md", "golden"));
}

#[test]
fn a_change_with_another_version_wants_an_update() {
    use fixture_api::Visitor;
    let test = "a_change_with_another_version_wants_an_update";
    let Some(file) = written::<dyn Visitor>(test) else { return };
    for (from, to) in [("see(&'a mut self, u32)", "see(&'a self, u64)"), ("version", "version")] {
        for version in ["0.9.3", "2.0.0", "1.2.4-rc.1"] {
            let old = replaced(&replaced(&file, from, to), "version 1.2.4", &format!("version {version}"));
            let expected = format!("the file has version {version}, and the crate has version 1.2.4: write it with ");
            assert!(said::<dyn Visitor>(&old).starts_with(&expected), "{}", said::<dyn Visitor>(&old));
            assert_eq!(updated::<dyn Visitor>(test, &old), Some(true));
            assert_eq!(fs::read_to_string(&old).unwrap(), fs::read_to_string(&file).unwrap());
        }
    }
}

#[test]
fn a_later_version_of_the_same_interface_is_fine() {
    use fixture_api::Visitor;
    let Some(file) = written::<dyn Visitor>("a_later_version_of_the_same_interface_is_fine") else { return };
    assert_eq!(said::<dyn Visitor>(&replaced(&file, "version 1.2.4", "version 1.0.0")), "");
    // Line endings that git may have written.
    assert_eq!(said::<dyn Visitor>(&replaced(&file, "\n", "\r\n")), "");
}

#[test]
fn before_1_0_the_next_minor_version_is_needed() {
    #[plugbox::interface]
    pub trait Api {
        fn a(&self);
    }
    let Some(file) = written::<dyn Api>("before_1_0_the_next_minor_version_is_needed") else { return };
    let changed = replaced(&file, "fn a(&'a self)", "fn a(&'a mut self)");
    let next = format!("0.{}.0", env!("CARGO_PKG_VERSION_MINOR").parse::<u32>().unwrap() + 1);
    assert!(said::<dyn Api>(&changed).contains(&format!("bump the crate's version to {next} (the next")));
}

#[test]
fn private_fields_make_every_version_another_and_the_message_says_so() {
    #[plugbox::interface]
    pub trait Api {
        fn a(&self, held: Held);
    }
    #[derive(plugbox::Shape)]
    pub struct Held {
        a: u8,
    }
    let test = "private_fields_make_every_version_another_and_the_message_says_so";
    let Some(file) = written::<dyn Api>(test) else { return };
    let version = env!("CARGO_PKG_VERSION");
    let newer = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"), ".99");
    let older = replaced(&file, version, newer);
    let message = said::<dyn Api>(&older);
    assert_eq!(changes(&message).len(), 1, "{message}");
    assert!(message.contains(&format!("from revision {newer} to revision {version}")), "{message}");
    assert!(message.contains("`#[shape(revision = 1)]`"), "{message}");
}

#[test]
fn another_interface_and_another_file_are_refused() {
    use fixture_api::{Host, Visitor};
    let test = "another_interface_and_another_file_are_refused";
    let Some(file) = written::<dyn Visitor>(test) else { return };
    let expected = "this is the golden file of `fixture_api::Visitor`, not of `fixture_api::Host`";
    assert!(said::<dyn Host>(&file).starts_with(expected));
    fs::write(&file, "something else\n").unwrap();
    assert!(said::<dyn Host>(&file).starts_with("this is not a golden file: "));
    assert_eq!(updated::<dyn Host>(test, &file), Some(false));
}

//! Canonical text: which properties of an interface and of its types it contains, and which it omits.
//!
//! Names contain the path of their module, so two variants of an API in one crate cannot have the same fingerprint.
//! These tests therefore compare the text without the name of the variant's module. A separate test shows that the
//! fingerprint is the hash of this text.

#![allow(clippy::needless_lifetimes, clippy::vec_box, reason = "the tests are about different spellings")]
#![allow(dead_code, unreachable_pub, unused_parens, reason = "the APIs are described, not used")]

use plugbox::__private::{NOTE_NAME, hash};
use plugbox::Interface;

/// Returns the type and the text of each note.
fn notes<I: Interface + ?Sized>() -> Vec<(u32, String)> {
    let mut rest = I::RECORDS;
    let mut notes = Vec::new();
    while !rest.is_empty() {
        let word = |index: usize| u32::from_ne_bytes(rest[index * 4..][..4].try_into().unwrap());
        let (name_len, text_len, kind) = (word(0) as usize, word(1) as usize, word(2));
        assert_eq!(rest[12..][..name_len], NOTE_NAME[..]);
        let text = &rest[12 + name_len..][..text_len];
        notes.push((kind, String::from_utf8(text.to_vec()).unwrap()));
        rest = &rest[(12 + name_len + text_len).next_multiple_of(4)..];
    }
    notes
}

/// Returns the compared text, with `api` instead of the path of the variant's module, and without hashes, which cover
/// that path.
fn text<I: Interface + ?Sized>() -> Vec<String> {
    let module = format!("{}::", I::NAME.strip_suffix("::Api").unwrap());
    let lines = notes::<I>().into_iter().flat_map(|(_, text)| {
        let is_compared = |line: &&str| {
            ["contract ", "version ", "fingerprint ", "below ", "points ", "reaches "]
                .iter()
                .all(|header| !line.starts_with(header))
        };
        let lines = text.lines().filter(is_compared).map(|line| line.replace(&module, "api::"));
        lines.collect::<Vec<_>>()
    });
    lines.collect()
}

/// Returns the lines that only the left text has, after `-`, then the lines that only the right text has, after `+`.
fn difference(left: &[String], right: &[String]) -> Vec<String> {
    let gone = left.iter().filter(|line| !right.contains(line)).map(|line| format!("-{line}"));
    let come = right.iter().filter(|line| !left.contains(line)).map(|line| format!("+{line}"));
    gone.chain(come).collect()
}

/// Expands to the texts of the interface `Api` in two variants.
macro_rules! texts {
    ({ $($left:tt)* } { $($right:tt)* }) => {{
        mod left { $($left)* }
        mod right { $($right)* }
        ($crate::text::<dyn left::Api>(), $crate::text::<dyn right::Api>())
    }};
}

/// Tests that two variants have the same text.
macro_rules! changes_nothing {
    ($($name:ident $left:tt $right:tt)*) => {
        mod changes_nothing {$(
            #[test]
            fn $name() {
                let (left, right) = texts!($left $right);
                assert_eq!(left, right);
            }
        )*}
    };
}

/// Tests that two variants have different texts, and in which lines they differ. The list is empty if only their order
/// differs.
macro_rules! changes_the_text {
    ($($name:ident $left:tt $right:tt => [$($lines:expr),* $(,)?])*) => {
        mod changes_the_text {$(
            #[test]
            fn $name() {
                let (left, right) = texts!($left $right);
                assert_ne!(left, right);
                assert_eq!($crate::difference(&left, &right), &[$($lines),*] as &[&str]);
            }
        )*}
    };
}

changes_nothing! {
    a_foreign_type_that_is_listed_and_not_marked {
        use std::process::ExitStatus;
        type Status = Option<ExitStatus>;
        #[derive(plugbox::Shape)]
        #[shape(foreign(::std::process::ExitStatus, ::std::process::Output))]
        pub struct Page<T> { pub item: T, pub status: ExitStatus }
        #[plugbox::interface(foreign(::std::process::ExitStatus))]
        pub trait Api { fn page(&self, page: Page<Status>, more: &[ExitStatus]) -> Vec<ExitStatus>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Page<T> { pub item: T, #[shape(foreign)] pub status: ::std::process::ExitStatus }
        #[plugbox::interface(foreign(::std::process::Output, ::std::process::ExitStatus))]
        pub trait Api {
            fn page(
                &self,
                page: Page<Option<std::process::ExitStatus>>,
                more: &[::std::process::ExitStatus],
            ) -> Vec<std::process::ExitStatus>;
        }
    }

    an_alias_of_nothing {
        type Nothing = ();
        #[plugbox::interface]
        pub trait Api { fn keep(&self) -> Nothing; }
    } {
        #[plugbox::interface]
        pub trait Api { fn keep(&self); }
    }

    a_lifetime_that_is_named_and_used_once {
        #[plugbox::interface]
        pub trait Api { fn pick<'x, 'y>(&'x self, one: &'y str, other: &'x str) -> &'x str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn pick<'a>(&'a self, one: &str, other: &'a str) -> &'a str; }
    }

    an_alias_of_a_borrow {
        type Text<'a> = &'a str;
        #[derive(plugbox::Shape)]
        pub struct Tag<'x> { pub key: &'static str, pub value: Text<'x> }
        #[plugbox::interface]
        pub trait Api { fn tag(&self) -> Tag<'_>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tag<'a> { pub key: &'static str, pub value: &'a str }
        #[plugbox::interface]
        pub trait Api { fn tag(&self) -> Tag<'_>; }
    }

    an_alias_of_an_object {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        type Object = Box<dyn Peer>;
        type Found<T> = Result<Vec<T>, Object>;
        #[plugbox::interface]
        pub trait Api { fn give(&self, known: Found<u8>) -> Object; }
    } {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn give(&self, known: Result<Vec<u8>, Box<dyn Peer>>) -> Box<dyn Peer>; }
    }

    a_type_alias {
        type Words = Vec<Word>;
        type Word = String;
        #[plugbox::interface]
        pub trait Api { fn words(&self, line: Word) -> Words; }
    } {
        #[plugbox::interface]
        pub trait Api { fn words(&self, line: String) -> Vec<String>; }
    }

    an_alias_of_a_described_type {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        type Change<T> = Option<T>;
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Change<Edit>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Option<Edit>); }
    }

    a_renamed_import {
        use std::string::String as Text;
        use std::collections::BTreeMap as Map;
        #[derive(plugbox::Shape)]
        pub struct Page { pub text: Text }
        #[plugbox::interface]
        pub trait Api { fn pages(&self) -> Map<Text, Page>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Page { pub text: String }
        #[plugbox::interface]
        pub trait Api { fn pages(&self) -> std::collections::BTreeMap<String, Page>; }
    }

    the_path_by_which_a_type_of_std_is_named {
        #[plugbox::interface]
        pub trait Api {
            fn wait(&self, time: core::time::Duration) -> core::option::Option<core::primitive::u8>;
            fn since(&self, start: std::time::Instant, date: std::time::SystemTime);
        }
    } {
        use std::time::{Instant, SystemTime};
        #[plugbox::interface]
        pub trait Api {
            fn wait(&self, time: std::time::Duration) -> Option<u8>;
            fn since(&self, start: Instant, date: SystemTime);
        }
    }

    a_default_parameter_that_is_written_out {
        #[plugbox::interface]
        pub trait Api { fn ages(&self) -> std::collections::HashMap<String, u8>; }
    } {
        #[plugbox::interface]
        pub trait Api { fn ages(&self) -> std::collections::HashMap<String, u8, std::hash::RandomState>; }
    }

    the_name_of_an_argument {
        #[plugbox::interface]
        pub trait Api { fn greet(&self, name: &str) -> String; }
    } {
        #[plugbox::interface]
        pub trait Api { fn greet(&self, _guest: &str) -> String; }
    }

    documentation_and_other_attributes {
        #[derive(plugbox::Shape)]
        pub struct Guest { pub name: String }
        #[plugbox::interface]
        pub trait Api { fn greet(&self, guest: Guest); }
    } {
        /// Somebody.
        #[derive(Clone, Debug, plugbox::Shape)]
        #[must_use]
        pub struct Guest {
            /// Who.
            pub name: String,
        }
        /// Greets.
        #[plugbox::interface]
        #[must_use]
        pub trait Api {
            /// Greets somebody.
            #[deprecated]
            fn greet(&self, guest: Guest);
        }
    }

    the_body_of_a_default_method {
        #[plugbox::interface]
        pub trait Api { fn status(&self) -> Option<String>; }
    } {
        #[plugbox::interface]
        pub trait Api { fn status(&self) -> Option<String> { None } }
    }

    the_name_of_a_lifetime {
        #[derive(plugbox::Shape)]
        pub struct View<'t> { pub text: &'t str }
        #[plugbox::interface]
        pub trait Api { fn longest<'a>(&self, one: &'a str, view: View<'a>) -> &'a str; }
    } {
        #[derive(plugbox::Shape)]
        pub struct View<'text> { pub text: &'text str }
        #[plugbox::interface]
        pub trait Api { fn longest<'long>(&self, one: &'long str, view: View<'long>) -> &'long str; }
    }

    a_lifetime_that_elision_would_give {
        #[plugbox::interface]
        pub trait Api { fn name<'a, 'b>(&'a self, key: &'b str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn name(&self, key: &str) -> &str; }
    }

    where_a_bound_of_a_lifetime_is_written {
        #[plugbox::interface]
        pub trait Api { fn pick<'a, 'b: 'a>(&self, one: &'a str, other: &'b str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn pick<'a, 'b>(&self, one: &'a str, other: &'b str) -> &'a str where 'b: 'a; }
    }

    parentheses_around_a_type {
        #[plugbox::interface]
        pub trait Api { fn greet(&self, name: &(str), times: (u32)) -> (String); }
    } {
        #[plugbox::interface]
        pub trait Api { fn greet(&self, name: &str, times: u32) -> String; }
    }

    an_empty_result_that_is_written_out {
        #[plugbox::interface]
        pub trait Api { fn stop(&self) -> (); }
    } {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    }

    the_order_of_auto_traits {
        #[plugbox::interface]
        pub trait Api: Sync + 'static + Send { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api: Send + Sync + 'static { fn stop(&self); }
    }

    the_path_by_which_an_auto_trait_is_named {
        #[plugbox::interface]
        pub trait Api: core::marker::Send { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api: Send { fn stop(&self); }
    }

    a_type_that_is_not_reached {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Elsewhere { inside: Private }
        #[derive(plugbox::Shape)]
        struct Private(u8);
        #[plugbox::interface]
        pub trait Other { fn elsewhere(&self, value: Elsewhere); }
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    }

    a_method_for_sized_types_only {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api {
            fn named<T: Into<String>>(name: T) -> Self where Self: Sized;
            fn stop(&self);
            fn twice(self) -> (Self, Self) where Self: Sized + Clone { (self.clone(), self) }
        }
    }

    a_method_that_is_configured_out {
        #[plugbox::interface]
        pub trait Api {
            fn stop(&self);
            #[cfg(any())]
            fn run(&self, what: NoSuchType);
        }
    } {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    }

    a_field_that_is_configured_out {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32, #[cfg(any())] pub what: NoSuchType }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    }

    how_a_discriminant_is_computed {
        #[derive(plugbox::Shape)]
        #[repr(u8)]
        pub enum Level { Low = 3, Mid, High = 10 }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } {
        const LOWEST: u8 = 1 + 2;
        #[derive(plugbox::Shape)]
        #[repr(u8)]
        pub enum Level { Low = LOWEST, Mid = LOWEST + 1, High = 0xa }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    }

    the_blanks_in_a_representation {
        #[derive(plugbox::Shape)]
        #[repr(C, align( 8 ))]
        pub struct Point { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(C,align(8))]
        pub struct Point { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    }

    the_order_and_spelling_of_a_representation {
        #[derive(plugbox::Shape)]
        #[repr(packed, C)]
        pub struct Point { pub x: u8, pub y: u32 }
        #[derive(plugbox::Shape)]
        #[repr(C)]
        #[repr(align(0x10))]
        pub struct Wide { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> (Point, Wide); }
    } {
        #[derive(plugbox::Shape)]
        #[repr(C, packed(1))]
        pub struct Point { pub x: u8, pub y: u32 }
        #[derive(plugbox::Shape)]
        #[repr(align(16), C)]
        pub struct Wide { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> (Point, Wide); }
    }

    the_name_of_a_private_field {
        #[derive(plugbox::Shape)]
        #[shape(revision = 1)]
        pub struct Held { pub at: u32, inside: u32 }
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> Held; }
    } {
        #[derive(plugbox::Shape)]
        #[shape(revision = 1)]
        pub struct Held { pub at: u32, hidden: u32 }
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> Held; }
    }

    a_lifetime_of_a_trait_object_that_rust_takes_anyway {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn give(&self) -> Box<dyn Peer>; fn take<'a>(&self, peer: &'a (dyn Peer + 'a)); }
    } {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn give(&self) -> Box<dyn Peer + 'static>; fn take(&self, peer: &dyn Peer); }
    }

    where_a_bound_of_a_type_is_written {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'b: 'a, T: 'static>(pub &'a str, pub &'b str, pub T);
        #[plugbox::interface]
        pub trait Api { fn pair(&self, pair: Pair<'_, '_, u8>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Pair<'x, 'y, Value>(pub &'x str, pub &'y str, pub Value) where Value: 'static, 'y: 'x;
        #[plugbox::interface]
        pub trait Api { fn pair(&self, pair: Pair<'_, '_, u8>); }
    }

    a_macro_that_writes_two_types {
        macro_rules! twice { ($one:ident $other:ident) => {
            #[derive(plugbox::Shape)] pub struct $one { pub at: u32 }
            #[derive(plugbox::Shape)] pub struct $other { pub at: u32 }
        } }
        twice! { One Other }
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: One, other: Other); }
    } {
        #[derive(plugbox::Shape)] pub struct One { pub at: u32 }
        #[derive(plugbox::Shape)] pub struct Other { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: One, other: Other); }
    }

    raw_names_of_lifetimes_and_attributes {
        #[derive(plugbox::Shape)]
        #[r#repr(u8)]
        pub enum Level<'r#a> { Low(&'r#a str), High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level<'_>; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(u8)]
        pub enum Level<'a> { Low(&'a str), High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level<'_>; }
    }

    the_length_of_an_array_by_another_expression {
        const LEN: usize = 2 * 8;
        #[plugbox::interface]
        pub trait Api { fn key(&self) -> [u8; LEN]; }
    } {
        #[plugbox::interface]
        pub trait Api { fn key(&self) -> [u8; 16]; }
    }

    self_for_the_name_of_the_type {
        #[derive(plugbox::Shape)]
        pub struct Tree { pub children: Vec<Self> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tree { pub children: Vec<Tree> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree; }
    }

    self_for_the_name_of_a_generic_type {
        #[derive(plugbox::Shape)]
        pub struct Tree<T> { pub value: T, pub children: Vec<Self> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree<u8>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tree<T> { pub value: T, pub children: Vec<Tree<T>> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree<u8>; }
    }
}

changes_the_text! {
    a_field_that_need_not_live_forever {
        #[derive(plugbox::Shape)]
        pub struct Tag<'a> { pub key: &'static str, pub value: &'a str }
        #[plugbox::interface]
        pub trait Api { fn tag(&self) -> Tag<'_>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tag<'a> { pub key: &'a str, pub value: &'a str }
        #[plugbox::interface]
        pub trait Api { fn tag(&self) -> Tag<'_>; }
    } => ["-field key: &'static str @0", "+field key: &'a str @0"]

    two_borrows_in_one_argument {
        #[plugbox::interface]
        pub trait Api { fn swap<'a, 'b>(&self, pair: &mut (&'a str, &'b str)); }
    } {
        #[plugbox::interface]
        pub trait Api { fn swap<'a>(&self, pair: &mut (&'a str, &'a str)); }
    } => [
        "-method fn swap(&'a self, &'b mut (&'c str, &'d str))",
        "+method fn swap(&'a self, &'b mut (&'c str, &'c str))",
    ]

    which_part_of_a_result_is_tied {
        #[plugbox::interface]
        pub trait Api { fn both<'a>(&self, text: &'a str) -> (&str, &'a str); }
    } {
        #[plugbox::interface]
        pub trait Api { fn both<'a>(&self, text: &'a str) -> (&'a str, &str); }
    } => [
        "-method fn both(&'a self, &'b str) -> (&'a str, &'b str)",
        "+method fn both(&'a self, &'b str) -> (&'b str, &'a str)",
    ]

    another_type_of_the_name_of_a_generic_type {
        pub mod inner { #[derive(plugbox::Shape)] pub struct Node<T> { pub value: T, pub size: u32 } }
        #[derive(plugbox::Shape)]
        pub struct Node<T> { pub inside: Box<inner::Node<T>> }
        #[plugbox::interface]
        pub trait Api { fn node(&self) -> Node<u8>; }
    } {
        pub mod inner { #[derive(plugbox::Shape)] pub struct Node<T> { pub value: T, pub size: f32 } }
        #[derive(plugbox::Shape)]
        pub struct Node<T> { pub inside: Box<inner::Node<T>> }
        #[plugbox::interface]
        pub trait Api { fn node(&self) -> Node<u8>; }
    } => ["-field size: u32 @0", "+field size: f32 @0"]

    the_const_argument_of_a_type_inside_itself {
        #[derive(plugbox::Shape)]
        pub struct Chain<const N: usize> { pub next: Option<Box<Chain<N>>> }
        #[plugbox::interface]
        pub trait Api { fn chain(&self) -> Chain<4>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Chain<const N: usize> { pub next: Option<Box<Chain<5>>> }
        #[plugbox::interface]
        pub trait Api { fn chain(&self, five: Chain<5>) -> Chain<4>; }
    } => [
        "-method fn chain(&'a self) -> api::Chain<4> where api::Chain<4>: Send + Sync",
        "-field next: Option<Box<api::Chain<4>>> @0",
        "+method fn chain(&'a self, api::Chain<5>) -> api::Chain<4> where api::Chain<5>: Send + Sync, api::Chain<4>: Send + Sync",
        "+struct api::Chain<5>",
        "+field next: Option<Box<api::Chain<5>>> @0",
        "+field next: Option<Box<api::Chain<5>>> @0",
    ]

    what_a_cow_is_when_it_is_owned {
        #[derive(plugbox::Shape)]
        pub struct Text { pub bytes: u8 }
        #[derive(plugbox::Shape)]
        pub struct Owned { pub text: Text, pub size: u32 }
        impl std::borrow::Borrow<Text> for Owned { fn borrow(&self) -> &Text { &self.text } }
        impl ToOwned for Text { type Owned = Owned; fn to_owned(&self) -> Owned { unreachable!() } }
        #[plugbox::interface]
        pub trait Api { fn text(&self) -> std::borrow::Cow<'_, Text>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Text { pub bytes: u8 }
        #[derive(plugbox::Shape)]
        pub struct Owned { pub text: Text, pub size: f32 }
        impl std::borrow::Borrow<Text> for Owned { fn borrow(&self) -> &Text { &self.text } }
        impl ToOwned for Text { type Owned = Owned; fn to_owned(&self) -> Owned { unreachable!() } }
        #[plugbox::interface]
        pub trait Api { fn text(&self) -> std::borrow::Cow<'_, Text>; }
    } => ["-field size: u32 @0", "+field size: f32 @0"]

    one_of_two_types_of_one_path {
        pub trait Local { type Type; }
        const _: () = { #[derive(plugbox::Shape)] pub struct Leaf { pub value: i32 } impl Local for u16 { type Type = Leaf; } };
        const _: () = { #[derive(plugbox::Shape)] pub struct Leaf { pub value: u32 } impl Local for u32 { type Type = Leaf; } };
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: <u16 as Local>::Type, other: <u32 as Local>::Type); }
    } {
        pub trait Local { type Type; }
        const _: () = { #[derive(plugbox::Shape)] pub struct Leaf { pub value: i32 } impl Local for u16 { type Type = Leaf; } };
        const _: () = { #[derive(plugbox::Shape)] pub struct Leaf { pub value: f32 } impl Local for u32 { type Type = Leaf; } };
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: <u16 as Local>::Type, other: <u32 as Local>::Type); }
    } => ["-field value: u32 @0", "+field value: f32 @0"]

    the_order_of_methods {
        #[plugbox::interface]
        pub trait Api { fn start(&self); fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); fn start(&self); }
    } => []

    the_name_of_a_method {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn halt(&self); }
    } => ["-method fn stop(&'a self)", "+method fn halt(&'a self)"]

    an_added_default_method {
        #[plugbox::interface]
        pub trait Api { fn start(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn start(&self); fn stop(&self) {} }
    } => ["+method fn stop(&'a self)"]

    a_method_that_is_configured_in {
        #[plugbox::interface]
        pub trait Api { fn start(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn start(&self); #[cfg(all())] fn stop(&self, #[allow(unused)] late: bool); }
    } => ["+method fn stop(&'a self, bool)"]

    an_auto_trait {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api: Send { fn stop(&self); }
    } => ["+auto Send"]

    a_static_bound {
        #[plugbox::interface]
        pub trait Api: Send { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api: Send + 'static { fn stop(&self); }
    } => ["-auto Send", "+auto Send 'static"]

    a_supertrait {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api: Named { fn stop(&self); }
    } => ["+super api::Named", "+trait api::Named", "+method fn name(&'a self) -> String"]

    a_method_of_a_supertrait {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api: Named { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> &str; }
        #[plugbox::interface]
        pub trait Api: Named { fn stop(&self); }
    } => ["-method fn name(&'a self) -> String", "+method fn name(&'a self) -> &'a str"]

    the_order_of_supertraits {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Aged { fn age(&self) -> u32; }
        #[plugbox::interface]
        pub trait Api: Named + Aged { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Named { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Aged { fn age(&self) -> u32; }
        #[plugbox::interface]
        pub trait Api: Aged + Named { fn stop(&self); }
    } => []

    a_method_of_an_interface_that_is_lent {
        #[plugbox::interface]
        pub trait Document { fn text(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn show(&self, document: &dyn Document); }
    } {
        #[plugbox::interface]
        pub trait Document { fn text(&self) -> String; fn line(&self, number: u32) -> String; }
        #[plugbox::interface]
        pub trait Api { fn show(&self, document: &dyn Document); }
    } => ["+method fn line(&'a self, u32) -> String"]

    a_receiver {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn stop(&mut self); }
    } => ["-method fn stop(&'a self)", "+method fn stop(&'a mut self)"]

    a_reference {
        #[plugbox::interface]
        pub trait Api { fn fill(&self, one: &[u8], two: &mut [u8], three: &[u8]); }
    } {
        #[plugbox::interface]
        pub trait Api { fn fill(&self, one: &[u8], two: &[u8], three: [u8; 3]); }
    } => [
        "-method fn fill(&'a self, &'b [u8], &'c mut [u8], &'d [u8])",
        "+method fn fill(&'a self, &'b [u8], &'c [u8], [u8; 3])",
    ]

    a_result {
        #[plugbox::interface]
        pub trait Api { fn stop(&self); }
    } {
        #[plugbox::interface]
        pub trait Api { fn stop(&self) -> ((),); }
    } => ["-method fn stop(&'a self)", "+method fn stop(&'a self) -> (())"]

    which_borrow_a_result_is_tied_to {
        #[plugbox::interface]
        pub trait Api { fn trim<'a>(&self, text: &'a str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn trim(&self, text: &str) -> &str; }
    } => ["-method fn trim(&'a self, &'b str) -> &'b str", "+method fn trim(&'a self, &'b str) -> &'a str"]

    which_argument_a_result_is_tied_to {
        #[plugbox::interface]
        pub trait Api { fn pick<'a>(&self, one: &'a str, other: &str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn pick<'a>(&self, one: &str, other: &'a str) -> &'a str; }
    } => [
        "-method fn pick(&'a self, &'b str, &'c str) -> &'b str",
        "+method fn pick(&'a self, &'b str, &'c str) -> &'c str",
    ]

    an_argument_that_must_live_as_long_as_the_object {
        #[plugbox::interface]
        pub trait Api { fn keep(&self, text: &str); }
    } {
        #[plugbox::interface]
        pub trait Api { fn keep<'a>(&'a self, text: &'a str); }
    } => ["-method fn keep(&'a self, &'b str)", "+method fn keep(&'a self, &'a str)"]

    an_argument_that_must_live_forever {
        #[plugbox::interface]
        pub trait Api { fn keep(&self, text: &str); }
    } {
        #[plugbox::interface]
        pub trait Api { fn keep(&self, text: &'static str); }
    } => ["-method fn keep(&'a self, &'b str)", "+method fn keep(&'a self, &'static str)"]

    a_bound_of_a_lifetime {
        #[plugbox::interface]
        pub trait Api { fn pick<'a, 'b>(&self, one: &'a str, other: &'b str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn pick<'a, 'b>(&self, one: &'a str, other: &'b str) -> &'a str where 'b: 'a; }
    } => [
        "-method fn pick(&'a self, &'b str, &'c str) -> &'b str",
        "+method fn pick(&'a self, &'b str, &'c str) -> &'b str where 'c: 'b",
    ]

    the_order_of_fields {
        #[derive(plugbox::Shape)]
        #[repr(C)]
        pub struct Point { pub x: u8, pub y: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(C)]
        pub struct Point { pub y: u8, pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } => ["-field x: u8 @0", "-field y: u8 @1", "+field y: u8 @0", "+field x: u8 @1"]

    the_name_of_a_field {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub r#where: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } => ["-field at: u32 @0", "+field where: u32 @0"]

    the_type_of_a_field {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: i32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } => ["-field at: u32 @0", "+field at: i32 @0"]

    a_field_deep_inside {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: u32 }
        #[derive(plugbox::Shape)]
        pub struct Branch { pub leaves: Option<Vec<Box<Leaf>>> }
        #[plugbox::interface]
        pub trait Api { fn grow(&self, branch: &mut [(u8, Branch)]); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: f32 }
        #[derive(plugbox::Shape)]
        pub struct Branch { pub leaves: Option<Vec<Box<Leaf>>> }
        #[plugbox::interface]
        pub trait Api { fn grow(&self, branch: &mut [(u8, Branch)]); }
    } => ["-field value: u32 @0", "+field value: f32 @0"]

    a_field_behind_the_payload_of_a_variant {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: u32 }
        #[derive(plugbox::Shape)]
        pub enum Plant { Moss, Tree { leaves: Vec<Leaf> } }
        #[plugbox::interface]
        pub trait Api { fn grow(&self) -> Plant; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: f32 }
        #[derive(plugbox::Shape)]
        pub enum Plant { Moss, Tree { leaves: Vec<Leaf> } }
        #[plugbox::interface]
        pub trait Api { fn grow(&self) -> Plant; }
    } => ["-field value: u32 @0", "+field value: f32 @0"]

    the_argument_of_a_generic_type {
        #[derive(plugbox::Shape)]
        pub struct Near<T> { pub value: T }
        #[plugbox::interface]
        pub trait Api { fn near(&self) -> Near<u32>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Near<T> { pub value: T }
        #[plugbox::interface]
        pub trait Api { fn near(&self) -> Near<i32>; }
    } => [
        "-method fn near(&'a self) -> api::Near<u32> where api::Near<u32>: Send + Sync",
        "-struct api::Near<u32>",
        "-field value: u32 @0",
        "+method fn near(&'a self) -> api::Near<i32> where api::Near<i32>: Send + Sync",
        "+struct api::Near<i32>",
        "+field value: i32 @0",
    ]

    a_tuple_struct_for_one_with_names {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit(pub u32);
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } => ["-field at: u32 @0", "+field 0: u32 @0"]

    the_order_of_variants {
        #[derive(plugbox::Shape)]
        pub enum Level { Low, High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } {
        #[derive(plugbox::Shape)]
        pub enum Level { High, Low }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } => ["-variant Low = 0", "-variant High = 1", "+variant High = 0", "+variant Low = 1"]

    a_discriminant {
        #[derive(plugbox::Shape)]
        #[repr(i8)]
        pub enum Level { Low, High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(i8)]
        pub enum Level { Low = -7, High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } => ["-variant Low = 0", "-variant High = 1", "+variant Low = -7", "+variant High = -6"]

    the_payload_of_a_variant {
        #[derive(plugbox::Shape)]
        #[repr(u8)]
        pub enum Key { Enter, Letter(u8), At { x: u8 } }
        #[plugbox::interface]
        pub trait Api { fn key(&self) -> Key; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(u8)]
        pub enum Key { Enter, Letter(i8), At { x: bool } }
        #[plugbox::interface]
        pub trait Api { fn key(&self) -> Key; }
    } => ["-holds 0: u8", "-holds x: u8", "+holds 0: i8", "+holds x: bool"]

    the_representation {
        #[derive(plugbox::Shape)]
        pub struct Point { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(transparent)]
        pub struct Point { pub x: u8 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } => ["+repr transparent"]

    the_alignment {
        #[derive(plugbox::Shape)]
        #[repr(C)]
        pub struct Point { pub x: u32 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } {
        #[derive(plugbox::Shape)]
        #[repr(C, align(8))]
        pub struct Point { pub x: u32 }
        #[plugbox::interface]
        pub trait Api { fn at(&self) -> Point; }
    } => ["-size 4", "-align 4", "-repr C", "+size 8", "+align 8", "+repr C,align(8)"]

    a_const_argument {
        #[derive(plugbox::Shape)]
        pub struct Key<const BITS: i8> { pub id: u32 }
        #[plugbox::interface]
        pub trait Api { fn key(&self, key: &Key<8>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Key<const BITS: i8> { pub id: u32 }
        #[plugbox::interface]
        pub trait Api { fn key(&self, key: &Key<-8>); }
    } => [
        "-method fn key(&'a self, &'b api::Key<8>) where api::Key<8>: Send + Sync",
        "-struct api::Key<8>",
        "+method fn key(&'a self, &'b api::Key<-8>) where api::Key<-8>: Send + Sync",
        "+struct api::Key<-8>",
    ]

    the_length_of_an_array {
        #[derive(plugbox::Shape)]
        pub struct Key<T, const LEN: usize> { pub bytes: [T; LEN] }
        #[plugbox::interface]
        pub trait Api { fn key(&self, old: [bool; 2]) -> Option<Box<Key<u8, 4>>>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Key<T, const LEN: usize> { pub bytes: [T; LEN] }
        #[plugbox::interface]
        pub trait Api { fn key(&self, old: [bool; 3]) -> Option<Box<Key<u8, 5>>>; }
    } => [
        "-method fn key(&'a self, [bool; 2]) -> Option<Box<api::Key<u8, 4>>> where api::Key<u8, 4>: Send + Sync",
        "-struct api::Key<u8, 4>",
        "-size 4",
        "-field bytes: [u8; 4] @0",
        "+method fn key(&'a self, [bool; 3]) -> Option<Box<api::Key<u8, 5>>> where api::Key<u8, 5>: Send + Sync",
        "+struct api::Key<u8, 5>",
        "+size 5",
        "+field bytes: [u8; 5] @0",
    ]

    a_field_that_becomes_private {
        #[derive(plugbox::Shape)]
        pub struct Edit { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit { at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } => ["-field at: u32 @0", "+revision 0.1.0", "+field 0: u32 @0"]

    a_field_that_only_its_crate_sees {
        #[derive(plugbox::Shape)]
        pub struct Edit<T>(pub T);
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit<u8>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Edit<T>(pub(crate) T);
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit<u8>); }
    } => [concat!("+revision ", env!("CARGO_PKG_VERSION"))]

    a_revision_which_takes_the_place_of_the_version {
        #[derive(plugbox::Shape)]
        pub struct Edit { at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } {
        #[derive(plugbox::Shape)]
        #[shape(revision = 3)]
        pub struct Edit { at: u32 }
        #[plugbox::interface]
        pub trait Api { fn apply(&self, edit: Edit); }
    } => [concat!("-revision ", env!("CARGO_PKG_VERSION")), "+revision 3"]

    a_revision_of_an_enum {
        #[derive(plugbox::Shape)]
        pub enum Level { Low, High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } {
        #[derive(plugbox::Shape)]
        #[shape(revision = 12)]
        pub enum Level { Low, High }
        #[plugbox::interface]
        pub trait Api { fn level(&self) -> Level; }
    } => ["+revision 12"]

    the_lifetime_of_a_listed_type {
        #[plugbox::interface(foreign(::std::path::Component<'_>))]
        pub trait Api {
            fn first<'a, 'b>(&self, of: std::path::Component<'a>, or: std::path::Component<'b>) -> std::path::Component<'a>;
        }
    } {
        #[plugbox::interface(foreign(::std::path::Component<'_>))]
        pub trait Api {
            fn first<'a, 'b>(&self, of: std::path::Component<'a>, or: std::path::Component<'b>) -> std::path::Component<'b>;
        }
    } => [
        "-method fn first(&'a self, std::path::Component<'b>, std::path::Component<'c>) -> std::path::Component<'b>",
        "+method fn first(&'a self, std::path::Component<'b>, std::path::Component<'c>) -> std::path::Component<'c>",
    ]

    the_argument_of_a_listed_type {
        type Item<'a> = &'a str;
        #[plugbox::interface(foreign(::core::array::IntoIter<Item<'_>, 2>, ::core::array::IntoIter<u8, 2>))]
        pub trait Api { fn items<'a>(&'a self, items: Option<std::array::IntoIter<&'a str, 2>>); }
    } {
        type Item = u8;
        #[plugbox::interface(foreign(::core::array::IntoIter<&'_ str, 2>, ::core::array::IntoIter<u8, 2>))]
        pub trait Api { fn items<'a>(&'a self, items: Option<std::array::IntoIter<Item, 2>>); }
    } => [
        "-method fn items(&'a self, Option<core::array::IntoIter<&'a str, 2>>)",
        "-foreign core::array::IntoIter<&str, 2>",
        "-size 48",
        "+method fn items(&'a self, Option<core::array::IntoIter<u8, 2>>)",
        "+foreign core::array::IntoIter<u8, 2>",
        "+size 24",
    ]

    a_listed_type_behind_an_alias {
        type Key = Option<std::thread::ThreadId>;
        #[plugbox::interface(foreign(::std::thread::ThreadId, ::std::num::FpCategory))]
        pub trait Api { fn key(&self) -> Key; }
    } {
        type Key = Option<std::num::FpCategory>;
        #[plugbox::interface(foreign(::std::thread::ThreadId, ::std::num::FpCategory))]
        pub trait Api { fn key(&self) -> Key; }
    } => [
        "-method fn key(&'a self) -> Option<std::thread::ThreadId>",
        "-foreign std::thread::ThreadId", "-size 8", "-align 8",
        "+method fn key(&'a self) -> Option<std::num::FpCategory>",
        "+foreign std::num::FpCategory", "+size 1", "+align 1",
    ]

    the_name_of_a_foreign_type {
        #[derive(plugbox::Shape)]
        pub struct Page { #[shape(foreign)] pub bytes: ::std::cell::Cell<u8> }
        #[plugbox::interface]
        pub trait Api { fn page(&self) -> Page; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Page { #[shape(foreign)] pub bytes: ::std::cell::UnsafeCell<u8> }
        #[plugbox::interface]
        pub trait Api { fn page(&self) -> Page; }
    } => [
        "-field bytes: std::cell::Cell<u8> @0", "-foreign std::cell::Cell<u8>",
        "+field bytes: std::cell::UnsafeCell<u8> @0", "+foreign std::cell::UnsafeCell<u8>",
    ]

    a_parameter_of_a_foreign_type_in_a_generic_type {
        #[derive(plugbox::Shape)]
        pub struct Page<T, const N: usize> { #[shape(foreign)] pub bytes: ::core::array::IntoIter<T, N> }
        #[plugbox::interface]
        pub trait Api { fn page(&self, page: &Page<u64, 1>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Page<T, const N: usize> { #[shape(foreign)] pub bytes: ::core::array::IntoIter<T, N> }
        #[plugbox::interface]
        pub trait Api { fn page(&self, page: &Page<u64, 2>); }
    } => [
        "-method fn page(&'a self, &'b api::Page<u64, 1>) where api::Page<u64, 1>: Send + Sync",
        "-struct api::Page<u64, 1>",
        "-size 24",
        "-field bytes: core::array::IntoIter<u64, 1> @0",
        "-foreign core::array::IntoIter<u64, 1>",
        "-size 24",
        "+method fn page(&'a self, &'b api::Page<u64, 2>) where api::Page<u64, 2>: Send + Sync",
        "+struct api::Page<u64, 2>",
        "+size 32",
        "+field bytes: core::array::IntoIter<u64, 2> @0",
        "+foreign core::array::IntoIter<u64, 2>",
        "+size 32",
    ]

    a_field_of_a_type_that_contains_itself {
        #[derive(plugbox::Shape)]
        pub struct Tree { pub children: Vec<Tree> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self, tree: &Tree); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tree { pub children: Box<[Tree]> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self, tree: &Tree); }
    } => [
        format!("-size {}", size_of::<Vec<u8>>()).as_str(), "-field children: Vec<api::Tree> @0",
        format!("+size {}", size_of::<Box<[u8]>>()).as_str(), "+field children: Box<[api::Tree]> @0",
    ]

    a_field_of_one_of_two_types_that_contain_each_other {
        #[derive(plugbox::Shape)]
        pub struct Folder { pub entries: Vec<Entry> }
        #[derive(plugbox::Shape)]
        pub enum Entry { File(String), Folder(Folder) }
        #[plugbox::interface]
        pub trait Api { fn list(&self, folder: &Folder); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Folder { pub entries: Vec<Entry> }
        #[derive(plugbox::Shape)]
        pub enum Entry { File(Vec<u8>), Folder(Folder) }
        #[plugbox::interface]
        pub trait Api { fn list(&self, folder: &Folder); }
    } => ["-holds 0: String", "+holds 0: Vec<u8>"]

    a_field_of_one_of_two_generic_types_that_contain_each_other {
        #[derive(plugbox::Shape)]
        pub struct Folder<T> { pub entries: Vec<Entry<T>> }
        #[derive(plugbox::Shape)]
        pub enum Entry<T> { File(T), Link(String), Folder(#[shape(recursive = Folder)] Folder<T>) }
        #[plugbox::interface]
        pub trait Api { fn list(&self, folder: &Folder<u8>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Folder<T> { pub entries: Vec<Entry<T>> }
        #[derive(plugbox::Shape)]
        pub enum Entry<T> { File(T), Link(Vec<u8>), Folder(#[shape(recursive = Folder)] Folder<T>) }
        #[plugbox::interface]
        pub trait Api { fn list(&self, folder: &Folder<u8>); }
    } => ["-holds 0: String", "+holds 0: Vec<u8>"]

    a_field_behind_an_argument_of_a_type_that_contains_itself {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: u32 }
        #[derive(plugbox::Shape)]
        pub struct Tree<T> { pub value: T, pub children: Vec<Tree<T>> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree<Leaf>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Leaf { pub value: i32 }
        #[derive(plugbox::Shape)]
        pub struct Tree<T> { pub value: T, pub children: Vec<Tree<T>> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self) -> Tree<Leaf>; }
    } => ["-field value: u32 @0", "+field value: i32 @0"]
    a_bound_between_lifetimes_of_a_type {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'b>(pub &'a str, pub &'b str);
        #[plugbox::interface]
        pub trait Api { fn pair(&self) -> Pair<'_, '_>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'b: 'a>(pub &'a str, pub &'b str);
        #[plugbox::interface]
        pub trait Api { fn pair(&self) -> Pair<'_, '_>; }
    } => ["+where 'b: 'a"]

    a_bound_of_a_parameter_by_a_lifetime {
        #[derive(plugbox::Shape)]
        pub struct Wrap<T>(pub T);
        #[plugbox::interface]
        pub trait Api { fn wrap(&self, wrap: Wrap<u8>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Wrap<T: 'static>(pub T);
        #[plugbox::interface]
        pub trait Api { fn wrap(&self, wrap: Wrap<u8>); }
    } => ["+where T: 'static"]

    the_lifetime_of_a_trait_object {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn peer(&self) -> Box<dyn Peer>; fn lent<'a>(&'a self, peer: &mut (dyn Peer + 'a)); }
    } {
        #[plugbox::interface]
        pub trait Peer { fn name(&self) -> String; }
        #[plugbox::interface]
        pub trait Api { fn peer(&self) -> Box<dyn Peer + '_>; fn lent<'a>(&'a self, peer: &mut dyn Peer); }
    } => [
        "-method fn peer(&'a self) -> Box<dyn api::Peer>",
        "-method fn lent(&'a self, &'b mut (dyn api::Peer + 'a))",
        "+method fn peer(&'a self) -> Box<dyn api::Peer + 'a>",
        "+method fn lent(&'a self, &'b mut dyn api::Peer)",
    ]

    a_bound_of_the_object {
        #[plugbox::interface]
        pub trait Api { fn name<'a>(&self, text: &'a str) -> &'a str; }
    } {
        #[plugbox::interface]
        pub trait Api { fn name<'a>(&self, text: &'a str) -> &'a str where Self: 'a; }
    } => [
        "-method fn name(&'a self, &'b str) -> &'b str",
        "+method fn name(&'a self, &'b str) -> &'b str where Self: 'b",
    ]

    the_order_of_the_lifetimes_of_a_type {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'b> { pub one: &'a str, pub other: &'b str }
        #[plugbox::interface]
        pub trait Api { fn pair<'x, 'y>(&self, pair: Pair<'x, 'y>) -> &'x str; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'b> { pub one: &'b str, pub other: &'a str }
        #[plugbox::interface]
        pub trait Api { fn pair<'x, 'y>(&self, pair: Pair<'x, 'y>) -> &'x str; }
    } => [
        "-field one: &'a str @0",
        "-field other: &'b str @16",
        "+field one: &'b str @0",
        "+field other: &'a str @16",
    ]

    lifetimes_around_an_argument {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, T> { pub one: (T, &'a str), pub all: Vec<T> }
        #[plugbox::interface]
        pub trait Api { fn pair(&self, pair: Pair<'_, &str>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, T> { pub one: (&'a str, T), pub all: Vec<T> }
        #[plugbox::interface]
        pub trait Api { fn pair(&self, pair: Pair<'_, &str>); }
    } => ["-field one: (&str, &'a str) @24", "+field one: (&'a str, &str) @24"]

    a_drop_that_a_type_has_gained {
        #[derive(plugbox::Shape)]
        pub struct Held { pub text: String }
        #[derive(plugbox::Shape)]
        pub struct Plain { pub at: u8 }
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> (Held, Plain); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Held { pub text: String }
        impl Drop for Held { fn drop(&mut self) {} }
        #[derive(plugbox::Shape)]
        pub struct Plain { pub at: u8 }
        impl Drop for Plain { fn drop(&mut self) {} }
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> (Held, Plain); }
    } => ["-impl Send Sync", "-impl Send Sync", "+impl Drop Send Sync", "+impl Drop Send Sync"]

    a_copy_that_a_type_has_lost {
        #[derive(plugbox::Shape, Clone, Copy)]
        pub struct Plain { pub at: u8 }
        #[plugbox::interface]
        pub trait Api { fn plain(&self) -> Plain; }
    } {
        #[derive(plugbox::Shape, Clone)]
        pub struct Plain { pub at: u8 }
        #[plugbox::interface]
        pub trait Api { fn plain(&self) -> Plain; }
    } => ["-impl Copy Send Sync", "+impl Send Sync"]

    what_a_type_may_do_on_threads {
        #[derive(plugbox::Shape)]
        pub struct Held { pub at: std::rc::Rc<u8> }
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> Held; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Held { pub at: std::rc::Rc<u8> }
        // SAFETY: the tests make no value of it.
        unsafe impl Send for Held {}
        // SAFETY: the tests make no value of it.
        unsafe impl Sync for Held {}
        #[plugbox::interface]
        pub trait Api { fn held(&self) -> Held; }
    } => ["+impl Send Sync"]

    what_a_generic_type_may_do_where_it_is_used {
        #[derive(plugbox::Shape)]
        pub struct Wrap<T>(pub T);
        #[derive(plugbox::Shape)]
        pub struct Field { pub wraps: Vec<Box<Wrap<u32>>> }
        #[plugbox::interface]
        pub trait Api { fn wrap(&self, wrap: &[Wrap<u32>], field: Field) -> Option<Wrap<u16>>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Wrap<T>(pub T);
        impl<T> Clone for Wrap<T> where T: Copy { fn clone(&self) -> Self { *self } }
        impl<T: Copy> Copy for Wrap<T> {}
        #[derive(plugbox::Shape)]
        pub struct Field { pub wraps: Vec<Box<Wrap<u32>>> }
        #[plugbox::interface]
        pub trait Api { fn wrap(&self, wrap: &[Wrap<u32>], field: Field) -> Option<Wrap<u16>>; }
    } => [
        "-method fn wrap(&'a self, &'b [api::Wrap<u32>], api::Field) -> Option<api::Wrap<u16>> where api::Wrap<u32>: Send + Sync, api::Wrap<u16>: Send + Sync",
        "-field wraps: Vec<Box<api::Wrap<u32>>> where api::Wrap<u32>: Send + Sync @0",
        "+method fn wrap(&'a self, &'b [api::Wrap<u32>], api::Field) -> Option<api::Wrap<u16>> where api::Wrap<u32>: Copy + Send + Sync, api::Wrap<u16>: Copy + Send + Sync",
        "+field wraps: Vec<Box<api::Wrap<u32>>> where api::Wrap<u32>: Copy + Send + Sync @0",
    ]

    what_orders_and_hashes_the_keys_of_maps {
        use std::collections::{BTreeSet, HashMap};
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Key { pub inside: Inside }
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Inside { pub at: u32 }
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[shape(revision = 1)]
        pub struct Promised { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn keys(&self, map: HashMap<u8, Key>, set: BTreeSet<u8>, promised: Promised); }
    } {
        use std::collections::{BTreeSet, HashMap};
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Key { pub inside: Inside }
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct Inside { pub at: u32 }
        #[derive(plugbox::Shape, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[shape(revision = 1)]
        pub struct Promised { pub at: u32 }
        #[plugbox::interface]
        pub trait Api { fn keys(&self, map: HashMap<Vec<Key>, u8>, set: BTreeSet<Promised>, promised: Promised); }
    } => [
        "-method fn keys(&'a self, HashMap<u8, api::Key, RandomState>, BTreeSet<u8>, api::Promised)",
        "+method fn keys(&'a self, HashMap<Vec<api::Key>, u8, RandomState>, BTreeSet<api::Promised>, api::Promised)",
        "+key 0.1.0",
        "+key 0.1.0",
    ]

    a_second_type_of_one_path {
        pub trait Of { type Type; }
        const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: u32 }
            impl Of for u8 { type Type = One; }
        };
        const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: u32 }
            impl Of for u16 { type Type = One; }
        };
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: Vec<<u8 as Of>::Type>, other: <u8 as Of>::Type); }
    } {
        pub trait Of { type Type; }
        const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: u32 }
            impl Of for u8 { type Type = One; }
        };
        const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: u32 }
            impl Of for u16 { type Type = One; }
        };
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: Vec<<u8 as Of>::Type>, other: <u16 as Of>::Type); }
    } => [
        "-method fn both(&'a self, Vec<api::One>, api::One)",
        "+method fn both(&'a self, Vec<api::One>, api::One#2)",
        "+struct api::One#2",
    ]

    one_of_two_types_that_one_macro_makes {
        pub trait Of { type Type; }
        macro_rules! make { ($($for:ident $inside:ty),*) => { $( const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: $inside }
            impl Of for $for { type Type = One; }
        }; )* } }
        make! { u8 u32, u16 u32 }
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: <u8 as Of>::Type, other: Option<<u16 as Of>::Type>); }
    } {
        pub trait Of { type Type; }
        macro_rules! make { ($($for:ident $inside:ty),*) => { $( const _: () = {
            #[derive(plugbox::Shape)] pub struct One { pub at: $inside }
            impl Of for $for { type Type = One; }
        }; )* } }
        make! { u8 u32, u16 i32 }
        #[plugbox::interface]
        pub trait Api { fn both(&self, one: <u8 as Of>::Type, other: Option<<u16 as Of>::Type>); }
    } => ["+field at: i32 @0"]

    the_constant_of_a_type_that_is_named_inside_another {
        #[derive(plugbox::Shape)]
        pub struct Tree<T, const N: usize> {
            pub value: [T; N],
            #[shape(recursive = Forest)]
            pub forest: Option<Box<Forest<T, 4>>>,
        }
        #[derive(plugbox::Shape)]
        pub struct Forest<T, const N: usize> { pub trees: Vec<Tree<T, N>> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self, one: Forest<u8, 4>, other: Forest<u8, 5>); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Tree<T, const N: usize> {
            pub value: [T; N],
            #[shape(recursive = Forest)]
            pub forest: Option<Box<Forest<T, 5>>>,
        }
        #[derive(plugbox::Shape)]
        pub struct Forest<T, const N: usize> { pub trees: Vec<Tree<T, N>> }
        #[plugbox::interface]
        pub trait Api { fn tree(&self, one: Forest<u8, 4>, other: Forest<u8, 5>); }
    } => [
        "-field forest: Option<Box<api::Forest<u8, 4>>> @0",
        "-field forest: Option<Box<api::Forest<u8, 4>>> @0",
        "+field forest: Option<Box<api::Forest<u8, 5>>> @0",
        "+field forest: Option<Box<api::Forest<u8, 5>>> @0",
    ]

    raw_lifetimes_that_change_places {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'r#b> { pub one: &'a str, pub other: &'r#b str }
        #[plugbox::interface]
        pub trait Api { fn pair(&self) -> Pair<'_, '_>; }
    } {
        #[derive(plugbox::Shape)]
        pub struct Pair<'a, 'r#b> { pub one: &'r#b str, pub other: &'a str }
        #[plugbox::interface]
        pub trait Api { fn pair(&self) -> Pair<'_, '_>; }
    } => [
        "-field one: &'a str @0",
        "-field other: &'b str @16",
        "+field one: &'b str @0",
        "+field other: &'a str @16",
    ]

    a_lifetime_that_is_called_as_the_output_would_call_one {
        #[plugbox::interface]
        pub trait Api { fn keep<'plugbox_1>(&self, a: &str, b: &mut Vec<&'plugbox_1 str>); }
    } {
        #[plugbox::interface]
        pub trait Api { fn keep<'x>(&self, a: &'x str, b: &mut Vec<&'x str>); }
    } => [
        "-method fn keep(&'a self, &'b str, &'c mut Vec<&'d str>)",
        "+method fn keep(&'a self, &'b str, &'c mut Vec<&'b str>)",
    ]

    keys_of_a_type_that_may_be_a_map {
        #[derive(plugbox::Shape)]
        pub struct Key { pub at: u32 }
        #[derive(plugbox::Shape)]
        #[shape(revision = 1)]
        pub struct Map<K> { pub slots: Vec<K> }
        #[derive(plugbox::Shape)]
        pub struct Held { #[shape(foreign)] pub slots: ::std::array::IntoIter<u8, 2> }
        #[plugbox::interface]
        pub trait Api { fn map(&self, map: Map<Key>, held: Held); }
    } {
        #[derive(plugbox::Shape)]
        pub struct Key { pub at: u32 }
        #[derive(plugbox::Shape)]
        #[shape(revision = 1)]
        pub struct Map<K> { slots: Vec<K> }
        #[derive(plugbox::Shape)]
        pub struct Held { #[shape(foreign)] pub slots: ::std::array::IntoIter<Other, 2> }
        #[derive(plugbox::Shape)]
        pub struct Other(pub u8);
        #[plugbox::interface]
        pub trait Api { fn map(&self, map: Map<Key>, held: Held); }
    } => [
        "-field slots: Vec<api::Key> @0",
        "-field slots: std::array::IntoIter<u8, 2> @0",
        "-foreign std::array::IntoIter<u8, 2>",
        "+field 0: Vec<api::Key> @0",
        "+field slots: std::array::IntoIter<api::Other, 2> @0",
        "+key 0.1.0",
        "+foreign std::array::IntoIter<api::Other, 2>",
        "+struct api::Other",
        "+size 1",
        "+align 1",
        "+key 0.1.0",
        "+field 0: u8 @0",
    ]
}

mod paint {
    #[derive(plugbox::Shape)]
    #[repr(C)]
    pub struct Brush<'a, T, const LEN: usize> {
        pub name: &'a str,
        pub palette: [T; LEN],
        wet: bool,
    }

    #[derive(plugbox::Shape)]
    #[repr(u8)]
    pub enum Color {
        Grey = 8,
        Mixed(u8, u8, u8),
        Named { index: u16 },
    }

    #[derive(plugbox::Shape)]
    pub struct Stroke {
        pub next: Option<Box<Stroke>>,
    }

    #[plugbox::interface]
    pub trait Named {
        fn name(&self) -> &str;
    }

    #[plugbox::interface]
    pub trait Canvas {
        fn stroke(&mut self, stroke: Stroke);
    }

    #[plugbox::interface]
    pub trait Api: Named + Sync + Send {
        fn paint(&mut self, brush: &Brush<'_, Color, 2>, canvas: &mut dyn Canvas) -> Result<(), String>;
        fn trim<'a>(&self, text: &'a str) -> &'a str;
        fn stop(&self) {}
        fn boxed(self) -> Box<dyn Api>
        where
            Self: Sized + 'static,
        {
            Box::new(self)
        }
    }
}

/// This test is only for 64-bit targets, because the sizes of references depend on the target.
#[cfg(target_pointer_width = "64")]
#[test]
fn this_is_the_whole_text_of_a_small_interface() {
    let expected = "\
trait api::Api
super api::Named
auto Send Sync
method fn paint(&'a mut self, &'b api::Brush<'c, api::Color, 2>, &'d mut dyn api::Canvas) -> Result<(), String> \
    where api::Brush<api::Color, 2>: Send + Sync
method fn trim(&'a self, &'b str) -> &'b str
method fn stop(&'a self)
trait api::Named
method fn name(&'a self) -> &'a str
struct api::Brush<api::Color, 2>
size 32
align 8
repr C
revision 0.1.0
field name: &'a str @0
field palette: [api::Color; 2] @16
field 2: bool @24
trait api::Canvas
method fn stroke(&'a mut self, api::Stroke)
enum api::Color
size 4
align 2
repr u8
key 0.1.0
impl Send Sync
variant Grey = 8
variant Mixed = 9
holds 0: u8
holds 1: u8
holds 2: u8
variant Named = 10
holds index: u16
struct api::Stroke
size 8
align 8
needs drop
impl Send Sync
field next: Option<Box<api::Stroke>> @0
";
    let text = text::<dyn paint::Api>().join("\n") + "\n";
    assert_eq!(text, expected.replace("0.1.0", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_fingerprint_is_the_hash_of_the_text_and_of_the_hashes_of_what_it_reaches() {
    let notes = notes::<dyn paint::Api>();
    let (interface, shapes) = notes.split_first().unwrap();
    assert_eq!(interface.0, 0x102);

    let ids: Vec<&str> = interface.1.lines().filter_map(|line| line.strip_prefix("reaches ")).collect();
    let hashes: Vec<String> = shapes
        .iter()
        .map(|(kind, text)| {
            assert_eq!(*kind, 0x103);
            hash(text.strip_prefix("contract 1\n").unwrap().as_bytes()).to_string()
        })
        .collect();
    assert_eq!(ids, hashes);

    let fingerprint = <dyn paint::Api>::FINGERPRINT.to_string();
    let version = env!("CARGO_PKG_VERSION");
    let header = format!("contract 1\nversion {version}\nfingerprint {fingerprint}\n");
    // The gate compares the versions of other interfaces, so the hash does not cover them. Where values point follows
    // from the rest.
    let below =
        ["Named", "Canvas"].map(|name| format!("below {}::{name} {version}\n", module_path!().to_owned() + "::paint"));
    let canonical = interface.1.strip_prefix(&(header + &below.concat() + "points static\n")).unwrap();
    assert_eq!(hash(canonical.as_bytes()).to_string(), fingerprint);
}

#[test]
fn a_type_that_is_met_twice_has_one_record() {
    mod api {
        #[derive(plugbox::Shape)]
        pub struct Leaf<T>(pub T);
        #[plugbox::interface]
        pub trait Api {
            fn one(&self, leaf: &Leaf<u8>) -> Vec<Leaf<u8>>;
            fn other(&self, leaf: Option<Leaf<u8>>) -> Leaf<u16>;
            fn itself(&self, api: &dyn Api);
        }
    }
    let heads: Vec<String> = text::<dyn api::Api>().into_iter().filter(|line| line.contains("Leaf<u")).collect();
    let structs: Vec<&String> = heads.iter().filter(|line| line.starts_with("struct ")).collect();
    assert_eq!(structs, ["struct api::Leaf<u8>", "struct api::Leaf<u16>"]);
    assert_eq!(notes::<dyn api::Api>().len(), 3);
}

/// Defines structs with these names, and one that contains all of them.
macro_rules! types {
    ($($name:ident)*) => {
        $(
            #[derive(plugbox::Shape)]
            pub struct $name { pub name: String, pub sizes: Vec<u32>, pub more: Option<Box<All>> }
        )*

        #[derive(plugbox::Shape)]
        #[allow(non_snake_case)]
        pub struct All { $(pub $name: Vec<$name>),* }
    };
}

/// Calls `types!` with the names of each hundred.
macro_rules! hundreds {
    ($($hundred:ident: $($name:ident)*;)*) => { $(pub mod $hundred { types! { $($name)* } })* };
}

#[rustfmt::skip]
mod large {
    hundreds! {
        one:
            A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 C0 C1 C2 C3 C4 C5 C6 C7 C8 C9
            D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9
            G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9 I0 I1 I2 I3 I4 I5 I6 I7 I8 I9
            J0 J1 J2 J3 J4 J5 J6 J7 J8;
        two:
            A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 B0 B1 B2 B3 B4 B5 B6 B7 B8 B9 C0 C1 C2 C3 C4 C5 C6 C7 C8 C9
            D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 F0 F1 F2 F3 F4 F5 F6 F7 F8 F9
            G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H0 H1 H2 H3 H4 H5 H6 H7 H8 H9 I0 I1 I2 I3 I4 I5 I6 I7 I8 I9
            J0 J1 J2 J3 J4 J5 J6 J7 J8;
    }

    #[plugbox::interface]
    pub trait Api {
        fn run(&self, one: &one::All) -> two::All;
    }
}

/// The lint `long_running_const_eval`, which is denied by default, must not fire for an interface of this size.
#[test]
fn an_interface_may_reach_200_types() {
    let notes = notes::<dyn large::Api>();
    assert_eq!(notes.iter().filter(|(kind, _)| *kind == 0x103).count(), 200);
}

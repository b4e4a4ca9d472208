//! The macros' output must compile whatever the surrounding names, lints and scopes are.

#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

use plugbox::Interface as _;

/// A module where every prelude name that the output might use means something else.
pub mod shadowed {
    #![allow(dead_code, missing_docs, non_camel_case_types)]

    pub struct Option;
    pub struct Result;
    pub struct Box;
    pub struct String;
    pub struct Vec;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Default;
    pub struct PhantomData;
    pub trait Sized {}
    pub trait Send {}
    pub trait Drop {}
    pub mod std {}
    pub mod core {}
    pub mod alloc {}
    pub mod plugbox {}

    /// A user's type with the name of our trait.
    #[derive(::plugbox::Shape)]
    pub struct Shape {
        pub at: usize,
    }

    #[derive(::plugbox::Shape)]
    pub enum Interface {
        Unit,
        Fields { shape: Shape },
        Tuple(usize, Shape),
    }

    #[::plugbox::interface]
    pub trait Plugin: ::core::marker::Send {
        fn shape(&self, shape: &Shape) -> Interface;
        fn lent(&mut self, object: &dyn Plugin, exclusive: &mut dyn Plugin) -> ::std::string::String;
    }
}

/// A module without a prelude.
pub mod no_prelude {
    #![no_implicit_prelude]
    #![allow(missing_docs)]

    #[derive(::plugbox::Shape)]
    pub struct Edit<'a, T> {
        pub at: usize,
        pub text: &'a str,
        pub more: ::std::vec::Vec<T>,
    }

    #[derive(::plugbox::Shape)]
    #[repr(u8)]
    pub enum Kind {
        A = 1,
        B,
    }

    #[::plugbox::interface]
    pub trait Plugin {
        fn edit(&self, edit: &Edit<'_, u8>, other: &dyn Plugin) -> Kind;
        fn left_out() -> usize
        where
            Self: ::core::marker::Sized;
    }
}

/// Lists of foreign types, with strict lints, without a prelude, and where their names mean something else.
pub mod listed {
    #![no_implicit_prelude]
    #![deny(single_use_lifetimes, unused_lifetimes, unused_qualifications, unreachable_pub, elided_lifetimes_in_paths)]
    #![allow(missing_docs)]

    pub mod std {
        pub struct ExitStatus;
    }
    pub mod inner {
        pub use ::plugbox as moved;
    }
    pub use ::std::path::Component;
    pub use ::std::process::{ExitStatus as std_status, Output};

    #[derive(::plugbox::Shape)]
    #[shape(foreign(::std::process::ExitStatus))]
    #[shape(foreign(::std::process::Output,), crate = inner::moved)]
    pub struct Held<'a, T> {
        pub status: std_status,
        pub lent: &'a [Output],
        pub item: T,
        #[shape(foreign)]
        pub marked: ::std::process::ExitStatus,
    }

    #[derive(::plugbox::Shape)]
    #[shape(foreign(::std::process::ExitStatus))]
    pub enum Choice {
        One(std_status),
        Other { status: std_status },
    }

    #[::plugbox::interface(crate = inner::moved, foreign(::std::process::ExitStatus, ::std::path::Component<'_>))]
    pub trait Plugin: ::core::marker::Send {
        fn held(&self, held: Held<'_, std_status>, choice: Choice) -> std_status;
        fn lent<'a>(&'a self, component: Component<'a>, status: &mut std_status) -> Component<'a>;
    }
}

/// A module where `plugbox` has a different name.
pub mod renamed {
    #![allow(missing_docs)]

    pub mod inner {
        pub use plugbox as moved;
    }

    #[derive(plugbox::Shape)]
    #[shape(crate = inner::moved)]
    pub struct Edit {
        pub at: usize,
    }

    #[derive(plugbox::Shape)]
    #[shape(crate = crate::renamed::inner::moved)]
    pub struct Tree<T> {
        pub children: Vec<Tree<T>>,
        pub value: T,
    }

    #[plugbox::interface(crate = inner::moved)]
    pub trait Plugin: Named {
        fn edit(&self, edit: &Edit, tree: Tree<u8>, named: &dyn Named);
    }

    #[plugbox::interface(crate = inner::moved)]
    pub trait Named {
        fn name(&self) -> String;
    }
}

/// A module with a raw identifier wherever one is allowed.
pub mod r#mod {
    #![allow(missing_docs, non_camel_case_types)]

    #[derive(plugbox::Shape)]
    pub struct r#struct {
        pub r#type: usize,
        pub r#fn: Vec<r#struct>,
    }

    #[derive(plugbox::Shape)]
    pub struct r#union<r#for> {
        pub r#in: r#for,
        pub own: Vec<r#union<r#for>>,
    }

    #[derive(plugbox::Shape)]
    pub enum r#enum {
        r#match { r#let: r#struct },
        r#loop(r#union<u8>),
    }

    #[plugbox::interface]
    pub trait r#trait {
        fn r#move(&self, r#type: r#enum, r#dyn: &dyn r#trait) -> r#struct;
        fn r#ref<'r#a>(&self, r#static: &'r#a str) -> &'r#a str;
    }
}

/// Methods and arguments with names that the output uses too.
pub mod clashes {
    #![allow(missing_docs, unused_variables, unused_mut, clippy::all)]

    #[plugbox::interface]
    pub trait Plugin {
        fn name(&self, name: &str, plugin: u8, object: u8, method: u8, context: u8) -> u8;
        fn call(&self, call: &dyn Plugin, self_: u8, __plugbox_1: u8, __plugbox_object: u8) -> u8;
        fn call_mut(&mut self, call_mut: &mut dyn Plugin) -> u8;
        fn new(&self) -> u8;
        fn shared(&self, _: u8, _: &dyn Plugin) -> u8;
        fn exclusive(&self, _: &mut dyn Plugin, _: &mut dyn Plugin) -> u8;
        fn drop(&mut self);
        fn with_defaults(&self, mut count: u8, (left, [right, _]): (u8, [u8; 2]), _: u8) -> u8 {
            count += left + right;
            count
        }
        fn records(&self);
        fn guarded(&self);
    }

    impl dyn Plugin {
        /// An inherent method of the object, which the output must not call.
        pub fn twice(&self) -> u8 {
            self.new() * 2
        }
    }

    macro_rules! every_type_has {
        ($($name:ident)+) => {
            /// Methods that every type has.
            pub trait Everything {
                $(
                    /// A method that the output must not call.
                    fn $name(self) -> u8
                    where
                        Self: Sized,
                    {
                        unreachable!()
                    }
                )+
            }
        };
    }

    every_type_has! {
        call call_mut call_once into_proxy get lend lent open owned shared origin node of is_exclusive and cut len map
        as_ref as_mut poll release
    }

    impl<T> Everything for T {}

    /// An interface with forms that have wrappers.
    #[plugbox::interface]
    pub trait Wrapped: Send + Sync {
        /// Lends.
        fn lent(&self, object: &dyn Wrapped, exclusive: &mut dyn Wrapped, error: &dyn std::error::Error);
        /// Lends closures.
        fn closures(&self, call: &dyn Fn(&dyn Wrapped) -> u8, call_mut: &mut dyn FnMut(&mut Vec<u8>));
        /// Passes closures on.
        fn owned(
            &self,
            call: std::sync::Arc<dyn Fn(&dyn Wrapped) -> Box<dyn Wrapped> + Send + Sync>,
            call_mut: Box<dyn FnMut(&str)>,
            call_once: Box<dyn FnOnce(Box<dyn Wrapped>)>,
        ) -> Box<dyn Wrapped>;
        /// Visits.
        fn visited(&self, objects: &mut Vec<Box<dyn Wrapped>>);
        /// Lends to a future.
        async fn kept(
            &self,
            object: &dyn Wrapped,
            exclusive: &mut dyn Wrapped,
            objects: &mut Vec<Box<dyn Wrapped>>,
            call: &(dyn for<'x> Fn(&'x str) + Sync),
        ) -> Box<dyn Wrapped>;
    }
}

/// Private traits and types.
mod private {
    #[derive(plugbox::Shape)]
    pub(super) struct Edit {
        at: usize,
    }

    #[plugbox::interface]
    pub(super) trait Plugin {
        fn edit(&self, edit: &Edit) -> usize;
    }

    pub(super) struct Mine;

    impl Plugin for Mine {
        fn edit(&self, edit: &Edit) -> usize {
            edit.at
        }
    }

    pub(super) const EDIT: Edit = Edit { at: 7 };
}

#[test]
fn names_are_those_that_the_user_wrote() {
    assert_eq!(<dyn shadowed::Plugin>::NAME, "hygiene::shadowed::Plugin");
    assert_eq!(<dyn no_prelude::Plugin>::NAME, "hygiene::no_prelude::Plugin");
    assert_eq!(<dyn renamed::Plugin>::NAME, "hygiene::renamed::Plugin");
    assert_eq!(<dyn clashes::Plugin>::NAME, "hygiene::clashes::Plugin");
    let text = String::from_utf8_lossy(<dyn r#mod::r#trait>::RECORDS);
    assert!(text.contains("move") && !text.contains("r#move"), "{text}");
}

#[test]
fn private_traits_are_interfaces() {
    assert_eq!(<dyn private::Plugin>::NAME, "hygiene::private::Plugin");
    assert_eq!(private::Plugin::edit(&private::Mine, &private::EDIT), 7);
}

/// Parameters with names that the output uses too.
pub mod parameters {
    #![allow(missing_docs, non_upper_case_globals)]

    #[derive(plugbox::Shape)]
    pub struct Page<Rest, Lifetimes, Objects, Target, const value: usize> {
        pub rest: Rest,
        pub others: (Lifetimes, Objects, Target),
        pub bytes: [u8; value],
    }

    #[plugbox::interface]
    pub trait Plugin {
        fn page(&self, page: Page<u8, u16, u32, u64, 2>);
    }
}

/// Deprecated types and methods, which still cross.
pub mod deprecated {
    #![deny(deprecated)]
    #![allow(missing_docs)]

    #[derive(plugbox::Shape)]
    #[deprecated]
    pub struct Old {
        pub at: usize,
    }

    #[derive(plugbox::Shape)]
    pub struct Page<T> {
        #[deprecated]
        pub size: T,
        #[deprecated]
        hidden: u8,
    }

    #[derive(plugbox::Shape)]
    pub enum Kind {
        #[deprecated]
        Old(u8),
        New {
            #[deprecated]
            at: u8,
        },
    }

    #[plugbox::interface]
    #[deprecated]
    pub trait Object {
        fn name(&self) -> String;
    }

    #[plugbox::interface]
    #[allow(deprecated)]
    pub trait Plugin {
        #[deprecated]
        fn old(&self, old: Old, object: &dyn Object) -> Option<Box<dyn Object>>;
        fn page(&self, kind: Kind) -> Page<Vec<Old>>;
    }
}

/// A macro may assemble a trait from several places. Each name is resolved at its own place.
#[test]
fn a_macro_may_pass_methods_on() {
    macro_rules! tokens {
        ($name:ident { $($rest:tt)* }) => {
            #[plugbox::interface]
            trait $name {
                fn own(&self, value: u32) -> u32;
                $($rest)*
            }
        };
    }
    tokens!(Tokens { fn passed(&self, value: &str) -> String; });

    struct Mine;
    impl Tokens for Mine {
        fn own(&self, value: u32) -> u32 {
            value
        }
        fn passed(&self, value: &str) -> String {
            value.to_owned()
        }
    }
    assert_eq!((Mine.own(1), Mine.passed("a")), (1, "a".to_owned()));
}

#[test]
fn a_trait_may_stand_in_a_function() {
    #[derive(plugbox::Shape)]
    struct Edit {
        at: usize,
    }

    #[plugbox::interface]
    trait Plugin {
        fn edit(&self, edit: Edit, other: &dyn Plugin) -> usize;
    }

    struct Mine;
    impl Plugin for Mine {
        fn edit(&self, edit: Edit, _: &dyn Plugin) -> usize {
            edit.at
        }
    }
    assert_eq!(Mine.edit(Edit { at: 3 }, &Mine), 3);
    assert!(<dyn Plugin>::NAME.ends_with("::Plugin"));
}

/// The tool's attribute is moved above ours, whose options stay.
#[test]
fn an_attribute_below_may_follow_a_list_of_foreign_types() {
    #[plugbox::interface(foreign(::std::array::IntoIter<u8, 2>), crate = ::plugbox)]
    #[rustfmt::skip]
    trait Plugin {
        #[allow(dead_code)]
        fn take(&self, items: &std::array::IntoIter<u8, 2>) -> usize;
    }
    assert!(<dyn Plugin>::NAME.ends_with("::Plugin"));
}

#[test]
fn a_macro_may_pass_foreign_types_on() {
    macro_rules! plugin {
        ($name:ident: $listed:ty, $path:path, $argument:ty) => {
            #[plugbox::interface(foreign($listed, $path))]
            trait $name {
                fn take(&self, listed: $listed, argument: Option<&$argument>) -> bool;
            }
        };
    }
    plugin!(Plugin: ::std::process::ExitStatus, ::std::array::IntoIter<u8, 2>, std::array::IntoIter<u8, 2>);

    struct Mine;
    impl Plugin for Mine {
        fn take(&self, listed: std::process::ExitStatus, argument: Option<&std::array::IntoIter<u8, 2>>) -> bool {
            listed.success() && argument.is_none()
        }
    }
    assert!(Mine.take(std::process::ExitStatus::default(), None));
}

#[test]
fn a_macro_may_write_the_trait() {
    macro_rules! plugin {
        ($name:ident, $method:ident, $argument:ty, $result:ty) => {
            #[derive(plugbox::Shape)]
            struct Own {
                at: $result,
            }
            #[plugbox::interface]
            trait $name {
                fn $method(&self, argument: $argument, object: &dyn $name) -> $result;
                fn own(&self) -> Own;
            }
        };
    }
    plugin!(Plugin, edit, &str, Vec<u8>);

    struct Mine;
    impl Plugin for Mine {
        fn edit(&self, argument: &str, _: &dyn Plugin) -> Vec<u8> {
            argument.into()
        }
        fn own(&self) -> Own {
            Own { at: Vec::new() }
        }
    }
    assert_eq!(Mine.edit("a", &Mine), b"a");
    assert!(Mine.own().at.is_empty());
}

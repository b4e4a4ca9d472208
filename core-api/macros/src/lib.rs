//! The macros of `plugbox`; use them through that crate, which has their documentation.
//!
//! Each macro validates first and reports every error on the user's own tokens; only valid input is expanded.

#![forbid(unsafe_code)]

mod attribute;
mod definition;
mod export;
mod facts;
mod foreign;
mod guard;
mod interface;
mod lifetimes;
mod proof;
mod section;
mod shape;
mod valid;

use proc_macro::TokenStream;

/// Makes a trait an interface: one whose objects may cross between a host and its plugins.
///
/// The trait keeps its meaning and its syntax. Beside it the macro writes the interface's record (name, the crate's
/// version, fingerprint, each method in vtable order) into every image that links the crate, and the guards that
/// translate panics. A signature may use std's plain types, types with [`Shape`](derive@Shape), `&dyn` or `&mut dyn` of
/// an interface as an argument, and `Box<dyn _>` or `Arc<dyn _>` of one wherever a value may be. `where Self: Sized`
/// methods are not part of the interface.
///
/// `#[interface(crate = path)]` names the `plugbox` crate where it is not `::plugbox`. It has to be that crate itself: what
/// the macro writes is checked by what it finds there.
///
/// Every lifetime of a signature is written or elided where it can be seen: `Tag<'_>` and not `Tag`; an alias may not hide
/// one. A method's `where` clause has bounds by lifetimes only.
///
/// What is compared is the trait as the compiler has it. So another attribute macro at the trait expands first, wherever it
/// stands; at a method there can be none.
///
/// # Examples
///
/// ```ignore
/// #[plugbox::interface]
/// pub trait Plugin: Send + Sync {
///     fn on_edit(&mut self, edit: &Edit, document: &dyn Document) -> Vec<Edit>;
///     fn status(&self) -> Option<String> { None }
/// }
/// ```
#[proc_macro_attribute]
pub fn interface(arguments: TokenStream, item: TokenStream) -> TokenStream {
    interface::expand(arguments.into(), item.into()).into()
}

/// Describes what a type looks like in memory, so that it may stand in an interface.
///
/// On the type: `#[shape(revision = 1)]` (see the trait of this name), `#[shape(crate = path)]`; on an enum with
/// `#[shape(inert(serde))]`, which says that an attribute of this name belongs to another derive and changes nothing. On a field:
/// `#[shape(foreign)]` for a foreign type without a shape; `#[shape(recursive = Other)]` in a generic type whose field
/// leads back to it through the generic type `Other`, which the interface must reach by another way.
///
/// # Examples
///
/// ```ignore
/// #[derive(plugbox::Shape)]
/// pub struct Edit { pub at: usize, pub removed: usize, pub inserted: String }
/// ```
#[proc_macro_derive(Shape, attributes(shape))]
pub fn shape(item: TokenStream) -> TokenStream {
    shape::expand(item.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}

/// What `plugbox::export!` calls, with the path of `plugbox` in front.
#[doc(hidden)]
#[proc_macro]
pub fn export(list: TokenStream) -> TokenStream {
    export::expand(list.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}

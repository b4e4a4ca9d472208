//! The macros of `plugbox`. Use them through that crate, which has their documentation.
//!
//! Each macro first validates its input, and reports every error on the user's own tokens. It expands only valid input.

#![forbid(unsafe_code)]

mod async_impl;
mod attribute;
mod bodies;
mod closure;
mod closures;
mod definition;
mod export;
mod facts;
mod foreign;
mod futures;
mod guard;
mod interface;
mod lifetimes;
mod listed;
mod made;
mod model;
mod options;
mod pass;
mod proof;
mod scope;
mod section;
mod shape;
mod ties;
mod uses;
mod valid;

use proc_macro::TokenStream;

/// Makes a trait an interface, so its objects may cross between a host and its plugins.
///
/// The trait itself does not change. The macro adds guards, which carry panics across, and the interface's record:
/// name, version of the crate, fingerprint, and each method in vtable order. Every image that links the crate contains
/// the record.
///
/// A signature may contain std's plain types and types with [`Shape`](derive@Shape). As an argument it may take a
/// `&dyn` or `&mut dyn` of an interface. A value may contain a `Box<dyn _>` or `Arc<dyn _>` of an interface. Methods
/// with `where Self: Sized` are not part of the interface.
///
/// Write every lifetime in a signature, or elide it visibly: `Tag<'_>`, not `Tag`. An alias must not hide a lifetime. A
/// method's `where` clause may contain only lifetime bounds.
///
/// The fingerprint covers the trait after all attribute macros have expanded. So other attribute macros on the trait,
/// above or below `#[interface]`, expand first. On a method with a body, such an attribute applies to the body; on one
/// without a body it is not allowed.
///
/// An `async fn` is written as the crate `async-trait` writes it: it returns a boxed future that is `Send`. So a plugin
/// may put `#[async_trait]` on its implementation. A provided one needs `Sync` as a supertrait, or `Send` for `&mut self`.
///
/// `#[interface(foreign(::serde_json::Value))]` names the types of other crates that the signatures contain, each once and
/// with its crate: see [`Shape`](derive@Shape).
///
/// `#[interface(crate = path)]` sets the path of the `plugbox` crate, if it is not `::plugbox`. The path must name that
/// crate itself, because items of the crate check the macro's output.
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

/// Writes the `async fn`s of an implementation as an interface has them, with its guard in the box of each future.
///
/// The crate `async-trait` writes the same signatures, and a plugin may use it instead. Its futures get their guard in a
/// second box. Where another attribute macro stands on a method, this macro writes that method as `async-trait` does.
///
/// `#[async_impl(crate = path)]` sets the path of the `plugbox` crate, if it is not `::plugbox`.
///
/// # Examples
///
/// ```ignore
/// #[plugbox::async_impl]
/// impl Shop for Corner {
///     async fn price(&self, article: &str) -> u64 {
///         self.look_up(article).await
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn async_impl(arguments: TokenStream, item: TokenStream) -> TokenStream {
    async_impl::expand(arguments.into(), item.into()).into()
}

/// Describes the layout of a type in memory, so the type may appear in an interface.
///
/// Attributes on the type:
///
/// - `#[shape(revision = 1)]`: see the trait `Shape`.
/// - `#[shape(foreign(::serde_json::Value))]`: types of other crates that the fields contain, each with its crate, and
///   with the further crates that decide its contents: `::http::Request<Vec<u8>> in (bytes)`.
/// - `#[shape(inert(serde))]`, on an enum: declares that the attribute `#[serde]` belongs to a different derive, and
///   does not change the enum.
/// - `#[shape(crate = path)]`: the path of the `plugbox` crate, if it is not `::plugbox`.
///
/// Attributes on a field:
///
/// - `#[shape(foreign)]`: the field's type belongs to a foreign crate, and has no shape.
/// - `#[shape(recursive = Other)]`, in a generic type: the field leads back to the type through the generic type
///   `Other`. The interface must reach `Other` in another way too.
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

/// The implementation of `plugbox::export!`, which puts the path of `plugbox` before the list.
#[doc(hidden)]
#[proc_macro]
pub fn export(list: TokenStream) -> TokenStream {
    export::expand(list.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}

//! The scope of an item: the item within which a type of a foreign crate, or a closure, has a shape.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

/// The argument of `Shape` in an item's output.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) krate: Path,
    /// The type that stands for the scope.
    pub(crate) name: TokenStream,
}

impl Scope {
    /// No scope of its own: only types with a shape everywhere have one here.
    pub(crate) fn everywhere(krate: &Path) -> Self {
        Self { krate: krate.clone(), name: quote!(()) }
    }

    /// Whatever scope the user of a generic item has.
    pub(crate) fn of_the_user(krate: &Path) -> Self {
        Self { krate: krate.clone(), name: Self::parameter().into_token_stream() }
    }

    /// A scope of the item itself: the types to which only this item gives a shape have one here, too. Its closures have
    /// theirs in scopes with other numbers than 0.
    pub(crate) fn of_the_item(krate: &Path, number: u16) -> Self {
        let name = Self::item();
        Self { krate: krate.clone(), name: quote!(#name<#number>) }
    }

    /// All scopes of the item, where `number` is a parameter.
    pub(crate) fn of_the_item_with(krate: &Path, number: &Ident) -> Self {
        let name = Self::item();
        Self { krate: krate.clone(), name: quote!(#name<#number>) }
    }

    /// The type that stands for the item's scopes.
    pub(crate) fn item() -> Ident {
        Ident::new("__PlugboxItem", Span::mixed_site())
    }

    /// Writes the item's scopes.
    pub(crate) fn items() -> TokenStream {
        let name = Self::item();
        quote!(enum #name<const NUMBER: u16> {})
    }

    /// The parameter of an implementation of `Shape` for all scopes.
    pub(crate) fn parameter() -> Ident {
        Ident::new("__PlugboxScope", Span::mixed_site())
    }

    /// Writes the trait `Shape` in this scope.
    pub(crate) fn shape(&self) -> TokenStream {
        let Self { krate, name } = self;
        quote!(#krate::Shape<#name>)
    }
}

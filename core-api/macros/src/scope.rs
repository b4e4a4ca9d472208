//! The scope of an item: the item within which a type of a foreign crate, or a closure, has a shape.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use crate::attribute::{ends, located};

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

    /// Writes an item of a type's `Shape` in this scope: `<T as Shape<Scope>>::TYPE`.
    ///
    /// Its first and last token have the spans of the type's own. So the compiler says in the same words everywhere that a
    /// type has no shape, and prints what it has said before only once.
    pub(crate) fn shape_of(&self, ty: &impl ToTokens, item: &str) -> TokenStream {
        let (first, last) = ends(ty).unwrap_or((Span::mixed_site(), Span::mixed_site()));
        let (shape, item) = (located(self.shape(), ty), Ident::new(item, last));
        let (open, of) = (quote_spanned!(first=> <), quote_spanned!(first=> as));
        let close = quote_spanned!(last=> >::);
        quote!(#open #ty #of #shape #close #item)
    }

    /// Writes a proof that a type has the claimed lifetimes. `shown` is an argument that shows the type.
    pub(crate) fn lifetimes_are(&self, ty: &impl ToTokens, claims: &TokenStream, shown: &Ident) -> TokenStream {
        let (path, claims) = (self.shape_of(ty, "__are"), located(claims.clone(), ty));
        let last = ends(ty).map_or_else(Span::mixed_site, |(_, last)| last);
        let (open, close) = (quote_spanned!(last=> ::<), quote_spanned!(last=> >));
        let mut argument = Group::new(Delimiter::Parenthesis, shown.to_token_stream());
        argument.set_span(last);
        quote!(#path #open #claims #close #argument;)
    }

    /// Writes the trait `Shape` in this scope.
    pub(crate) fn shape(&self) -> TokenStream {
        let Self { krate, name } = self;
        quote!(#krate::Shape<#name>)
    }
}

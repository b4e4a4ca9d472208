//! Attributes: ours, and those of the compiler that pieces of output repeat; and where errors of the output point.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Path, Token};

/// `crate = path`: where `plugbox` is.
pub(crate) struct CratePath(pub(crate) Path);

impl Parse for CratePath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self::default());
        }
        let only = |error: Error| Error::new(error.span(), "`#[interface]` takes `crate = path` and nothing else");
        input.parse::<Token![crate]>().map_err(only)?;
        input.parse::<Token![=]>().map_err(only)?;
        Ok(Self(Path::parse_mod_style(input)?))
    }
}

impl Default for CratePath {
    fn default() -> Self {
        Self(syn::parse_quote!(::plugbox))
    }
}

/// Those attributes that decide whether the item exists at all.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr"))
        .collect()
}

/// The tokens, located where the user wrote `place`, so that the compiler's errors land there. What their names mean
/// stays: `$crate` is the crate that it was. What stands between brackets is left alone.
pub(crate) fn located(tokens: TokenStream, place: &impl ToTokens) -> TokenStream {
    let mut places = place.to_token_stream().into_iter().map(|token| token.span());
    let Some(first) = places.next() else { return tokens };
    let last = places.last().unwrap_or(first);
    // An expression reaches from its first token to its last, and so does the user's.
    let end = tokens.clone().into_iter().count().saturating_sub(1);
    let moved = tokens.into_iter().enumerate().map(|(index, mut token)| {
        token.set_span(token.span().located_at(if index == end { last } else { first }));
        token
    });
    moved.collect()
}

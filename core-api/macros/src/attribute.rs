//! Attributes: ours, the compiler's, and those of tools; and the source locations of errors in the output.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

/// The option `crate = path`: the path of `plugbox`.
pub(crate) struct CratePath(pub(crate) Path);

impl Default for CratePath {
    fn default() -> Self {
        Self(syn::parse_quote!(::plugbox))
    }
}

/// Returns the attributes that decide whether the item exists.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    let decides = |attribute: &&Attribute| {
        let set = conditional(attribute).unwrap_or_default();
        attribute.path().is_ident("cfg") || set.iter().any(|meta| meta.path().is_ident("cfg"))
    };
    attributes.iter().filter(decides).collect()
}

/// The compiler's attributes that are allowed on a trait or a method. The compiler refuses a macro with such a name as
/// ambiguous.
const BUILTIN: [&str; 12] = [
    "allow",
    "automatically_derived",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "warn",
];

/// Further attributes that are allowed on types.
const BUILTIN_AT_TYPES: [&str; 4] = ["derive", "non_exhaustive", "repr", "shape"];

/// Whether an attribute on a type belongs to the compiler, to us, or to a tool.
pub(crate) fn is_inert_at_type(attribute: &Attribute) -> bool {
    let path = attribute.path();
    is_builtin(attribute)
        || is_tools(attribute)
        || path.get_ident().is_some_and(|name| BUILTIN_AT_TYPES.iter().any(|known| name.unraw() == known))
}

/// Tools whose attributes the compiler ignores, unless the author has a module with that name.
const TOOLS: [&str; 5] = ["clippy", "diagnostic", "miri", "rust_analyzer", "rustfmt"];

/// Whether an attribute belongs to the compiler and cannot change its item. The name of any other attribute proves
/// nothing.
pub(crate) fn is_builtin(attribute: &Attribute) -> bool {
    let builtin = |path: &Path| path.get_ident().is_some_and(|name| BUILTIN.iter().any(|known| name == known));
    if attribute.path().is_ident("cfg_attr") {
        return conditional(attribute).is_some_and(|set| set.iter().all(|meta| builtin(meta.path())));
    }
    builtin(attribute.path())
}

/// Whether an attribute belongs to a tool, according to its name.
pub(crate) fn is_tools(attribute: &Attribute) -> bool {
    let first = attribute.path().segments.first();
    attribute.path().segments.len() > 1 && first.is_some_and(|first| TOOLS.iter().any(|tool| first.ident == tool))
}

/// Returns the attributes that a `cfg_attr` sets; `None` for any other attribute, and if they cannot be parsed.
fn conditional(attribute: &Attribute) -> Option<Vec<Meta>> {
    parts(attribute).map(|(_, set)| set)
}

/// Returns the predicate of a `cfg_attr`, and the attributes that it sets.
fn parts(attribute: &Attribute) -> Option<(TokenStream, Vec<Meta>)> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
        let mut all = Punctuated::<TokenStream, Token![,]>::parse_terminated_with(input, until_comma)?.into_iter();
        let predicate = all.next().unwrap_or_default();
        Ok((predicate, all.map(syn::parse2).collect::<syn::Result<Vec<Meta>>>()?))
    });
    parsed.ok()
}

/// Writes the predicate under which the conditions in an attribute hold.
pub(crate) fn predicate(attribute: &Attribute) -> TokenStream {
    let inner = |meta: &Meta| match meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let tokens = &list.tokens;
            Some(quote!(all(#tokens)))
        }
        _ => None,
    };
    match parts(attribute) {
        Some((predicate, set)) => {
            let each = set.iter().filter_map(inner);
            quote!(any(not(#predicate), all(#(#each),*)))
        }
        None => inner(&attribute.meta).unwrap_or_else(|| quote!(all())),
    }
}

/// Parses the tokens up to the next comma.
fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<proc_macro2::TokenTree>()?]);
    }
    Ok(tokens)
}

/// Returns the spans of the first token and the last.
pub(crate) fn ends(tokens: &impl ToTokens) -> Option<(Span, Span)> {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next()?;
    Some((first, spans.last().unwrap_or(first)))
}

/// Gives the tokens the location of `place` in the user's source, so the compiler's errors point there.
///
/// The tokens keep their hygiene: `$crate` stays the same crate. Tokens inside brackets keep their location.
pub(crate) fn located(tokens: TokenStream, place: &impl ToTokens) -> TokenStream {
    let Some((first, last)) = ends(place) else { return tokens };
    // The span of an expression extends from its first token to its last, so these two get the ends of `place`.
    let end = tokens.clone().into_iter().count().saturating_sub(1);
    let moved = tokens.into_iter().enumerate().map(|(index, mut token)| {
        token.set_span(token.span().located_at(if index == end { last } else { first }));
        token
    });
    moved.collect()
}

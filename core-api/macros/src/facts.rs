//! Expressions that ask the compiler for facts about a type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use crate::attribute::ends;

/// The facts about values of a type.
const OF_VALUES: [&str; 4] = ["COPY", "DROP", "SEND", "SYNC"];

/// The facts about a trait object: the auto traits that it may have from its supertraits.
const OF_OBJECTS: [&str; 5] = ["SEND", "SYNC", "UNPIN", "UNWIND_SAFE", "REF_UNWIND_SAFE"];

/// Writes an expression for the facts about values of a type.
pub(crate) fn of_values(krate: &Path, ty: &impl ToTokens) -> TokenStream {
    facts(krate, ty, &OF_VALUES)
}

/// Writes an expression for the auto traits of a trait object.
pub(crate) fn of_objects(krate: &Path, ty: &impl ToTokens) -> TokenStream {
    facts(krate, ty, &OF_OBJECTS)
}

/// Writes an expression for these facts. It begins and ends where the type does, so rustc reports a shared error only
/// once.
fn facts(krate: &Path, ty: &impl ToTokens, names: &[&str]) -> TokenStream {
    let (first, last) = ends(ty).unwrap_or((Span::mixed_site(), Span::mixed_site()));
    let asked = names.iter().map(|name| {
        let (name, answer) = (Ident::new(name, Span::mixed_site()), Ident::new(name, last));
        let (open, close) = (quote_spanned!(first=> <), quote_spanned!(last=> >));
        quote!(.and(#krate::__private::Facts::#name, #open #krate::__private::Probe<#ty> #close::#answer))
    });
    quote! {{
        #[allow(unused_imports)]
        use #krate::__private::Unproved as _;
        #krate::__private::Facts::NONE #(#asked)*
    }}
}

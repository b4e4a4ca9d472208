//! Expressions that ask the compiler for facts about a type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::attribute::located;

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

/// Writes an expression for these facts. All its parts are located at the type, so rustc reports a shared error only
/// once.
fn facts(krate: &Path, ty: &impl ToTokens, names: &[&str]) -> TokenStream {
    let asked = names.iter().map(|name| {
        let name = Ident::new(name, Span::mixed_site());
        let answer = located(quote!(<#krate::__private::Probe<#ty>>::#name), ty);
        quote!(.and(#krate::__private::Facts::#name, #answer))
    });
    quote! {{
        #[allow(unused_imports)]
        use #krate::__private::Unproved as _;
        #krate::__private::Facts::NONE #(#asked)*
    }}
}

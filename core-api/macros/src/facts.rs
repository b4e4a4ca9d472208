//! Facts that the compiler is asked for.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

use crate::attribute::located;

/// What may be done with values of a type.
const OF_VALUES: [&str; 4] = ["COPY", "DROP", "SEND", "SYNC"];

/// The auto traits that a trait object may have from its supertraits, and from theirs.
const OF_OBJECTS: [&str; 5] = ["SEND", "SYNC", "UNPIN", "UNWIND_SAFE", "REF_UNWIND_SAFE"];

/// What the compiler says of the values of a type.
pub(crate) fn of_values(krate: &Path, ty: &impl ToTokens) -> TokenStream {
    facts(krate, ty, &OF_VALUES)
}

/// Which auto traits a trait object has.
pub(crate) fn of_objects(krate: &Path, ty: &impl ToTokens) -> TokenStream {
    facts(krate, ty, &OF_OBJECTS)
}

/// All questions are located at the type, so that rustc reports an error that they share only once.
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

//! The section of a file that contains the records.

use proc_macro2::TokenStream;
use quote::quote;

/// Writes the attributes of a static that is a record.
pub(crate) fn attributes() -> TokenStream {
    quote! {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__plugbox"))]
        #[cfg_attr(windows, unsafe(link_section = ".plugbox"))]
        #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".note.plugbox"))]
    }
}

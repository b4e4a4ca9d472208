//! The section of a file that contains the records.

use proc_macro2::TokenStream;
use quote::quote;

/// Writes the attributes of a static that is a record.
///
/// The section is read-only in each format. Mach-O has `__TEXT` for this: a record has no address in it that the system
/// would fill in, and `__DATA` is writable, `__DATA_CONST` while the system loads the image.
pub(crate) fn attributes() -> TokenStream {
    quote! {
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__TEXT,__plugbox"))]
        #[cfg_attr(windows, unsafe(link_section = ".plugbox"))]
        #[cfg_attr(not(any(target_vendor = "apple", windows)), unsafe(link_section = ".note.plugbox"))]
    }
}

//! `plugbox` without anything behind it: what does not compile with this one either is nonsense and no edit.

extern crate proc_macro;

use proc_macro::TokenStream;

/// The trait as it is.
#[proc_macro_attribute]
pub fn interface(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Nothing.
#[proc_macro_derive(Shape, attributes(shape))]
pub fn shape(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

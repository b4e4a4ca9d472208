//! The definition of a type or an interface: its path, and its own number.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Path, ext::IdentExt};

/// Writes the definition with this name, and with this many lifetime parameters.
pub(crate) fn definition(krate: &Path, name: &Ident, lifetimes: usize) -> TokenStream {
    let shown = name.unraw().to_string();
    let number = number();
    quote! {
        #krate::__private::Definition {
            path: ::core::concat!(::core::module_path!(), "::", #shown),
            number: #number,
            lifetimes: #lifetimes,
        }
    }
}

/// Returns a number that no other definition of the program has.
///
/// Two definitions may have the same path. They may also have the same source location, because one macro may define
/// two types. No record contains the number.
fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut hasher = DefaultHasher::new();
    NEXT.fetch_add(1, Ordering::Relaxed).hash(&mut hasher);
    for variable in ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_CRATE_NAME"] {
        env::var(variable).ok().hash(&mut hasher);
    }
    // Cargo distinguishes crates with the same name and version by this argument.
    env::args_os()
        .filter_map(|argument| argument.into_string().ok())
        .filter(|argument| argument.starts_with("metadata=") || argument.starts_with("-Cmetadata="))
        .for_each(|metadata| metadata.hash(&mut hasher));
    // 0 means that a type has no number.
    hasher.finish() | 1
}

//! Attributes: ours, and those of the compiler that pieces of output repeat.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Path, Token};

/// `crate = path`: where `plugbox` is.
pub(crate) struct CratePath(pub(crate) Path);

impl Parse for CratePath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self::default());
        }
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
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

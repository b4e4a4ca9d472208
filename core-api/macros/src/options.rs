//! The options of `#[interface]`.

use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, Path, Token};

use crate::attribute::CratePath;
use crate::listed::Listed;

/// The options of `#[interface]`.
#[derive(Default)]
pub(crate) struct InterfaceOptions {
    pub(crate) krate: CratePath,
    pub(crate) foreign: Listed,
    /// Whether all other attributes are above `#[interface]`, because the macro has moved them there.
    pub(crate) last: bool,
}

impl Parse for InterfaceOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        let only = |error: Error| {
            Error::new(
                error.span(),
                "`#[interface]` takes only the options `crate = path` and `foreign(::bytes::Bytes)`",
            )
        };
        while !input.is_empty() {
            if input.peek(Token![;]) {
                input.parse::<Token![;]>()?;
                options.last = true;
                break;
            }
            if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>().map_err(only)?;
                options.krate = CratePath(Path::parse_mod_style(input)?);
            } else {
                let word = input.parse::<Ident>().map_err(only)?;
                if word != "foreign" || !input.peek(syn::token::Paren) {
                    return Err(only(Error::new(word.span(), "")));
                }
                options.foreign.add(input)?;
            }
            if !input.is_empty() && !input.peek(Token![;]) {
                input.parse::<Token![,]>().map_err(only)?;
            }
        }
        Ok(options)
    }
}

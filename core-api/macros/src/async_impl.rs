//! `#[async_impl]`: the `async fn`s of a plugin's implementation. Each becomes the method of the interface, and the hidden one
//! beside it, which has the body.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Block, Error, Expr, ImplItem, ImplItemFn, ItemImpl, Path, Stmt, Token, parse_quote};

use crate::attribute::{CratePath, conditions, is_builtin, is_tools, located};
use crate::futures::{self, Written};
use crate::made::{Hidden, passed};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (krate, misused) = match syn::parse2::<CratePath>(arguments) {
        Ok(krate) => (krate, None),
        Err(error) => (CratePath::default(), Some(error.into_compile_error())),
    };
    let refused = || {
        let message =
            "`#[async_impl]` is only for the implementation of an interface; put it on an `impl INTERFACE for TYPE`";
        Error::new(Span::call_site(), message).into_compile_error()
    };
    match syn::parse2::<ItemImpl>(item.clone()) {
        Ok(mut implementation) => {
            let Some((interface, _)) = implementation.trait_.clone() else {
                return [refused(), item].into_iter().collect();
            };
            implementation.items =
                implementation.items.into_iter().flat_map(|item| written(&krate.0, &interface, item)).collect();
            quote!(#implementation #misused)
        }
        Err(_) => [refused(), item].into_iter().collect(),
    }
}

/// The options of `#[async_impl]`.
impl Parse for CratePath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self::default());
        }
        let only = |error: Error| Error::new(error.span(), "`#[async_impl]` takes only the option `crate = path`");
        input.parse::<Token![crate]>().map_err(only)?;
        input.parse::<Token![=]>().map_err(only)?;
        Path::parse_mod_style(input).map(Self).map_err(only)
    }
}

/// Writes an item of the implementation.
fn written(krate: &Path, interface: &Path, item: ImplItem) -> Vec<ImplItem> {
    let ImplItem::Fn(mut method) = item else { return vec![item] };
    let Some(Written { body: Some(body), lints }) =
        futures::desugar_method(krate, &mut method.sig, Some(&method.block), false)
    else {
        return vec![ImplItem::Fn(method)];
    };
    method.attrs.push(lints);
    let is_macro = |attribute: &Attribute| !is_builtin(attribute) && !is_tools(attribute);
    match Hidden::beside(krate, &method.sig).filter(|_| !method.attrs.iter().any(is_macro)) {
        Some(hidden) => {
            vec![beside(krate, &method, &hidden, &body), called(krate, interface, &method, &hidden)]
        }
        None => {
            method.block = block(&method, quote!(#krate::__private::Box::pin(#body)));
            vec![ImplItem::Fn(method)]
        }
    }
}

/// Writes the hidden method.
fn beside(krate: &Path, method: &ImplItemFn, hidden: &Hidden<'_>, body: &TokenStream) -> ImplItem {
    let making = &hidden.making;
    let block = block(method, quote!(#krate::__private::Making::make(#making, #body)));
    ImplItem::Fn(ImplItemFn { sig: hidden.signature.clone(), block, ..method.clone() })
}

/// Writes a body in the place of the author's, so errors about the method point there.
fn block(method: &ImplItemFn, result: TokenStream) -> Block {
    let result = located(result, &method.block);
    Block { brace_token: method.block.brace_token, stmts: vec![Stmt::Expr(Expr::Verbatim(result), None)] }
}

/// Writes the method itself, for callers on the plugin's own side.
fn called(krate: &Path, interface: &Path, method: &ImplItemFn, hidden: &Hidden<'_>) -> ImplItem {
    let mut signature = method.sig.clone();
    let mut passed = passed(&mut signature.inputs);
    passed.insert(1, quote!(#krate::__private::Making::alone()));
    let (conditions, name) = (conditions(&method.attrs), &hidden.signature.ident);
    let made = located(quote!(<Self as #interface>::#name(#(#passed),*)), &method.block);
    let block = block(method, quote!(#krate::__private::Made::into_future(#made)));
    let attrs = parse_quote! {
        #(#conditions)*
        #[inline]
        #[allow(deprecated, clippy::all)]
    };
    ImplItem::Fn(ImplItemFn { attrs, sig: signature, block, ..method.clone() })
}

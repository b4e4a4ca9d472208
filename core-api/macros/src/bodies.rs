//! Attribute macros on provided methods. They expand after `#[interface]` has read the trait, and may change what they
//! are on. So they move into the body, to the method of a local trait, where they can change nothing else.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, Ident, ItemTrait, Pat, TraitItem, TraitItemFn, parse_quote};

use crate::attribute::{is_builtin, is_tools};

/// Moves such attributes of all provided methods.
pub(crate) fn move_attributes(item: &mut ItemTrait) {
    let name = item.ident.clone();
    for entry in &mut item.items {
        if let TraitItem::Fn(method) = entry {
            move_of_method(method, &name);
        }
    }
}

fn move_of_method(method: &mut TraitItemFn, interface: &Ident) {
    // `track_caller` changes how the method is called, so it is refused.
    let is_ours = |attribute: &Attribute| {
        is_builtin(attribute) || is_tools(attribute) || attribute.path().is_ident("track_caller")
    };
    if method.default.is_none() || method.attrs.iter().all(is_ours) {
        return;
    }
    let (kept, moved): (Vec<Attribute>, Vec<Attribute>) = method.attrs.drain(..).partition(is_ours);
    method.attrs = kept;
    let (signature, body) = (method.sig.clone(), method.default.take());
    let mut declared = signature.clone();
    let arguments: Vec<TokenStream> =
        declared.inputs.iter_mut().enumerate().map(|(index, argument)| passed(index, argument)).collect();
    method.sig = declared.clone();
    let name = &signature.ident;
    // In the body, `self.name()` means the interface's method: the parameter has no other one.
    method.default = Some(parse_quote!({
        trait __PlugboxBody {
            #[allow(clippy::needless_arbitrary_self_type)]
            #declared;
        }
        impl<__PlugboxT: ?::core::marker::Sized + #interface> __PlugboxBody for __PlugboxT {
            #(#moved)*
            #signature #body
        }
        <Self as __PlugboxBody>::#name(#(#arguments),*)
    }));
}

/// Returns the argument as it is passed on. A pattern gets a name.
fn passed(index: usize, argument: &mut FnArg) -> TokenStream {
    match argument {
        FnArg::Receiver(receiver) => receiver.self_token.to_token_stream(),
        FnArg::Typed(typed) => {
            let name = match &*typed.pat {
                Pat::Ident(plain) if plain.subpat.is_none() => plain.ident.clone(),
                _ => Ident::new(&format!("__plugbox_argument_{index}"), Span::mixed_site()),
            };
            *typed.pat = parse_quote!(#name);
            quote!(#name)
        }
    }
}

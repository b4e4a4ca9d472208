//! The guards: the implementations of the trait for the wrappers.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{FnArg, Ident, Path, ReturnType, TraitItem, TraitItemFn, Type, parse_quote};

use crate::attribute::{conditions, located};
use crate::made::Hidden;
use crate::model::{Interface, is_mut};
use crate::pass::{Call, Guarded};
use crate::valid::{future_of, is_sized_only, visited};

impl Interface<'_> {
    /// Writes the implementation of the trait for one of the wrappers.
    pub(crate) fn guard(&self, guarded: &Guarded) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        // Generic over the object, which may be the trait object of an interface with this one as its supertrait.
        let (generics, target) = match guarded {
            Guarded::Object => (quote!(<__PlugboxT: #name>), quote!(#krate::__private::Guard<__PlugboxT>)),
            Guarded::HostProxy | Guarded::PluginProxy => {
                let side = guarded.side();
                (
                    quote! {
                        <
                            __PlugboxT: ?::core::marker::Sized + #name,
                            __PlugboxH: #krate::__private::Ownership,
                        >
                    },
                    quote!(#krate::__private::#side<__PlugboxT, __PlugboxH>),
                )
            }
        };
        let origin = (!matches!(guarded, Guarded::Object)).then(|| {
            quote! {
                fn __plugbox_origin(&self) -> ::core::option::Option<#krate::__private::Origin<'_>> {
                    self.origin()
                }
            }
        });
        // The bound always holds. With it, rustc reports a supertrait that is not an interface only once.
        let supers = self.supers();
        let methods = self.item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(method) if !is_sized_only(method) && !self.refused => {
                Some(self.guard_method(method, guarded))
            }
            TraitItem::Fn(method) if method.default.is_none() => Some(unreachable_method(method)),
            _ => None,
        });
        quote! {
            #[automatically_derived]
            #[allow(deprecated, clippy::all)]
            impl #generics #name for #target where #(#target: #supers,)* {
                #(#methods)*
                #origin
            }
        }
    }

    /// Writes one method of a wrapper. It lends borrowed trait objects among the arguments to the other side, takes
    /// owned ones across, and makes the call guarded.
    fn guard_method(&self, method: &TraitItemFn, guarded: &Guarded) -> TokenStream {
        let conditions = conditions(&method.attrs);
        let mut signature = method.sig.clone();
        let future = future_of(&signature.output);
        let hides = Some(quote!(__PLUGBOX_HIDES));
        let pass = Call { guarded: *guarded, scope: &self.scope, hides };
        let (mut lend, mut passed) = (Vec::new(), Vec::new());
        // The wrappers that live in a future.
        let mut loans: Vec<(Ident, Type, TokenStream)> = Vec::new();
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = argument else { continue };
            let argument = Ident::new(&format!("__plugbox_{index}"), Span::mixed_site());
            *typed.pat = parse_quote!(#argument);
            typed.attrs.clear();
            let visited = visited(&typed.ty, &method.sig);
            if future.as_ref().is_some_and(|future| future.keeps(&typed.ty, &method.sig)) {
                if let Some((loan, expression)) = pass.loan(&argument, &typed.ty, visited) {
                    loans.push((argument, (*typed.ty).clone(), loan));
                    passed.push(expression);
                    continue;
                }
            }
            let (before, expression) = pass.argument(&argument, &typed.ty, visited);
            lend.push(before);
            passed.push(expression);
        }
        let name = &signature.ident;
        let trait_name = &self.item.ident;
        let shown = format!("{}::{}", trait_name.unraw(), name.unraw());
        let call = if is_mut(method) { format_ident!("call_mut") } else { format_ident!("call") };
        let object = Ident::new("__plugbox_object", Span::mixed_site());
        // The token of the receiver itself: a macro may have taken the method from a different place than the trait.
        let this = signature.receiver().map(|receiver| receiver.self_token);
        // A plugin may make a future with the guard in it.
        let hidden = match guarded {
            Guarded::Object | Guarded::PluginProxy => Hidden::beside(&self.krate, &method.sig),
            Guarded::HostProxy => None,
        };
        let (called, making) = match &hidden {
            Some(hidden) => {
                let (making, guarded) = (&hidden.making, hidden.guarded(&self.scope));
                lend.push(quote!(let #making = #guarded;));
                (&hidden.signature.ident, Some(quote!(#making,)))
            }
            None => (name, None),
        };
        let call = quote!(#this.#call(#shown, |#object| #trait_name::#called(#object, #making #(#passed),*)));
        let result = match &signature.output {
            ReturnType::Type(_, ty) => Some(&**ty),
            ReturnType::Default => None,
        };
        let call = match future {
            Some(future) if !loans.is_empty() => {
                let krate = &self.krate;
                let names: Vec<&Ident> = loans.iter().map(|(name, ..)| name).collect();
                let wrappers = loans.iter().map(|(.., loan)| loan);
                let wrappers = quote!(#(let #names = #wrappers;)*);
                let (lend, sent, opened) = if future.is_send {
                    // An error about what may not be sent points at its type.
                    let sent = loans.iter().map(|(name, ty, _)| {
                        let name = located(name.to_token_stream(), ty);
                        let sent = located(quote!(#krate::__private::Sent::new), ty);
                        quote!(#sent(#name))
                    });
                    let opened = quote!(let (#(#names,)*) = (#(#names.__open(),)*););
                    (format_ident!("lend_send"), quote!(#(#sent,)*), Some(opened))
                } else {
                    (format_ident!("lend"), quote!(#(#names,)*), None)
                };
                let call = finished(&hidden, &self.krate, call, |call| pass.future(result, call));
                quote! {
                    #wrappers
                    #krate::__private::#lend((#sent), |loan, _| {
                        let (#(#names,)*) = loan.open();
                        #opened
                        #call
                    })
                }
            }
            _ => finished(&hidden, &self.krate, call, |call| pass.result(result, call)),
        };
        quote! {
            #(#conditions)*
            #[inline]
            #signature {
                #(#lend)*
                #call
            }
        }
    }
}

/// Writes the call with its result taken back. If it is a future that may have its guard, it is taken back only if it has
/// none.
fn finished(
    hidden: &Option<Hidden<'_>>,
    krate: &Path,
    call: TokenStream,
    result: impl Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    if hidden.is_none() {
        return result(call);
    }
    let future = Ident::new("__plugbox_future", Span::mixed_site());
    let taken = result(future.to_token_stream());
    quote! {
        match #krate::__private::Made::guarded(#call) {
            ::core::result::Result::Ok(#future) => #future,
            ::core::result::Result::Err(#future) => { #taken }
        }
    }
}

/// Writes a `where Self: Sized` method that has no body in the trait. It is never called, because users cannot name the
/// wrapper types.
fn unreachable_method(method: &TraitItemFn) -> TokenStream {
    let conditions = conditions(&method.attrs);
    let mut signature = method.sig.clone();
    for argument in &mut signature.inputs {
        if let FnArg::Typed(typed) = argument {
            *typed.pat = parse_quote!(_);
        }
    }
    quote! { #(#conditions)* #signature { ::core::unreachable!() } }
}

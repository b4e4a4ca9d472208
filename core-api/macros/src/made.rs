//! The hidden method beside each `async fn` of an interface, through which a guard asks for a future with its guard in it.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{FnArg, Ident, Path, ReturnType, Signature, Token, TraitItemFn, Type, parse_quote};

use crate::attribute::conditions;
use crate::futures::has_impl_trait;
use crate::lifetimes::written;
use crate::scope::Scope;
use crate::valid::future_of;

/// The hidden method beside a method.
pub(crate) struct Hidden<'a> {
    pub(crate) signature: Signature,
    /// The name of the parameter that says what to make.
    pub(crate) making: Ident,
    output: &'a Type,
}

impl<'a> Hidden<'a> {
    /// Returns the method beside an `async fn`, which has been written as one that returns a future; `None` for any other.
    pub(crate) fn beside(krate: &Path, signature: &'a Signature) -> Option<Self> {
        signature.receiver()?;
        let future = future_of(&signature.output).filter(|future| future.is_send)?;
        let ReturnType::Type(_, boxed) = &signature.output else { return None };
        // `async-trait` writes this lifetime, too. A lifetime without a name would be another one in an argument.
        let is_async = signature.generics.lifetimes().any(|known| known.lifetime.ident == "async_trait");
        let mut is_named = true;
        written(boxed, || {
            is_named = false;
            parse_quote!('_)
        });
        if !is_async || !is_named || is_generic(signature) {
            return None;
        }
        let output = future.output;
        let mut hidden = signature.clone();
        hidden.ident = name(&signature.ident);
        let making = Ident::new("__plugbox_making", Span::mixed_site());
        hidden.inputs.insert(1, parse_quote!(#making: #krate::__private::Making<#output>));
        hidden.output = parse_quote!(-> #krate::__private::Made<#boxed>);
        Some(Self { signature: hidden, making, output })
    }

    /// Writes what the guard asks for.
    pub(crate) fn guarded(&self, scope: &Scope) -> TokenStream {
        let (krate, scope) = (&scope.krate, scope.around(self.output));
        let (ty, cross) = (scope.shape_of(self.output, "TYPE"), scope.shape_of(self.output, "__cross"));
        // SAFETY: the function is that of the output's shape, which says whether there are objects (obligation 1 of
        // `guarded`).
        quote! {
            unsafe {
                #krate::__private::Making::guarded(if const { #krate::__private::may_hide_object(#ty) } {
                    ::core::option::Option::Some(#cross)
                } else {
                    ::core::option::Option::None
                })
            }
        }
    }
}

/// Whether a method is one for many types. Only one that is not a method of the trait object can be.
fn is_generic(signature: &Signature) -> bool {
    let generics = &signature.generics;
    has_impl_trait(|find| find.visit_signature(signature))
        || generics.type_params().next().is_some()
        || generics.const_params().next().is_some()
}

/// Returns the name of the method beside one with this name. Where a trait has no such method, the compiler's error has the
/// name, so it says why.
fn name(method: &Ident) -> Ident {
    Ident::new(&format!("__{}_of_an_interface", syn::ext::IdentExt::unraw(method)), method.span())
}

/// Writes the method as the trait has it: it makes what an implementation without `#[async_impl]` makes.
pub(crate) fn provided(krate: &Path, interface: &Ident, method: &TraitItemFn) -> Option<TraitItemFn> {
    let Hidden { mut signature, .. } = Hidden::beside(krate, &method.sig)?;
    let mut passed = passed(&mut signature.inputs);
    // What to make.
    passed.remove(1);
    let (conditions, name) = (conditions(&method.attrs), &method.sig.ident);
    let made = quote!(#krate::__private::Made::alone(#interface::#name(#(#passed),*)));
    Some(parse_quote! {
        #(#conditions)*
        #[doc(hidden)]
        #[inline]
        #[allow(deprecated, unused_variables, clippy::all)]
        #signature { #made }
    })
}

/// Gives the arguments names, and returns them as they are passed to the method itself.
pub(crate) fn passed(inputs: &mut Punctuated<FnArg, Token![,]>) -> Vec<TokenStream> {
    let passed = inputs.iter_mut().enumerate().map(|(index, argument)| match argument {
        FnArg::Receiver(receiver) => receiver.self_token.to_token_stream(),
        FnArg::Typed(typed) => {
            let name = Ident::new(&format!("__plugbox_argument_{index}"), Span::mixed_site());
            *typed.pat = parse_quote!(#name);
            name.to_token_stream()
        }
    });
    passed.collect()
}

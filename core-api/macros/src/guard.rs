//! The guards: the implementations of the trait for the wrappers.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ReturnType, TraitItem, TraitItemFn, Type, parse_quote, parse_quote_spanned};

use crate::attribute::{conditions, located};
use crate::model::{Interface, is_mut};
use crate::valid::{direct_object, future_of, is_sized_only, visited};

/// The wrapped object for which a generated piece implements the trait.
pub(crate) enum Guarded {
    /// The plugin's concrete type.
    Object,
    /// A host's object that a plugin uses.
    HostProxy,
    /// A plugin's object that the host uses.
    PluginProxy,
}

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
        let krate = &self.krate;
        let conditions = conditions(&method.attrs);
        let mut signature = method.sig.clone();
        let side = guarded.other_side();
        let future = future_of(&signature.output);
        let receiver = guarded.receiver();
        let mut lend = Vec::new();
        // The wrappers that live in a future.
        let mut loans: Vec<(Ident, TokenStream)> = Vec::new();
        let mut passed: Vec<TokenStream> = Vec::new();
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = argument else { continue };
            let argument = Ident::new(&format!("__plugbox_{index}"), Span::mixed_site());
            *typed.pat = parse_quote!(#argument);
            typed.attrs.clear();
            match direct_object(&typed.ty) {
                // SAFETY: *for the call*: only the future uses the wrapper, and the borrow of `#argument` outlives the
                // future (obligation 1 of `lend` and of `exclusive`).
                Some((_, true)) if future.is_some() => {
                    passed.push(located(quote_spanned!(Span::mixed_site()=> #argument), &typed.ty));
                    loans.push((argument.clone(), quote!(unsafe { #krate::__private::#side::exclusive(#argument) })));
                }
                Some((_, false)) if future.is_some() => {
                    passed.push(located(quote_spanned!(Span::mixed_site()=> #argument.get().lent()), &typed.ty));
                    let wrapper = quote!(unsafe { #krate::__private::#receiver(#argument).lend() });
                    loans.push((argument.clone(), quote!(#krate::__private::SharedLoan::new(#wrapper))));
                }
                Some((_, true)) => {
                    // SAFETY: *for the call*: only the call below uses the wrapper, and the borrow of `#argument`
                    // outlives that call (obligation 1 of `exclusive`).
                    lend.push(quote! {
                        let mut #argument = unsafe { #krate::__private::#side::exclusive(#argument) };
                    });
                    passed.push(located(quote_spanned!(Span::mixed_site()=> &mut #argument), &typed.ty));
                }
                Some((_, false)) => {
                    // SAFETY: *for the call*: only the call below uses the wrapper, through `&`, and the borrow of
                    // `#argument` outlives that call (obligation 1 of `lend`).
                    lend.push(quote! {
                        let #argument = unsafe { #krate::__private::#receiver(#argument).lend() };
                    });
                    passed.push(located(quote_spanned!(Span::mixed_site()=> #argument.lent()), &typed.ty));
                }
                None if visited(&typed.ty, &method.sig).is_some() => {
                    let value = visited(&typed.ty, &method.sig);
                    let (shape, direction) = (self.scope.shape(), guarded.direction());
                    let cross = quote_spanned!(value.span()=> <#value as #shape>::__cross);
                    let visit = quote! {
                        #krate::__private::Visit::new(
                            #argument,
                            if __PLUGBOX_HIDES { ::core::option::Option::Some(#cross) } else { ::core::option::Option::None },
                            #krate::__private::Direction::#direction,
                        )
                    };
                    passed.push(located(quote_spanned!(Span::mixed_site()=> #argument.get()), &typed.ty));
                    if future.is_some() {
                        loans.push((argument, visit));
                    } else {
                        lend.push(quote!(let mut #argument = #visit;));
                    }
                }
                None => {
                    if !is_borrowed(&typed.ty) {
                        lend.push(self.cross(&argument, &typed.ty, quote!(#argument), guarded.direction()));
                    }
                    passed.push(argument.to_token_stream());
                }
            }
        }
        let name = &signature.ident;
        let trait_name = &self.item.ident;
        let shown = format!("{}::{}", trait_name.unraw(), name.unraw());
        let call = if is_mut(method) { format_ident!("call_mut") } else { format_ident!("call") };
        let object = Ident::new("__plugbox_object", Span::mixed_site());
        // The token of the receiver itself: a macro may have taken the method from a different place than the trait.
        let this = signature.receiver().map(|receiver| receiver.self_token);
        let call = quote!(#this.#call(#shown, |#object| #trait_name::#name(#object, #(#passed),*)));
        let call = match &signature.output {
            ReturnType::Type(_, ty) if !is_borrowed(ty) => {
                let result = Ident::new("__plugbox_result", Span::mixed_site());
                match future {
                    Some(future) if !loans.is_empty() => {
                        // Its lifetime is that of the loans, which has no name here.
                        let ty = parse_quote_spanned!(ty.span()=> _);
                        let cross = self.cross(&result, &ty, call, guarded.way_back());
                        let lend = if future.is_send { format_ident!("lend_send") } else { format_ident!("lend") };
                        let (names, wrappers): (Vec<_>, Vec<_>) = loans.iter().cloned().unzip();
                        quote!(#krate::__private::#lend((#(#wrappers,)*), |loan, _| {
                            let (#(#names,)*) = loan.open();
                            #cross #result
                        }))
                    }
                    _ => {
                        let cross = self.cross(&result, ty, call, guarded.way_back());
                        quote! { #cross #result }
                    }
                }
            }
            _ => call,
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

    /// Binds a value to a name, and takes the objects inside it across.
    fn cross(&self, name: &Ident, ty: &Type, value: TokenStream, direction: TokenStream) -> TokenStream {
        let (krate, shape) = (&self.krate, self.scope.shape());
        let cross = quote_spanned! {ty.span()=> <#ty as #shape>::__cross };
        quote! {
            let mut #name = #value;
            if __PLUGBOX_HIDES {
                #cross(&mut #name, #krate::__private::Direction::#direction);
            }
        }
    }
}

impl Guarded {
    /// Returns the wrapper for which the piece implements the trait.
    pub(crate) fn side(&self) -> Ident {
        match self {
            Self::Object => format_ident!("Guard"),
            Self::HostProxy => format_ident!("HostProxy"),
            Self::PluginProxy => format_ident!("PluginProxy"),
        }
    }

    /// Returns the wrapper for objects among the arguments.
    fn other_side(&self) -> Ident {
        match self {
            Self::Object | Self::PluginProxy => Self::HostProxy.side(),
            Self::HostProxy => Self::PluginProxy.side(),
        }
    }

    /// Returns the way on which shared references are lent.
    fn receiver(&self) -> Ident {
        match self {
            Self::Object | Self::PluginProxy => format_ident!("ToPlugin"),
            Self::HostProxy => format_ident!("ToHost"),
        }
    }

    /// Returns the direction in which arguments cross.
    fn direction(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginProxy => quote!(IntoPlugin),
            Self::HostProxy => quote!(OutOfPlugin),
        }
    }

    /// Returns the direction in which results cross.
    fn way_back(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginProxy => quote!(OutOfPlugin),
            Self::HostProxy => quote!(IntoPlugin),
        }
    }
}

/// Whether a type is written as a reference, so the value behind it does not change its owner.
fn is_borrowed(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_borrowed(&inner.elem),
        Type::Group(inner) => is_borrowed(&inner.elem),
        Type::Reference(_) => true,
        _ => false,
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

//! The guards: the trait, implemented for whoever stands at the boundary.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ReturnType, TraitItem, TraitItemFn, Type, parse_quote};

use crate::attribute::{conditions, located};
use crate::interface::{Interface, is_mut};
use crate::valid::{direct_object, is_sized_only};

/// Who implements the trait in one of the generated pieces.
pub(crate) enum Guarded {
    /// The plugin's concrete type.
    Object,
    /// A host's object that is lent to a plugin.
    HostProxy,
    /// A plugin's object that is lent to the host.
    PluginProxy,
}

impl Interface<'_> {
    /// The trait for one of the guards.
    pub(crate) fn guard(&self, guarded: &Guarded) -> TokenStream {
        let krate = &self.krate;
        let name = &self.item.ident;
        // Generic over the object: it may be that of an interface which has this one as its supertrait.
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
        // The bound always holds. It stands here so that rustc reports a supertrait that is no interface only once.
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

    /// One method of a guard: lends the trait objects among the arguments to the other side, takes those that are given
    /// away across, and runs guarded.
    fn guard_method(&self, method: &TraitItemFn, guarded: &Guarded) -> TokenStream {
        let krate = &self.krate;
        let conditions = conditions(&method.attrs);
        let mut signature = method.sig.clone();
        let side = guarded.other_side();
        let mut lend = Vec::new();
        let mut passed: Vec<TokenStream> = Vec::new();
        for (index, argument) in signature.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = argument else { continue };
            let argument = Ident::new(&format!("__plugbox_{index}"), Span::mixed_site());
            *typed.pat = parse_quote!(#argument);
            typed.attrs.clear();
            match direct_object(&typed.ty) {
                Some((_, true)) => {
                    // SAFETY: only the call below sees the wrapper, and the borrow of `#argument` outlives that call
                    // (obligation 1).
                    lend.push(quote! {
                        let mut #argument = unsafe { #krate::__private::#side::exclusive(#argument) };
                    });
                    passed.push(located(quote_spanned!(Span::mixed_site()=> &mut #argument), &typed.ty));
                }
                Some((_, false)) => {
                    // SAFETY: as above, and only `&` of it is lent on.
                    lend.push(quote!(let #argument = unsafe { #krate::__private::#side::shared(#argument) };));
                    passed.push(located(quote_spanned!(Span::mixed_site()=> &#argument), &typed.ty));
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
        // The very token: a macro may have got the method from somewhere else than the trait.
        let this = signature.receiver().map(|receiver| receiver.self_token);
        let call = quote!(#this.#call(#shown, |#object| #trait_name::#name(#object, #(#passed),*)));
        let call = match &signature.output {
            ReturnType::Type(_, ty) if !is_borrowed(ty) => {
                let result = Ident::new("__plugbox_result", Span::mixed_site());
                let cross = self.cross(&result, ty, call, guarded.way_back());
                quote! { #cross #result }
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

    /// Binds a value, with the objects inside it taken across.
    fn cross(&self, name: &Ident, ty: &Type, value: TokenStream, direction: TokenStream) -> TokenStream {
        let krate = &self.krate;
        let cross = quote_spanned! {ty.span()=> <#ty as #krate::Shape>::__cross };
        quote! {
            let mut #name = #value;
            if __PLUGBOX_HIDES {
                #cross(&mut #name, #krate::__private::Direction::#direction);
            }
        }
    }
}

impl Guarded {
    /// The wrapper that the piece is for.
    fn side(&self) -> Ident {
        match self {
            Self::Object => format_ident!("Guard"),
            Self::HostProxy => format_ident!("HostProxy"),
            Self::PluginProxy => format_ident!("PluginProxy"),
        }
    }

    /// What its arguments are wrapped in.
    fn other_side(&self) -> Ident {
        match self {
            Self::Object | Self::PluginProxy => Self::HostProxy.side(),
            Self::HostProxy => Self::PluginProxy.side(),
        }
    }

    /// Which way its arguments go.
    fn direction(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginProxy => quote!(IntoPlugin),
            Self::HostProxy => quote!(OutOfPlugin),
        }
    }

    /// Which way its results go.
    fn way_back(&self) -> TokenStream {
        match self {
            Self::Object | Self::PluginProxy => quote!(OutOfPlugin),
            Self::HostProxy => quote!(IntoPlugin),
        }
    }
}

/// Whether a type is written as a reference: what is behind it changes no owner.
fn is_borrowed(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_borrowed(&inner.elem),
        Type::Group(inner) => is_borrowed(&inner.elem),
        Type::Reference(_) => true,
        _ => false,
    }
}

/// A `where Self: Sized` method without a body: nobody can call it on a guard, which no user can name.
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

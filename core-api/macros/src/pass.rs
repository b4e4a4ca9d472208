//! How the arguments of a call pass to the other side, and its result passes back.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::attribute::located;
use crate::closure::Closure;
use crate::scope::Scope;
use crate::valid::direct_object;

/// A wrapper, by whose object a call is answered.
#[derive(Clone, Copy)]
pub(crate) enum Guarded {
    /// The plugin's concrete type.
    Object,
    /// A host's object that a plugin uses.
    HostProxy,
    /// A plugin's object that the host uses.
    PluginProxy,
}

impl Guarded {
    /// Returns the wrapper for which the piece implements the trait.
    pub(crate) fn side(self) -> Ident {
        match self {
            Self::Object => format_ident!("Guard"),
            Self::HostProxy => format_ident!("HostProxy"),
            Self::PluginProxy => format_ident!("PluginProxy"),
        }
    }

    /// Returns the wrapper of objects among the arguments.
    fn other_side(self) -> Self {
        match self {
            Self::Object | Self::PluginProxy => Self::HostProxy,
            Self::HostProxy => Self::PluginProxy,
        }
    }

    /// Returns the direction in which arguments cross.
    fn direction(self) -> TokenStream {
        match self {
            Self::Object | Self::PluginProxy => quote!(IntoPlugin),
            Self::HostProxy => quote!(OutOfPlugin),
        }
    }

    /// Returns the direction in which results cross.
    fn way_back(self) -> TokenStream {
        self.other_side().direction()
    }
}

/// A call of a wrapper.
pub(crate) struct Call<'a> {
    pub(crate) guarded: Guarded,
    pub(crate) scope: &'a Scope,
    /// The constant that says whether any value can contain an object, if the item has one.
    pub(crate) hides: Option<TokenStream>,
}

impl Call<'_> {
    /// Writes the statements before the call for one argument, and the expression that is passed: borrowed trait objects
    /// are lent to the other side, and owned ones are taken across.
    pub(crate) fn argument(&self, name: &Ident, ty: &Type) -> (TokenStream, TokenStream) {
        let krate = &self.scope.krate;
        let Some((object, exclusive)) = direct_object(ty) else {
            let cross = if is_borrowed(ty) {
                TokenStream::new()
            } else {
                self.cross(name, ty, quote!(#name), &self.guarded.direction())
            };
            return (cross, name.to_token_stream());
        };
        let other = self.guarded.other_side();
        let side = other.side();
        let (lend, passed) = if exclusive {
            // SAFETY: *for the call*: only the call below uses the wrapper, and the borrow of `#name` outlives that call
            // (obligation 1 of `exclusive`).
            let lend = quote! { let mut #name = unsafe { #krate::__private::#side::exclusive(#name) }; };
            (lend, quote_spanned!(Span::mixed_site()=> &mut #name))
        } else {
            // SAFETY: *for the call*: only the call below uses the wrapper, through `&`, and the borrow of `#name`
            // outlives that call (obligation 1 of `shared`).
            let lend = quote! { let #name = unsafe { #krate::__private::#side::shared(#name) }; };
            (lend, quote_spanned!(Span::mixed_site()=> &#name))
        };
        let passed = located(passed, ty);
        let Some(closure) = Closure::of_type(object) else { return (lend, passed) };
        let wrapper = closure.lent(&Call { guarded: other, scope: self.scope, hides: None }, name);
        // A shared wrapper is no variable that changes, but what it captures may be.
        (quote! { #lend #[allow(unused_mut)] let mut #name = #wrapper; }, passed)
    }

    /// Writes the call with its result taken back.
    pub(crate) fn result(&self, ty: Option<&Type>, call: TokenStream) -> TokenStream {
        match ty {
            Some(ty) if !is_borrowed(ty) => {
                let result = Ident::new("__plugbox_result", Span::mixed_site());
                let cross = self.cross(&result, ty, call, &self.guarded.way_back());
                quote! { #cross #result }
            }
            _ => call,
        }
    }

    /// Binds a value to a name, and takes the objects inside it across.
    fn cross(&self, name: &Ident, ty: &Type, value: TokenStream, direction: &TokenStream) -> TokenStream {
        let (krate, shape) = (&self.scope.krate, self.scope.around(ty).shape());
        let direction = quote!(#krate::__private::Direction::#direction);
        match &self.hides {
            Some(hides) => {
                let cross = quote_spanned! {ty.span()=> <#ty as #shape>::__cross };
                quote! {
                    let mut #name = #value;
                    if #hides {
                        #cross(&mut #name, #direction);
                    }
                }
            }
            // In a closure, the lifetimes of its arguments have no names.
            None => {
                let cross = quote_spanned! {ty.span()=> <_ as #shape>::__cross };
                quote! { let mut #name = #value; #cross(&mut #name, #direction); }
            }
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

impl Closure {
    /// Writes a closure that calls what `held` holds, in a function that gives it its type.
    pub(crate) fn wrapper(&self, call: &Call<'_>, held: &Ident, place: &Place) -> TokenStream {
        let names: Vec<Ident> = (0..self.arguments.len()).map(|index| format_ident!("{held}_{index}")).collect();
        let (lend, passed): (Vec<_>, Vec<_>) =
            names.iter().zip(&self.arguments).map(|(name, ty)| call.argument(name, ty)).unzip();
        let object = Ident::new("__plugbox_object", Span::mixed_site());
        let shown = self.shown();
        let method = match (self.kind.to_string().as_str(), place) {
            ("Fn", _) => quote!(#held.call),
            ("FnMut", _) => quote!(#held.call_mut),
            (_, Place::Lent) => quote!(#held.call),
            (_, Place::Owned) => quote!(#held.into_proxy().call_once),
        };
        let inner = quote!(#method(#shown, |#object| #object(#(#passed),*)));
        let inner = call.result(self.result.as_ref(), inner);
        let bounds = self.bounds();
        let (generics, typed) = match place {
            Place::Owned => (quote!('plugbox,), quote!(#bounds + 'plugbox)),
            Place::Lent => (TokenStream::new(), bounds),
        };
        quote! {{
            // The bound gives the closure's arguments and its result their lifetimes.
            fn __plugbox_typed<#generics __PlugboxF: #typed>(closure: __PlugboxF) -> __PlugboxF {
                closure
            }
            __plugbox_typed(#[allow(unused_mut)] move |#(mut #names),*| { #(#lend)* #inner })
        }}
    }

    /// Writes the wrapper of a closure that is lent for a call.
    pub(crate) fn lent(&self, call: &Call<'_>, held: &Ident) -> TokenStream {
        self.wrapper(call, held, &Place::Lent)
    }
}

/// How a wrapper holds the closure.
pub(crate) enum Place {
    Owned,
    Lent,
}

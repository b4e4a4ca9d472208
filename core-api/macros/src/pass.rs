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

    /// Returns the way on which shared references are lent.
    fn receiver(self) -> Ident {
        match self {
            Self::Object | Self::PluginProxy => format_ident!("ToPlugin"),
            Self::HostProxy => format_ident!("ToHost"),
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
    /// are lent to the other side, and owned ones are taken across. `visited` is the type behind a `&mut`, in which
    /// objects cross for the call.
    pub(crate) fn argument(&self, name: &Ident, ty: &Type, visited: Option<&Type>) -> (TokenStream, TokenStream) {
        let krate = &self.scope.krate;
        let Some((object, exclusive)) = direct_object(ty) else {
            return match visited {
                Some(value) => {
                    let visit = self.visit(name, value);
                    let get = quote_spanned!(Span::mixed_site()=> #name.__get());
                    (quote!(let mut #name = #visit;), located(get, ty))
                }
                None if is_borrowed(ty) => (TokenStream::new(), name.to_token_stream()),
                None => (self.cross(name, ty, quote!(#name), &self.guarded.direction()), name.to_token_stream()),
            };
        };
        let (side, receiver) = (self.guarded.other_side().side(), self.guarded.receiver());
        let (lend, passed) = if let Some(wrapper) = self.closure(name, object, exclusive) {
            let passed = if exclusive {
                quote_spanned!(Span::mixed_site()=> &mut #name)
            } else {
                quote_spanned!(Span::mixed_site()=> &#name)
            };
            // A shared wrapper is no variable that changes, but what it captures may be.
            (quote! { #[allow(unused_mut)] let mut #name = #wrapper; }, passed)
        } else if exclusive {
            // SAFETY: *for the call*: only the call below uses the wrapper, and the borrow of `#name` outlives that call
            // (obligation 1 of `exclusive`).
            let lend = quote! { let mut #name = unsafe { #krate::__private::#side::exclusive(#name) }; };
            (lend, quote_spanned!(Span::mixed_site()=> &mut #name))
        } else {
            // SAFETY: *for the call*: only the call below uses the wrapper, through `&`, and the borrow of `#name`
            // outlives that call (obligation 1 of `__lend`).
            let lend = quote! { let #name = unsafe { #krate::__private::#receiver(#name).__lend() }; };
            (lend, quote_spanned!(Span::mixed_site()=> #name.__lent()))
        };
        (lend, located(passed, ty))
    }

    /// Writes the wrapper of an argument that is lent to a future, and the expression that is passed; `None` if nothing
    /// of the argument is lent.
    pub(crate) fn loan(&self, name: &Ident, ty: &Type, visited: Option<&Type>) -> Option<(TokenStream, TokenStream)> {
        let krate = &self.scope.krate;
        // SAFETY: *for the call*: the wrapper is that of a reference, so its drop frees at most texts that it has made
        // (obligation 1 of `new`).
        let shared = |wrapper: TokenStream| quote!(unsafe { #krate::__private::SharedLoan::new(#wrapper) });
        let get = quote_spanned!(Span::mixed_site()=> #name.__get());
        let (loan, passed) = match (direct_object(ty), visited) {
            (Some((object, exclusive)), _) => {
                let (side, receiver) = (self.guarded.other_side().side(), self.guarded.receiver());
                match self.closure(name, object, exclusive) {
                    Some(wrapper) if exclusive => (wrapper, name.to_token_stream()),
                    Some(wrapper) => (shared(wrapper), get),
                    None if exclusive => {
                        // SAFETY: *for the call*: only the future uses the wrapper, and it borrows what `#name` borrows
                        // (obligation 1 of `exclusive`).
                        (quote!(unsafe { #krate::__private::#side::exclusive(#name) }), name.to_token_stream())
                    }
                    None => {
                        // SAFETY: *for the call*: only the future uses the wrapper, through `&`, and it borrows what
                        // `#name` borrows (obligation 1 of `__lend`).
                        let lend = quote!(unsafe { #krate::__private::#receiver(#name).__lend() });
                        (shared(lend), quote!(#get.__lent()))
                    }
                }
            }
            (None, Some(value)) => (self.visit(name, value), quote_spanned!(Span::mixed_site()=> #name.__get())),
            (None, None) => return None,
        };
        Some((loan, located(passed, ty)))
    }

    /// Writes the wrapper of a closure that is lent; `None` for any other object.
    fn closure(&self, name: &Ident, object: &Type, exclusive: bool) -> Option<TokenStream> {
        let krate = &self.scope.krate;
        let closure = Closure::of_type(object)?;
        let other = self.guarded.other_side();
        let (side, way) = (other.side(), format_ident!("{}", if exclusive { "exclusive" } else { "shared" }));
        let wrapper = closure.lent(&Call { guarded: other, scope: self.scope, hides: None }, name);
        // SAFETY: *for the call*: only the call, or its future, uses the wrapper, and the borrow of `#name` outlives it
        // (obligation 1 of `shared` and of `exclusive`).
        let lend = quote!(unsafe { #krate::__private::#side::#way(#name) });
        Some(quote! {{
            #[allow(unused_mut)]
            let mut #name = #lend;
            #wrapper
        }})
    }

    /// Writes the visit of a value that is lent by `&mut`.
    fn visit(&self, name: &Ident, value: &Type) -> TokenStream {
        let krate = &self.scope.krate;
        let direction = self.guarded.direction();
        let cross = self.scope.around(value).shape_of(value, "__cross");
        let cross = match &self.hides {
            Some(hides) => quote! {
                if #hides { ::core::option::Option::Some(#cross) } else { ::core::option::Option::None }
            },
            None => quote!(::core::option::Option::Some(#cross)),
        };
        quote!(#krate::__private::Visit::new(#name, #cross, #krate::__private::Direction::#direction))
    }

    /// Writes the call of a method to which its future's loans are lent, with its result taken back.
    pub(crate) fn future(&self, ty: Option<&Type>, call: TokenStream) -> TokenStream {
        let (krate, shape) =
            (&self.scope.krate, ty.map_or_else(|| self.scope.clone(), |ty| self.scope.around(ty)).shape());
        let direction = self.guarded.way_back();
        let hides = self.hides.iter();
        let result = Ident::new("__plugbox_result", Span::mixed_site());
        // Its lifetime is that of the loans, which has no name here.
        quote! {
            let mut #result = #call;
            if true #(&& #hides)* {
                <_ as #shape>::__cross(&mut #result, #krate::__private::Direction::#direction);
            }
            #result
        }
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
        let (krate, scope) = (&self.scope.krate, self.scope.around(ty));
        let direction = quote!(#krate::__private::Direction::#direction);
        match &self.hides {
            Some(hides) => {
                let cross = scope.shape_of(ty, "__cross");
                quote! {
                    let mut #name = #value;
                    if #hides {
                        #cross(&mut #name, #direction);
                    }
                }
            }
            // In a closure, the lifetimes of its arguments have no names.
            None => {
                let shape = scope.shape();
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
    pub(crate) fn wrapper(&self, call: &Call<'_>, held: &Ident, holding: &Holding) -> TokenStream {
        let names: Vec<Ident> = (0..self.arguments.len()).map(|index| format_ident!("{held}_{index}")).collect();
        let (lend, passed): (Vec<_>, Vec<_>) =
            names.iter().zip(&self.arguments).map(|(name, ty)| call.argument(name, ty, None)).unzip();
        let object = Ident::new("__plugbox_object", Span::mixed_site());
        let shown = self.shown();
        // By their paths: a trait of the author's may give every type methods of these names.
        let krate = &call.scope.krate;
        let side = call.guarded.side();
        let (method, held) = match (self.kind.to_string().as_str(), holding) {
            ("FnMut", _) => (quote!(call_mut), quote!(&mut #held)),
            ("FnOnce", Holding::Owned) => (quote!(call_once), quote!(#krate::__private::Captured::into_proxy(#held))),
            _ => (quote!(call), quote!(&#held)),
        };
        let inner = quote!(#krate::__private::#side::#method(#held, #shown, |#object| #object(#(#passed),*)));
        let inner = call.result(self.result.as_ref(), inner);
        let bounds = self.bounds();
        let (generics, typed) = match holding {
            Holding::Owned => (quote!('plugbox,), quote!(#bounds + 'plugbox)),
            Holding::Lent => (TokenStream::new(), bounds),
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
        self.wrapper(call, held, &Holding::Lent)
    }
}

/// How a wrapper holds the closure.
pub(crate) enum Holding {
    Owned,
    Lent,
}

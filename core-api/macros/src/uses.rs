//! The use of a type in a signature: its node, its lifetimes, and the facts about it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, LifetimeParam, Type};

use crate::facts;
use crate::lifetimes::{Names, Places, erased};
use crate::scope::Scope;

/// Writes the use of a type in a signature without elided lifetimes.
pub(crate) fn use_of(scope: &Scope, generics: &Generics, ty: &Type, names: &mut Names) -> TokenStream {
    let krate = &scope.krate;
    let scope = scope.around(ty);
    let edge = type_ref(&scope, ty);
    let lifetimes = Places::of(ty, generics).named(&scope, |lifetime| names.of_lifetime(lifetime));
    let target = erased(ty);
    let target = scope.shape_of(&target, "Target");
    let facts = facts::of_values(krate, &target);
    let target = scope.shape_of(&target, "TYPE");
    quote! {
        #krate::__private::Use { ty: #edge, #lifetimes, target: #target, facts: #facts }
    }
}

/// Writes the node of a type.
pub(crate) fn type_ref(scope: &Scope, ty: &Type) -> TokenStream {
    scope.around(ty).shape_of(&erased(ty), "TYPE")
}

/// Writes the proof that every lifetime in these types is written. `parameters` declares some of the lifetimes; the
/// proof declares the rest.
pub(crate) fn lifetimes_are_written<'a>(
    scope: &Scope,
    generics: &Generics,
    types: impl Iterator<Item = &'a Type>,
    mut fresh: Vec<Lifetime>,
    mut parameters: Generics,
) -> Option<TokenStream> {
    let krate = &scope.krate;
    let (mut calls, mut arguments) = (Vec::new(), Vec::new());
    for (index, ty) in types.enumerate() {
        let places = Places::of(ty, generics);
        fresh.extend(places.written().cloned());
        let scope = scope.around(ty);
        let claims = places.claims(&scope);
        let argument = Ident::new(&format!("__plugbox_type_{index}"), ty.span());
        arguments.push(quote!(#argument: #krate::__private::Shown<#ty>));
        calls.push(scope.lifetimes_are(ty, &claims, &argument));
    }
    if calls.is_empty() {
        return None;
    }
    fresh.retain(|lifetime| {
        lifetime.ident != "static" && !parameters.lifetimes().any(|known| known.lifetime == *lifetime)
    });
    fresh.sort();
    fresh.dedup();
    for lifetime in fresh {
        parameters.params.push(GenericParam::Lifetime(LifetimeParam::new(lifetime)));
    }
    let (generics, _, clause) = parameters.split_for_impl();
    Some(quote! {
        const _: () = {
            #[allow(dead_code, single_use_lifetimes, clippy::all)]
            fn lifetimes_are_written #generics(#(#arguments),*) #clause {
                #(#calls)*
            }
        };
    })
}

//! Closures: a `dyn Fn(A, &B) -> R` in a signature or a field, as the macros read it.
//!
//! Only std's closures have arguments in parentheses, and the output writes the path of `Fn` itself. So the compiler
//! proves that the author's `Fn` is that of std.

use std::hash::{DefaultHasher, Hash, Hasher};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{GenericParam, Lifetime, PathArguments, ReturnType, TraitBound, Type, TypeParamBound, TypeTraitObject};

use crate::attribute::located;
use crate::lifetimes::{is_closure, renamed};
use crate::scope::Scope;

/// The auto traits that are allowed as supertraits, and on closures.
pub(crate) const AUTO_TRAITS: [&str; 5] = ["RefUnwindSafe", "Send", "Sync", "Unpin", "UnwindSafe"];

/// The traits of closures.
pub(crate) const KINDS: [&str; 3] = ["Fn", "FnMut", "FnOnce"];

/// A closure without elided lifetimes.
#[derive(Clone)]
pub(crate) struct Closure {
    /// `Fn`, `FnMut` or `FnOnce`.
    pub(crate) kind: Ident,
    /// The higher-ranked lifetimes.
    pub(crate) lifetimes: Vec<Lifetime>,
    pub(crate) arguments: Vec<Type>,
    pub(crate) result: Option<Type>,
    /// The auto traits, sorted.
    pub(crate) autos: Vec<Ident>,
    /// The author's tokens.
    pub(crate) tokens: TokenStream,
}

impl Closure {
    pub(crate) fn of_type(ty: &Type) -> Option<Self> {
        match ty {
            Type::Paren(inner) => Self::of_type(&inner.elem),
            Type::Group(inner) => Self::of_type(&inner.elem),
            Type::TraitObject(object) => Self::of(object),
            _ => None,
        }
    }

    fn of(object: &TypeTraitObject) -> Option<Self> {
        let bound = bound_of(object)?;
        let last = bound.path.segments.last()?;
        let PathArguments::Parenthesized(signature) = &last.arguments else { return None };
        let own = own_lifetimes(bound);
        // All names are ours, so that two spellings of one closure are the same tokens.
        let mut lifetimes: Vec<(Option<Lifetime>, Lifetime)> = Vec::new();
        let mut name = |written: Option<&Lifetime>| {
            let named = written.filter(|lifetime| lifetime.ident != "_");
            if named.is_some_and(|lifetime| !own.contains(lifetime)) {
                return None;
            }
            let known = lifetimes.iter().find(|(known, _)| known.is_some() && known.as_ref() == named);
            Some(known.map(|(_, name)| name.clone()).unwrap_or_else(|| {
                let fresh = Lifetime::new(&format!("'plugbox_{}", lifetimes.len()), Span::call_site());
                lifetimes.push((named.cloned(), fresh.clone()));
                fresh
            }))
        };
        let arguments: Vec<Type> = signature.inputs.iter().map(|input| renamed(&input.ty, &mut name)).collect();
        // An elided lifetime of the result is the only one of the arguments.
        let only = lifetimes.first().map(|(_, only)| only.clone());
        let result = match &signature.output {
            ReturnType::Default => None,
            // It is the same type.
            ReturnType::Type(_, ty) if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()) => None,
            ReturnType::Type(_, ty) => Some(renamed(ty, |written| match written {
                Some(lifetime) if lifetime.ident != "_" => {
                    let known = lifetimes.iter().find(|(known, _)| known.as_ref() == Some(lifetime));
                    known.map(|(_, name)| name.clone())
                }
                _ => only.clone(),
            })),
        };
        let mut autos: Vec<Ident> =
            traits(object).filter(|other| !std::ptr::eq(*other, bound)).filter_map(auto).collect();
        autos.sort();
        autos.dedup();
        Some(Self {
            kind: last.ident.clone(),
            lifetimes: lifetimes.into_iter().map(|(_, name)| name).collect(),
            arguments,
            result,
            autos,
            tokens: object.to_token_stream(),
        })
    }

    /// Writes the bounds: the trait with its arguments, and the auto traits.
    pub(crate) fn bounds(&self) -> TokenStream {
        let Self { kind, lifetimes, arguments, result, autos, .. } = self;
        let result = result.as_ref().map(|ty| quote!(-> #ty));
        let higher_ranked = (!lifetimes.is_empty()).then(|| quote!(for<#(#lifetimes),*>));
        let autos = autos.iter().map(|auto| match auto.to_string().as_str() {
            "Send" | "Sync" | "Unpin" => quote!(+ ::core::marker::#auto),
            _ => quote!(+ ::core::panic::#auto),
        });
        quote!(#higher_ranked ::core::ops::#kind(#(#arguments),*) #result #(#autos)*)
    }

    /// Returns the text that is the same for all spellings of the closure, apart from aliases.
    pub(crate) fn text(&self) -> String {
        self.bounds().to_string()
    }

    /// Returns the text of the closure as reports of panics show it.
    pub(crate) fn shown(&self) -> String {
        let Self { kind, arguments, result, .. } = self;
        let mut forgotten = |_: Option<&Lifetime>| Some(Lifetime::new("'_", Span::call_site()));
        let text = |ty: Type| ty.to_token_stream().to_string().replace("'_ ", "").replace("& ", "&");
        let arguments: Vec<String> = arguments.iter().map(|ty| text(renamed(ty, &mut forgotten))).collect();
        let result = result.as_ref().map(|ty| format!(" -> {}", text(renamed(ty, &mut forgotten))));
        format!("{kind}({}){}", arguments.join(", "), result.unwrap_or_default())
    }

    /// Whether both sides may hold an `Arc` of the closure. `carry.rs` refuses any other.
    pub(crate) fn may_be_shared(&self) -> bool {
        let has = |name: &str| self.autos.iter().any(|auto| auto == name);
        self.kind == "Fn" && (!has("Send") || has("Sync"))
    }

    /// Writes the closure's node.
    pub(crate) fn type_ref(&self, scope: &Scope) -> TokenStream {
        let shape = Scope::of_the_item(&scope.krate, number(std::slice::from_ref(self))).shape();
        let bounds = located(self.bounds(), &self.tokens);
        quote!(<dyn #bounds as #shape>::TYPE)
    }
}

/// Returns the number of the scope in which these closures have a shape.
pub(crate) fn number(closures: &[Closure]) -> u16 {
    let mut texts: Vec<String> = closures.iter().map(Closure::text).collect();
    texts.sort();
    texts.dedup();
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    // The compiler's messages show it. Two types may have the same number, unless they have one closure in two spellings.
    hasher.finish() as u16
}

/// Returns the closures in a type, without those in their arguments and results.
pub(crate) fn closures_in(ty: &Type) -> Vec<Closure> {
    struct Find(Vec<Closure>);
    impl<'a> Visit<'a> for Find {
        fn visit_type_trait_object(&mut self, object: &'a TypeTraitObject) {
            match Closure::of(object) {
                Some(closure) => self.0.push(closure),
                None => visit::visit_type_trait_object(self, object),
            }
        }
    }
    let mut find = Find(Vec::new());
    find.visit_type(ty);
    find.0
}

impl Scope {
    /// Returns the scope for a type: one of the item's for a type with closures in it, and else this one.
    pub(crate) fn around(&self, ty: &Type) -> Self {
        match &closures_in(ty)[..] {
            [] => self.clone(),
            closures => Self::of_the_item(&self.krate, number(closures)),
        }
    }
}

/// Whether a type has a closure in it.
pub(crate) fn has_closure(ty: &Type) -> bool {
    !closures_in(ty).is_empty()
}

pub(crate) fn traits(object: &TypeTraitObject) -> impl Iterator<Item = &TraitBound> {
    object.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(bound),
        _ => None,
    })
}

/// Returns the bound with arguments in parentheses.
pub(crate) fn bound_of(object: &TypeTraitObject) -> Option<&TraitBound> {
    traits(object).find(|bound| is_closure(bound))
}

pub(crate) fn auto(bound: &TraitBound) -> Option<Ident> {
    let last = &bound.path.segments.last()?.ident;
    AUTO_TRAITS.iter().any(|known| last == known).then(|| last.clone())
}

pub(crate) fn own_lifetimes(bound: &TraitBound) -> Vec<Lifetime> {
    let declared = bound.lifetimes.iter().flat_map(|bound| &bound.lifetimes);
    let lifetimes = declared.filter_map(|parameter| match parameter {
        GenericParam::Lifetime(parameter) => Some(parameter.lifetime.clone()),
        _ => None,
    });
    lifetimes.collect()
}

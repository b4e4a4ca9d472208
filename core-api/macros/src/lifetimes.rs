//! Lifetimes: none of them changes a layout, but which borrow a result is tied to is part of what a method promises.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, Lifetime, Signature, Token, Type, WherePredicate};

/// The type with every lifetime written `'static`, as it may stand in a static.
pub(crate) fn erased(ty: &Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            visit_mut::visit_type_reference_mut(self, reference);
            if reference.lifetime.is_none() {
                reference.lifetime = Some(Lifetime::new("'static", reference.and_token.spans[0]));
            }
        }
    }
    let mut ty = ty.clone();
    Erase.visit_type_mut(&mut ty);
    ty
}

/// The named lifetimes in some tokens, in order.
pub(crate) fn named<'a>(visit: impl FnOnce(&mut Named<'a>)) -> Vec<&'a Lifetime> {
    let mut found = Named(Vec::new());
    visit(&mut found);
    found.0
}

pub(crate) struct Named<'a>(Vec<&'a Lifetime>);

impl<'a> Visit<'a> for Named<'a> {
    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        if lifetime.ident != "_" {
            self.0.push(lifetime);
        }
        visit::visit_lifetime(self, lifetime);
    }
}

/// Which borrows of a signature are tied to each other by a name: `'a: 1, result`. The names themselves do not count,
/// and neither does what elision would say anyway (the result is tied to `self`).
pub(crate) fn borrows(signature: &Signature) -> String {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut note = |lifetimes: Vec<&Lifetime>, place: &str| {
        for lifetime in lifetimes {
            let name = lifetime.ident.to_string();
            let seen = places.entry(name.clone()).or_default();
            if seen.last().is_none_or(|last| last != place) {
                seen.push(place.to_owned());
            }
            if !order.contains(&name) {
                order.push(name);
            }
        }
    };
    for (index, argument) in signature.inputs.iter().enumerate() {
        match argument {
            FnArg::Receiver(receiver) => note(named(|found| found.visit_receiver(receiver)), "self"),
            FnArg::Typed(typed) => note(named(|found| found.visit_type(&typed.ty)), &index.to_string()),
        }
    }
    note(named(|found| found.visit_return_type(&signature.output)), "result");

    let number = |name: &str| order.iter().position(|known| known == name).unwrap_or(order.len());
    let mut ties: Vec<String> = Vec::new();
    for name in &order {
        let tied = &places[name];
        let elided = tied.len() == 1 && name != "static" || *tied == ["self", "result"];
        if !elided {
            let shown = if name == "static" { "static".to_owned() } else { number(name).to_string() };
            ties.push(format!("'{shown}: {}", tied.join(", ")));
        }
    }
    let mut outlives = |longer: &Lifetime, bounds: &Punctuated<Lifetime, Token![+]>| {
        for shorter in bounds {
            let (longer, shorter) = (number(&longer.ident.to_string()), number(&shorter.ident.to_string()));
            ties.push(format!("'{longer} outlives '{shorter}"));
        }
    };
    for parameter in &signature.generics.params {
        if let GenericParam::Lifetime(parameter) = parameter {
            outlives(&parameter.lifetime, &parameter.bounds);
        }
    }
    for predicate in signature.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Lifetime(predicate) = predicate {
            outlives(&predicate.lifetime, &predicate.bounds);
        }
    }
    ties.join("; ")
}

/// The text of a type, to recognise a repetition.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

//! Lifetimes: none of them changes a layout, but which borrow a result is tied to is part of what a method promises.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, Generics, Ident, Lifetime, ReceiverKind, Signature, Token, Type, WherePredicate};

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
pub(crate) fn named<'a>(visit: impl FnOnce(&mut Positions<'a>)) -> Vec<&'a Lifetime> {
    positions(visit).into_iter().flatten().collect()
}

/// Every place for a lifetime that can be seen in some tokens, in order, with what stands there.
fn positions<'a>(visit: impl FnOnce(&mut Positions<'a>)) -> Vec<Option<&'a Lifetime>> {
    let mut found = Positions(Vec::new());
    visit(&mut found);
    found.0
}

pub(crate) struct Positions<'a>(Vec<Option<&'a Lifetime>>);

impl<'a> Visit<'a> for Positions<'a> {
    fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
        self.0.push((lifetime.ident != "_").then_some(lifetime));
    }

    fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
        self.0.push(reference.lifetime.as_ref().filter(|lifetime| lifetime.ident != "_"));
        self.visit_type(&reference.elem);
    }
}

/// Which of a type's lifetimes stand where in a field's type: empty where none does. An alias may hide a `'static`, so
/// that one counts only beside others.
pub(crate) fn in_field(ty: &Type, generics: &Generics) -> String {
    let parameters: Vec<&Ident> = generics.lifetimes().map(|parameter| &parameter.lifetime.ident).collect();
    let found = named(|found| found.visit_type(ty));
    let number = |lifetime: &Lifetime| parameters.iter().position(|parameter| **parameter == lifetime.ident);
    if !found.iter().any(|lifetime| number(lifetime).is_some()) {
        return String::new();
    }
    let shown = found.into_iter().map(|lifetime| match number(lifetime) {
        Some(number) => format!("'{number}"),
        None => format!("'{}", lifetime.ident),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Which borrows of a signature are tied to each other: `'0: 1.0, result.0` says that the first lifetime in the first
/// argument is that of the result. Names do not count, and neither does what elision would say anyway: that all of the
/// result borrows from `self`.
pub(crate) fn borrows(signature: &Signature) -> String {
    const ELIDED_SELF: &str = "self";
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut note = |name: String, place: String| match groups.iter_mut().find(|(known, _)| *known == name) {
        Some((_, places)) => places.push(place),
        None => groups.push((name, vec![place])),
    };
    let mut of_self = None;
    for (index, argument) in signature.inputs.iter().enumerate() {
        match argument {
            FnArg::Receiver(receiver) => {
                let explicit = match &receiver.kind {
                    ReceiverKind::Reference(_, lifetime, _) => lifetime.as_ref().filter(|found| found.ident != "_"),
                    _ => None,
                };
                let name = explicit.map_or(ELIDED_SELF.to_owned(), |lifetime| lifetime.ident.to_string());
                note(name.clone(), "self".to_owned());
                of_self = Some(name);
            }
            FnArg::Typed(typed) => {
                for (at, lifetime) in positions(|found| found.visit_type(&typed.ty)).into_iter().enumerate() {
                    // An elided lifetime of an argument is one of its own.
                    if let Some(lifetime) = lifetime {
                        note(lifetime.ident.to_string(), format!("{index}.{at}"));
                    }
                }
            }
        }
    }
    let results = positions(|found| found.visit_return_type(&signature.output));
    for (at, lifetime) in results.iter().enumerate() {
        let name = lifetime.map(|lifetime| lifetime.ident.to_string()).or(of_self.clone());
        note(name.unwrap_or_default(), format!("result.{at}"));
    }
    let whole_result: Vec<String> =
        std::iter::once("self".to_owned()).chain((0..results.len()).map(|at| format!("result.{at}"))).collect();

    let bounds = bounds(signature);
    let bounded = |name: &str| bounds.iter().any(|(longer, shorter)| longer == name || shorter == name);
    let said = |(name, places): &&(String, Vec<String>)| {
        let by_elision = *places == whole_result || *places == ["self"];
        let alone = places.len() == 1 && !places[0].starts_with("result");
        bounded(name) || name == "static" || !(by_elision || alone)
    };
    let groups: Vec<&(String, Vec<String>)> = groups.iter().filter(said).collect();
    let number = |name: &str| match groups.iter().position(|(known, _)| known == name) {
        _ if name == "static" => "'static".to_owned(),
        Some(number) => format!("'{number}"),
        None => "'_".to_owned(),
    };
    let ties = groups.iter().map(|(name, places)| format!("{}: {}", number(name), places.join(", ")));
    let outlive = bounds.iter().map(|(longer, shorter)| format!("{} outlives {}", number(longer), number(shorter)));
    ties.chain(outlive).collect::<Vec<_>>().join("; ")
}

/// The names of the lifetimes of which one is said to outlive the other.
fn bounds(signature: &Signature) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut note = |longer: &Lifetime, bounds: &Punctuated<Lifetime, Token![+]>| {
        found.extend(bounds.iter().map(|shorter| (longer.ident.to_string(), shorter.ident.to_string())));
    };
    for parameter in &signature.generics.params {
        if let GenericParam::Lifetime(parameter) = parameter {
            note(&parameter.lifetime, &parameter.bounds);
        }
    }
    for predicate in signature.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Lifetime(predicate) = predicate {
            note(&predicate.lifetime, &predicate.bounds);
        }
    }
    found
}

/// The text of a type, to recognise a repetition.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

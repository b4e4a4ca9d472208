//! Conditions for compiling an item of an API: those on its features and on tests are decided here, and others are left.

use std::collections::BTreeSet;

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token, parse_quote};

/// What is left of the conditions of an item. `None` if the crate leaves out the item.
pub(super) fn left_of(attributes: &[Attribute], features: &BTreeSet<String>) -> Option<Vec<Attribute>> {
    let mut kept = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        match attribute.parse_args::<Meta>().map(|condition| decide(&condition, features)) {
            Ok(Condition::Decided(true)) => {}
            Ok(Condition::Decided(false)) => return None,
            Ok(Condition::Open(rest)) => kept.push(parse_quote!(#[cfg(#rest)])),
            Err(_) => kept.push(attribute.clone()),
        }
    }
    Some(kept)
}

/// A condition, after it is decided as far as it can be.
enum Condition {
    Decided(bool),
    /// The rest, which says nothing of features and tests.
    Open(Box<Meta>),
}

fn decide(condition: &Meta, features: &BTreeSet<String>) -> Condition {
    let open = || Condition::Open(condition.clone().into());
    match condition {
        Meta::NameValue(meta) if meta.path.is_ident("feature") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => {
                Condition::Decided(features.contains(&name.value()))
            }
            _ => open(),
        },
        Meta::List(list) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let mut parts = parts.iter().map(|part| decide(part, features));
            if list.path.is_ident("all") {
                joined(&list.path, parts, true)
            } else if list.path.is_ident("any") {
                joined(&list.path, parts, false)
            } else {
                match parts.next().filter(|_| list.path.is_ident("not")) {
                    Some(Condition::Decided(holds)) => Condition::Decided(!holds),
                    Some(Condition::Open(rest)) => Condition::Open(Box::new(parse_quote!(not(#rest)))),
                    None => open(),
                }
            }
        }
        Meta::Path(path) if path.is_ident("test") => Condition::Decided(false),
        Meta::Path(_) | Meta::NameValue(_) => open(),
    }
}

/// All or any of the parts. A part that is `neutral` changes nothing, and one that is not decides.
fn joined(by: &Path, parts: impl Iterator<Item = Condition>, neutral: bool) -> Condition {
    let mut left = Vec::new();
    for part in parts {
        match part {
            Condition::Open(part) => left.push(part),
            Condition::Decided(holds) if holds == neutral => {}
            Condition::Decided(holds) => return Condition::Decided(holds),
        }
    }
    match &left[..] {
        [] => Condition::Decided(neutral),
        [only] => Condition::Open(only.clone()),
        _ => Condition::Open(Box::new(parse_quote!(#by(#(#left),*)))),
    }
}

//! Borrows from a trait object that is lent for a call.

use syn::visit::{self, Visit};
use syn::{Lifetime, TraitItemFn, Type, TypeReference};

use crate::lifetimes::{found, outlived_by};
use crate::model::Signature;
use crate::valid::{Errors, direct_object, future_of, is_error, is_sized_only};

/// Refuses what borrows from a trait object argument for longer than the call: it would borrow from the argument's
/// wrapper, which lives only that long.
pub(crate) fn check(method: &TraitItemFn, errors: &mut Errors) {
    if is_sized_only(method) {
        return;
    }
    let Signature { arguments, result, .. } = Signature::of(&method.sig);
    // What is lent to a future lives as long as the future, so only its output is a result.
    let results = match future_of(&method.sig.output) {
        Some(future) => found(future.output),
        None => result.as_ref().map(found).unwrap_or_default(),
    };
    for (index, argument) in arguments.iter().enumerate() {
        let Some((object, _)) = direct_object(argument) else { continue };
        for lifetime in found(argument) {
            let outlived = outlived_by(lifetime, &method.sig);
            let is_tied = |lifetimes: Vec<&Lifetime>| lifetimes.iter().any(|found| outlived.contains(&found.ident));
            let others = arguments.iter().enumerate().filter(|(other, _)| *other != index);
            // The wrapper of an error has the error's own lifetime. The name is only a hint: without this message, the
            // compiler has one.
            if lifetime.ident == "static" && is_error(object) {
                continue;
            }
            if lifetime.ident == "static" {
                errors.push(
                    lifetime,
                    "a trait object is lent for the call only, and not for `'static`; take a `Box<dyn _>` or an \
                     `Arc<dyn _>` of it",
                );
            } else if is_tied(results.clone()) {
                errors.push(
                    lifetime,
                    "a result cannot borrow from a trait object that is lent for the call; return an owned value",
                );
            } else if others.flat_map(|(_, other)| exclusive(other)).any(|target| is_tied(found(target))) {
                errors.push(
                    lifetime,
                    "another argument could keep a borrow from this trait object, which is lent for the call only; leave out \
                     the object's lifetime, or use a lifetime that no other argument has",
                );
            }
        }
    }
}

/// Returns the types behind the `&mut` in a type.
fn exclusive(ty: &Type) -> Vec<&Type> {
    struct Targets<'a>(Vec<&'a Type>);
    impl<'a> Visit<'a> for Targets<'a> {
        fn visit_type_reference(&mut self, reference: &'a TypeReference) {
            if reference.mutability.is_some() {
                self.0.push(&reference.elem);
            }
            visit::visit_type_reference(self, reference);
        }
    }
    let mut targets = Targets(Vec::new());
    targets.visit_type(ty);
    targets.0
}

//! Decides which types may carry trait objects across: those whose objects are all found and wrapped on the way.
//!
//! Only the compiler runs these functions. They are `#[inline]`, because no plugin needs their machine code.

use super::facts::Facts;
use super::node::{Body, Carries, Closure, Field, Form, Holders, Type, TypeRef};
use super::reach::{Reached, hides_object};
use crate::record::same_bytes;

const BORROWED: &str = "a trait object behind a reference crosses only as an argument of its own, `&dyn Trait` or `&mut \
                        dyn Trait`, or inside an argument `&mut T` of a method, if the result does not borrow from it; elsewhere \
                        write `Box<dyn Trait>` or `Arc<dyn Trait>`, and pass the type that contains it by value";
const ELSEWHERE: &str = "a trait object would cross unguarded here; it crosses as `Box<dyn Trait>` or `Arc<dyn Trait>`, \
                         alone or inside `Option`, `Result`, `Vec`, `VecDeque`, arrays, boxed slices, tuples, values \
                         of maps (not keys), and your own types";
const IN_ARC: &str = "an object inside an `Arc` cannot be wrapped while other owners use it; write `Arc<dyn Trait>`, or \
                      use a `Box` instead of the `Arc`";
const EXCLUSIVE: &str = "an object that both sides share cannot have `&mut self` methods; pass `Box<dyn Trait>`";
const UNSHARED: &str = "each side counts the owners of an `Arc` separately, so `Arc::get_mut` could send an object \
                        that is `Send` and not `Sync` to another thread while both sides use it; write `Arc<dyn \
                        Trait + Send + Sync>`, add `Sync` to its supertraits, or pass `Box<dyn Trait>`";
const UNSHARED_CLOSURE: &str = "each side counts the owners of an `Arc` separately, so `Arc::get_mut` could send a \
                                closure that is `Send` and not `Sync` to another thread while both sides use it; \
                                write `Send + Sync`, or pass a `Box`";
const NOT_CALLED: &str = "a shared `FnMut` or `FnOnce` cannot be called; write `Arc<dyn Fn(..)>`, or pass a `Box`";
const PACKED: &str = "a field of a packed type cannot be borrowed, so a trait object inside would cross unguarded; \
                      remove `packed` from its `repr`";

/// Refuses, at compile time, a type that contains a trait object which would cross unguarded.
///
/// `known` holds the types that the interface reaches. It describes the types that `ty` only names.
// The compiler omits tracked callers from its error, so the error shows only the author's type.
#[track_caller]
#[inline]
pub const fn assert_crosses(ty: TypeRef, known: &Reached) {
    let mut seen = Reached::none();
    let refused = refusal(ty, known, &mut seen);
    if let Some(why) = refused {
        panic!("{}", why);
    }
}

/// Refuses, at compile time, a lent closure of this type whose arguments or result contain such a trait object.
#[track_caller]
#[inline]
pub const fn assert_closure_crosses(ty: TypeRef, known: &Reached) {
    let mut seen = Reached::none();
    if let Body::Closure(closure) = &ty.get().body {
        if let Some(why) = of_closure(closure, known, &mut seen) {
            panic!("{}", why);
        }
    }
}

/// Returns the reason why a trait object in a value of this type would cross unguarded; `None` if there is none.
#[inline]
const fn refusal(edge: TypeRef, known: &Reached, seen: &mut Reached) -> Option<&'static str> {
    let node = edge.get();
    match &node.body {
        // A bare trait object: the pointer types that may hold one handle it before they get here.
        Body::Interface { .. } | Body::Closure(_) => Some(ELSEWHERE),
        Body::Object(holders) => Some(holders.instead),
        Body::Struct { fields, .. } => match node.carries {
            Carries::Nothing if hides_object(&[edge], known) => Some(PACKED),
            Carries::Nothing => None,
            _ if seen.insert(edge) => of_fields(fields, known, seen),
            _ => None,
        },
        Body::Enum { variants, .. } => {
            if seen.insert(edge) {
                let mut rest = *variants;
                while let [variant, tail @ ..] = rest {
                    if let Some(why) = of_fields(variant.fields, known, seen) {
                        return Some(why);
                    }
                    rest = tail;
                }
            }
            None
        }
        Body::Elsewhere => match known.named(node) {
            Some(described) => refusal(described, known, seen),
            // `Reached::assert_described` refuses the interface for this.
            None => None,
        },
        Body::Std | Body::Owning(_) | Body::Foreign { .. } => of_params(edge, known, seen),
    }
}

#[inline]
const fn of_fields(fields: &[Field], known: &Reached, seen: &mut Reached) -> Option<&'static str> {
    let mut rest = fields;
    while let [field, tail @ ..] = rest {
        if let Some(why) = refusal(field.ty.ty, known, seen) {
            return Some(why);
        }
        rest = tail;
    }
    None
}

/// Returns the reason for the arguments and the result of a closure.
#[inline]
const fn of_closure(closure: &Closure, known: &Reached, seen: &mut Reached) -> Option<&'static str> {
    let mut rest = closure.arguments;
    while let [argument, tail @ ..] = rest {
        let edge = argument.ty.ty;
        let refused = match edge.get().params {
            [target] if argument.lent => match &target.get().body {
                Body::Closure(inner) => of_closure(inner, known, seen),
                Body::Interface { .. } | Body::Object(Holders { pinned: false, .. }) => None,
                _ => refusal(edge, known, seen),
            },
            _ => refusal(edge, known, seen),
        };
        if refused.is_some() {
            return refused;
        }
        rest = tail;
    }
    match &closure.result {
        Some(result) => refusal(result.ty, known, seen),
        None => None,
    }
}

#[inline]
const fn of_params(edge: TypeRef, known: &Reached, seen: &mut Reached) -> Option<&'static str> {
    let node = edge.get();
    match node.carries {
        Carries::Nothing if !hides_object(&[edge], known) => None,
        Carries::Nothing => match (instead(edge), node.form) {
            (Some(instead), _) => Some(instead),
            (None, Form::Reference | Form::MutReference) => Some(BORROWED),
            (None, _) => Some(ELSEWHERE),
        },
        Carries::Box | Carries::All => {
            let mut rest = node.params;
            while let [param, tail @ ..] = rest {
                let refused = match &param.get().body {
                    Body::Interface { .. } if matches!(node.carries, Carries::Box) => None,
                    Body::Object(Holders { boxed: true, .. }) if matches!(node.carries, Carries::Box) => {
                        of_params(*param, known, seen)
                    }
                    Body::Closure(closure) if matches!(node.carries, Carries::Box) => of_closure(closure, known, seen),
                    _ => refusal(*param, known, seen),
                };
                if refused.is_some() {
                    return refused;
                }
                rest = tail;
            }
            None
        }
        Carries::Arc => {
            let [param] = node.params else { return Some(ELSEWHERE) };
            if let Body::Closure(closure) = &param.get().body {
                return if may_be_called_by_two(closure) {
                    of_closure(closure, known, seen)
                } else {
                    Some(why_alone(closure))
                };
            }
            if let Body::Object(holders) = param.get().body {
                return if holders.shared { of_params(*param, known, seen) } else { Some(holders.instead) };
            }
            if has_exclusive_methods(param.get()) {
                Some(EXCLUSIVE)
            } else if is_unshared(param.get()) {
                Some(UNSHARED)
            } else if !matches!(param.get().body, Body::Interface { .. }) && hides_object(node.params, known) {
                match instead(*param) {
                    Some(instead) => Some(instead),
                    None => Some(IN_ARC),
                }
            } else {
                None
            }
        }
        Carries::Pin => {
            let [pointer] = node.params else { return Some(ELSEWHERE) };
            match pointer.get().params {
                [param] => match param.get().body {
                    Body::Object(Holders { pinned: true, .. }) => of_params(*param, known, seen),
                    _ if hides_object(node.params, known) => match instead(*param) {
                        Some(instead) => Some(instead),
                        None => Some(ELSEWHERE),
                    },
                    _ => None,
                },
                _ => Some(ELSEWHERE),
            }
        }
        Carries::Values => {
            let [key, value, others @ ..] = node.params else { return Some(ELSEWHERE) };
            if hides_object(&[*key], known) || hides_object(others, known) {
                match instead(*key) {
                    Some(instead) => Some(instead),
                    None => Some(ELSEWHERE),
                }
            } else {
                refusal(*value, known, seen)
            }
        }
    }
}

/// Returns what to write instead of a type of std that holds a trait object of std in a wrong way.
#[inline]
const fn instead(edge: TypeRef) -> Option<&'static str> {
    let node = edge.get();
    match &node.body {
        Body::Object(holders) => return Some(holders.instead),
        Body::Owning(owned) => {
            if let Some(instead) = instead(*owned) {
                return Some(instead);
            }
        }
        _ => {}
    }
    let mut rest = node.params;
    while let [param, tail @ ..] = rest {
        if let Some(instead) = instead(*param) {
            return Some(instead);
        }
        rest = tail;
    }
    None
}

/// Whether both sides may each hold an `Arc` of this closure.
#[inline]
const fn may_be_called_by_two(closure: &Closure) -> bool {
    is_text(closure.kind, "Fn") && (!has_auto(closure, "Send") || has_auto(closure, "Sync"))
}

#[inline]
const fn why_alone(closure: &Closure) -> &'static str {
    if is_text(closure.kind, "Fn") { UNSHARED_CLOSURE } else { NOT_CALLED }
}

#[inline]
const fn has_auto(closure: &Closure, name: &str) -> bool {
    let mut rest = closure.autos;
    while let [auto, tail @ ..] = rest {
        if is_text(auto, name) {
            return true;
        }
        rest = tail;
    }
    false
}

#[inline]
const fn is_text(a: &str, b: &str) -> bool {
    same_bytes(a.as_bytes(), b.as_bytes())
}

/// Whether the type is an interface with `&mut self` methods, including methods of its supertraits.
#[inline]
const fn has_exclusive_methods(node: &Type) -> bool {
    let Body::Interface { supers, methods, .. } = &node.body else { return false };
    let mut rest = *methods;
    while let [method, tail @ ..] = rest {
        if method.exclusive {
            return true;
        }
        rest = tail;
    }
    let mut rest = *supers;
    while let [edge, tail @ ..] = rest {
        if has_exclusive_methods(edge.get()) {
            return true;
        }
        rest = tail;
    }
    false
}

/// Whether the type is an interface whose objects are `Send` but not `Sync`.
#[inline]
const fn is_unshared(node: &Type) -> bool {
    matches!(node.body, Body::Interface { .. }) && node.facts.has(Facts::SEND) && !node.facts.has(Facts::SYNC)
}

/// Whether both sides may each hold an `Arc` of an object of this interface, or of this closure.
#[inline]
pub(crate) const fn may_be_shared(node: &Type) -> bool {
    if let Body::Closure(closure) = &node.body {
        return may_be_called_by_two(closure);
    }
    match node.body {
        Body::Object(holders) => holders.shared,
        _ => !has_exclusive_methods(node) && !is_unshared(node),
    }
}

impl Holders {
    /// The pointers for an object of an interface with these auto traits beside its own.
    #[inline]
    #[must_use]
    pub const fn of_interface(node: &Type, send: bool, sync: bool) -> Self {
        let send = send || node.facts.has(Facts::SEND);
        let sync = sync || node.facts.has(Facts::SYNC);
        let exclusive = has_exclusive_methods(node);
        let instead = if exclusive {
            EXCLUSIVE
        } else if send && !sync {
            UNSHARED
        } else {
            ELSEWHERE
        };
        Self { boxed: true, shared: !exclusive && (sync || !send), pinned: false, instead }
    }
}

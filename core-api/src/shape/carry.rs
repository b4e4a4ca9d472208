//! Which types may carry trait objects across: those that are taken apart on the way, so that each object is guarded.

use super::{Body, Carries, Field, Form, Reached, Type, TypeRef, hides_object};

const BORROWED: &str = "a borrowed trait object crosses only as an argument of its own, `&dyn Trait` or `&mut dyn \
                        Trait`; everywhere else write `Box<dyn Trait>` or `Arc<dyn Trait>`, and pass what holds it by value";
const ELSEWHERE: &str = "a trait object would cross unguarded here; it may be in a `Box` or an `Arc`, and these in `Option`, \
                         `Result`, `Vec`, `VecDeque`, arrays, boxed slices, tuples, values of maps, and types of yours";
const IN_ARC: &str =
    "what is inside an `Arc` cannot be guarded while others see it; write `Arc<dyn Trait>` itself, or a `Box`";
const EXCLUSIVE: &str = "an object that both sides share cannot have `&mut self` methods; pass `Box<dyn Trait>`";
const PACKED: &str = "a field of a packed type cannot be borrowed, so a trait object inside would cross unguarded";

/// Refuses, at compile time, a type out of which a trait object could be called unguarded.
// The compiler leaves tracked callers out of what it shows, so the error is the author's type and nothing else.
#[track_caller]
pub const fn assert_crosses(ty: TypeRef) {
    let mut seen = Reached::none();
    let refused = refusal(ty, &mut seen);
    if let Some(why) = refused {
        panic!("{}", why);
    }
}

/// Why a value of this type, given away, would take a trait object along unguarded.
const fn refusal(edge: TypeRef, seen: &mut Reached) -> Option<&'static str> {
    let node = edge.get();
    match &node.body {
        // Only behind a pointer, which has been looked at.
        Body::Interface { .. } => Some(ELSEWHERE),
        Body::Struct { fields, .. } => match node.carries {
            Carries::Nothing if hides_object(&[edge]) => Some(PACKED),
            Carries::Nothing => None,
            _ if seen.insert(edge) => of_fields(fields, seen),
            _ => None,
        },
        Body::Enum { variants, .. } => {
            if seen.insert(edge) {
                let mut rest = *variants;
                while let [variant, tail @ ..] = rest {
                    if let Some(why) = of_fields(variant.fields, seen) {
                        return Some(why);
                    }
                    rest = tail;
                }
            }
            None
        }
        Body::Std | Body::Elsewhere | Body::Foreign { .. } => of_params(node, seen),
    }
}

const fn of_fields(fields: &[Field], seen: &mut Reached) -> Option<&'static str> {
    let mut rest = fields;
    while let [field, tail @ ..] = rest {
        if let Some(why) = refusal(field.ty, seen) {
            return Some(why);
        }
        rest = tail;
    }
    None
}

const fn of_params(node: &Type, seen: &mut Reached) -> Option<&'static str> {
    match node.carries {
        Carries::Nothing if !hides_object(node.params) => None,
        Carries::Nothing => match node.form {
            Form::Reference | Form::MutReference => Some(BORROWED),
            _ => Some(ELSEWHERE),
        },
        Carries::Box | Carries::All => {
            let mut rest = node.params;
            while let [param, tail @ ..] = rest {
                let is_object = matches!(param.get().body, Body::Interface { .. });
                if !(is_object && matches!(node.carries, Carries::Box)) {
                    if let Some(why) = refusal(*param, seen) {
                        return Some(why);
                    }
                }
                rest = tail;
            }
            None
        }
        Carries::Arc => {
            let [param] = node.params else { return Some(ELSEWHERE) };
            if has_exclusive_methods(param.get()) {
                Some(EXCLUSIVE)
            } else if !matches!(param.get().body, Body::Interface { .. }) && hides_object(node.params) {
                Some(IN_ARC)
            } else {
                None
            }
        }
        Carries::Values => {
            let [key, value, others @ ..] = node.params else { return Some(ELSEWHERE) };
            if hides_object(&[*key]) || hides_object(others) { Some(ELSEWHERE) } else { refusal(*value, seen) }
        }
    }
}

/// Whether the type is an interface with `&mut self` methods, its supertraits' included.
const fn has_exclusive_methods(node: &Type) -> bool {
    let Body::Interface { supers, methods, .. } = &node.body else { return false };
    let mut rest = *methods;
    while let [method, tail @ ..] = rest {
        if method.receiver.len() > "&self".len() {
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

//! Finds the borrows that may be `'static`: they may lead into the image of the side that made them, after the call and
//! after its objects are gone. So an image whose interface has any of them must stay mapped.

use super::node::{Body, Carries, Closure, Field, Form, Lifetime, Method, Type, Use};
use super::reach::Reached;
use crate::record::same_bytes;

const STATIC: &str = "'static";

impl Reached {
    /// Whether a value that crosses may hold a borrow that is `'static`.
    ///
    /// It is asked of the types, as the compiler has confirmed them. Such a borrow is written as `'static`, or a bound
    /// makes it that, or the caller of a method may choose it: `'a` in `fn first<'a>(&self, of: &'a str) -> &'a str`
    /// is `'static` for a literal. A borrow from the object itself ends with the object.
    pub(crate) const fn borrows_forever(&self) -> bool {
        let mut index = 0;
        while index < self.len() {
            if has_borrow(self.get(index)) {
                return true;
            }
            index += 1;
        }
        false
    }
}

const fn has_borrow(node: &Type) -> bool {
    match &node.body {
        Body::Std | Body::Owning(_) | Body::Elsewhere | Body::Foreign { .. } | Body::Object(_) | Body::Closure(_) => {
            false
        }
        Body::Struct { layout, fields } => in_bounds(layout.bounds) || in_fields(fields),
        Body::Enum { layout, variants } => {
            let mut rest = *variants;
            while let [variant, tail @ ..] = rest {
                if in_fields(variant.fields) {
                    return true;
                }
                rest = tail;
            }
            in_bounds(layout.bounds)
        }
        Body::Interface { methods, .. } => {
            let mut rest = *methods;
            while let [method, tail @ ..] = rest {
                if in_method(method) {
                    return true;
                }
                rest = tail;
            }
            false
        }
    }
}

const fn in_fields(fields: &[Field]) -> bool {
    let mut rest = fields;
    while let [field, tail @ ..] = rest {
        // A lifetime of the type itself is named where the type is used.
        if is_written(&field.ty) {
            return true;
        }
        rest = tail;
    }
    false
}

const fn in_method(method: &Method) -> bool {
    let mut rest = method.arguments;
    while let [argument, tail @ ..] = rest {
        if is_written(argument) || !keeps_nothing(argument.ty.get()) {
            return true;
        }
        rest = tail;
    }
    let chosen = match &method.result {
        Some(result) => is_chosen(result, method.receiver) || in_closures(result.ty.get()),
        None => false,
    };
    chosen || in_bounds(method.bounds)
}

/// Whether a closure in a type may take or return such a borrow.
const fn in_closures(node: &Type) -> bool {
    if let Body::Closure(Closure { arguments, result, .. }) = &node.body {
        let mut rest = *arguments;
        while let [argument, tail @ ..] = rest {
            if is_written(&argument.ty) || !keeps_nothing(argument.ty.ty.get()) {
                return true;
            }
            rest = tail;
        }
        if let Some(result) = result {
            // A borrow from an argument may be `'static`, because whoever calls the closure chooses.
            if is_written(result) || !result.lifetimes.is_empty() {
                return true;
            }
        }
    }
    let mut rest = node.params;
    while let [param, tail @ ..] = rest {
        if in_closures(param.get()) {
            return true;
        }
        rest = tail;
    }
    false
}

/// Whether a lifetime in a type is `'static`.
const fn is_written(used: &Use) -> bool {
    if in_closures(used.ty.get()) {
        return true;
    }
    let mut rest = used.lifetimes;
    while let [lifetime, tail @ ..] = rest {
        if is(lifetime, STATIC) {
            return true;
        }
        rest = tail;
    }
    false
}

/// Whether a lifetime in a result is not that of the object, so the caller may choose it.
const fn is_chosen(result: &Use, receiver: &str) -> bool {
    let mut rest = result.lifetimes;
    while let [lifetime, tail @ ..] = rest {
        if is(lifetime, STATIC) || !is(lifetime, receiver) {
            return true;
        }
        rest = tail;
    }
    false
}

const fn is(lifetime: &Lifetime, other: &str) -> bool {
    match lifetime {
        Lifetime::Named(name) => same_bytes(name.as_bytes(), other.as_bytes()),
        // An alias hides only `'static` lifetimes.
        Lifetime::Static => same_bytes(STATIC.as_bytes(), other.as_bytes()),
        Lifetime::Default | Lifetime::Inside(_) | Lifetime::Projected(_) => false,
    }
}

/// Whether a callee can store no borrow in an argument that its caller still has after the call.
const fn keeps_nothing(node: &Type) -> bool {
    if !has_lifetimes(node) {
        return true;
    }
    match (node.form, node.carries, &node.body) {
        (Form::MutReference, ..) => match node.params {
            [target] => !has_lifetimes(target.get()),
            _ => false,
        },
        (Form::Reference, ..) | (_, Carries::All | Carries::Box, Body::Std) => {
            let mut rest = node.params;
            while let [param, tail @ ..] = rest {
                if !keeps_nothing(param.get()) {
                    return false;
                }
                rest = tail;
            }
            true
        }
        (Form::Path, _, Body::Owning(_)) => true,
        _ => matches!(node.body, Body::Std) && node.params.is_empty(),
    }
}

/// Whether a type's name has a place for a lifetime.
const fn has_lifetimes(node: &Type) -> bool {
    if node.definition.lifetimes > 0 {
        return true;
    }
    let mut rest = node.params;
    while let [param, tail @ ..] = rest {
        if has_lifetimes(param.get()) {
            return true;
        }
        rest = tail;
    }
    false
}

/// Whether a bound makes a lifetime `'static`: `'a: 'static`.
const fn in_bounds(bounds: &[&str]) -> bool {
    let mut rest = bounds;
    while let [bound, tail @ ..] = rest {
        if let ([b'\'', ..], Some((_, end))) =
            (bound.as_bytes(), bound.as_bytes().split_last_chunk::<{ ": 'static".len() }>())
        {
            if same_bytes(end, b": 'static") {
                return true;
            }
        }
        rest = tail;
    }
    false
}

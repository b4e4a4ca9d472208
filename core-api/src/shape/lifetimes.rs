//! Lifetimes. They do not change layouts, but they are part of the interface, because they decide how long a borrow may
//! live.

use std::marker::PhantomData;

use super::node::{Form, Lifetime, Type};

/// A type that stands for a lifetime in [`Shape::Lifetimes`](super::Shape::Lifetimes). Two tokens are one type only if
/// their lifetimes are equal.
pub struct Token<'a>(PhantomData<fn(&'a ()) -> &'a ()>);

/// An argument of a generated function that shows a type, so that its lifetimes mean the same as in a signature.
pub struct Shown<T: ?Sized>(PhantomData<*mut T>);

/// A claim of exactly these lifetimes.
pub struct Written<List>(PhantomData<List>);

/// A claim of these lifetimes, and then of any number of lifetimes that are all `'static`.
pub struct WrittenFirst<List>(PhantomData<List>);

/// A claim of any number of lifetimes that are all `'static`. Such lifetimes may stay unwritten.
pub struct Hidden;

/// Whether a list of lifetimes satisfies a macro's claim about it.
#[diagnostic::on_unimplemented(
    message = "not every lifetime in this type is written",
    label = "an alias or an elided parameter hides a lifetime",
    note = "write every lifetime: `&'static str` instead of an alias for it, `Tag<'_>` instead of `Tag`"
)]
pub trait Are<Claim> {}

impl<List> Are<Written<List>> for List {}

#[diagnostic::do_not_recommend]
impl<'a, Rest: Are<WrittenFirst<List>>, List> Are<WrittenFirst<(Token<'a>, List)>> for (Token<'a>, Rest) {}

#[diagnostic::do_not_recommend]
impl<Rest: Are<Hidden>> Are<WrittenFirst<()>> for Rest {}

#[diagnostic::do_not_recommend]
impl Are<Hidden> for () {}

#[diagnostic::do_not_recommend]
impl<Rest: Are<Hidden>> Are<Hidden> for (Token<'static>, Rest) {}

/// Gives names to the places of lifetimes in a type, in order.
pub(crate) struct Places {
    rest: &'static [Lifetime],
    /// Whether the places are bounds of trait objects.
    of_objects: bool,
    /// The number of remaining places inside a generic argument.
    inside: usize,
}

impl Places {
    pub(crate) const fn new(rest: &'static [Lifetime], of_objects: bool) -> Self {
        Self { rest, of_objects, inside: 0 }
    }

    /// Returns the name at the next place; `None` inside a generic argument, and if the type has no names.
    pub(crate) const fn next(&mut self) -> Option<&'static str> {
        loop {
            if self.inside > 0 {
                self.inside -= 1;
                return None;
            }
            match self.rest {
                [] => return None,
                [Lifetime::Named(name), rest @ ..] => {
                    self.rest = rest;
                    return Some(name);
                }
                [Lifetime::Default, rest @ ..] => {
                    self.rest = rest;
                    return None;
                }
                [Lifetime::Static, ..] => return Some("'static"),
                [Lifetime::Projected(found), rest @ ..] => {
                    assert!(
                        places(found.get(), false) == 0,
                        "a field's type is a projection from a type parameter, and has lifetimes that are not written \
                         in the field; use a type without lifetimes"
                    );
                    self.rest = rest;
                    self.inside = places(found.get(), self.of_objects);
                }
                [Lifetime::Inside(argument), rest @ ..] => {
                    self.rest = rest;
                    self.inside = places(argument.get(), self.of_objects);
                }
            }
        }
    }
}

/// Returns the number of places in a type's name: the length of its [`Shape::Lifetimes`] or [`Shape::Objects`].
const fn places(node: &Type, of_objects: bool) -> usize {
    let mut places = match (node.form, of_objects) {
        // Its parameter is not a type in its name.
        (Form::DynAnd(_), _) => return of_objects as usize,
        (Form::Dyn | Form::Object(_) | Form::Closure, true) => 1,
        // The lifetimes inside a closure are its own.
        (Form::Closure, false) => 0,
        (_, true) => 0,
        (_, false) => node.definition.lifetimes,
    };
    let mut rest = if matches!(node.form, Form::Closure) { &[] } else { node.params };
    while let [param, tail @ ..] = rest {
        places += self::places(param.get(), of_objects);
        rest = tail;
    }
    places
}

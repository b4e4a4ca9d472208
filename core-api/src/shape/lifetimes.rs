//! Lifetimes: none changes a layout, but which borrow lives how long is part of what a type and a method promise.

use std::marker::PhantomData;

use super::node::{Form, Lifetime, Type};
use super::shape::Shape;

/// Stands for a lifetime in [`Shape::Lifetimes`]; two are one type only if their lifetimes are equal.
pub struct Token<'a>(PhantomData<fn(&'a ()) -> &'a ()>);

/// A type as an argument of a generated function, so that lifetimes mean there what they mean in a signature.
pub struct Shown<T: ?Sized>(PhantomData<*mut T>);

impl<T: ?Sized> Shown<T> {
    /// Compiles only if these are the lifetimes in the type, and what bounds its trait objects: [`Written`] or [`Hidden`].
    pub fn are<Lifetimes, Objects>(self)
    where
        T: Shape,
        T::Lifetimes<()>: Are<Written<Lifetimes>>,
        T::Objects<()>: Are<Objects>,
    {
    }
}

/// Exactly these lifetimes.
pub struct Written<List>(PhantomData<List>);

/// Any number of lifetimes, all of them `'static`: there is nothing about them that could be hidden.
pub struct Hidden;

/// That a list of lifetimes is what a macro makes of it.
#[diagnostic::on_unimplemented(
    message = "not every lifetime in this type is written",
    label = "an alias or an elided parameter hides a lifetime",
    note = "write the type out with its lifetimes: `&'static str` for an alias of it, `Tag<'_>` for `Tag`"
)]
pub trait Are<Claim> {}

impl<List> Are<Written<List>> for List {}

#[diagnostic::do_not_recommend]
impl Are<Hidden> for () {}

#[diagnostic::do_not_recommend]
impl<Rest: Are<Hidden>> Are<Hidden> for (Token<'static>, Rest) {}

/// Hands out names for the places of lifetimes in a type, in order.
pub(crate) struct Places {
    rest: &'static [Lifetime],
    /// Whether they are what bounds trait objects.
    of_objects: bool,
    /// How many places inside a generic argument are left.
    inside: usize,
}

impl Places {
    pub(crate) const fn new(rest: &'static [Lifetime], of_objects: bool) -> Self {
        Self { rest, of_objects, inside: 0 }
    }

    /// The name at the next place; none inside a generic argument, and where nobody gave names.
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
                        "a field's type is found through a parameter, and has lifetimes that are nowhere written"
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

/// How many places there are in the name of a type: as many as its [`Shape::Lifetimes`] or [`Shape::Objects`] has.
const fn places(node: &Type, of_objects: bool) -> usize {
    let mut places = match (node.form, of_objects) {
        (Form::Dyn, true) => 1,
        (_, true) => 0,
        (_, false) => node.definition.lifetimes,
    };
    let mut rest = node.params;
    while let [param, tail @ ..] = rest {
        places += self::places(param.get(), of_objects);
        rest = tail;
    }
    places
}

//! The node of a type that is only named.

use std::marker::PhantomData;

use super::facts::Facts;
use super::node::{Body, Carries, Definition, Form, Type, TypeRef};
use super::shape::Shape;

/// A placeholder for a generic type inside its own definition, or inside a type that leads back to it.
///
/// It is needed because a constant cannot contain itself. No value of it is ever made.
pub struct Named<T: ?Sized>(PhantomData<T>);

// SAFETY: no value of it is ever made. Its node is only a name in the text of a field's type, and the interface must
// reach the named type in another way (`Reached::assert_described`).
unsafe impl<Scope, T: ?Sized + Shape<Scope>> Shape<Scope> for Named<T> {
    const TYPE: TypeRef = TypeRef::new(
        &const {
            Type {
                form: Form::Path,
                definition: T::DEFINITION,
                params: T::PARAMS,
                size: 0,
                align: 1,
                needs_drop: false,
                facts: Facts::NONE,
                carries: Carries::All,
                keys: &[],
                body: Body::Elsewhere,
            }
        },
    );
    const DEFINITION: Definition = T::DEFINITION;
    const PARAMS: &'static [TypeRef] = T::PARAMS;
    type Lifetimes<Rest> = T::Lifetimes<Rest>;
    type Objects<Rest> = T::Objects<Rest>;
    type Target = Self;
}

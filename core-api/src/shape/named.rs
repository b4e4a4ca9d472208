//! A type that is only named.

use std::marker::PhantomData;

use super::facts::Facts;
use super::node::{Body, Carries, Definition, Form, Type, TypeRef};
use super::shape::Shape;

/// Stands for a type inside its own definition, or inside another that leads back to it, because a constant cannot contain
/// itself. No value of it exists.
pub struct Named<T: ?Sized>(PhantomData<T>);

// SAFETY: it is never a value: it stands for a name in the text of a field's type, and the type must be reached too.
unsafe impl<T: ?Sized + Shape> Shape for Named<T> {
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

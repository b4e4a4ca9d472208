//! The traits that may stand before the methods of an interface.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use crate::shape::{TypeRef, of_supertrait};

/// The trait object of a trait that may be a supertrait of an interface, besides auto traits: another interface, or a
/// trait of std for which the wrappers have an implementation.
///
/// # Safety
///
/// 1. Every wrapper implements the trait, and runs the other side's methods guarded.
/// 2. `TYPE` is the node of the trait object, and names the trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no supertrait for an interface, because a call of its methods would cross unguarded",
    label = "neither an interface, nor `Debug` or `Display`, nor an auto trait of std",
    note = "your own trait: mark it with `#[plugbox::interface]`; a trait of another crate: write the methods that you \
            need in the interface, as methods of its own"
)]
pub unsafe trait Supertrait {
    /// The node of the trait object.
    const TYPE: TypeRef;
    /// Whether a method of the trait takes `&mut self`.
    const IS_EXCLUSIVE: bool;
    /// `T`. If the trait may not be a supertrait, this is no type, and the compiler does not report what follows from
    /// that.
    type Or<T>;
}

/// A supertrait in the output of `#[interface]`.
pub struct NamedSupertrait<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> NamedSupertrait<T> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

impl<T: ?Sized + Supertrait> NamedSupertrait<T> {
    /// Returns the node of the trait object.
    #[must_use]
    pub const fn node(self) -> TypeRef {
        T::TYPE
    }

    /// Whether a method of the trait takes `&mut self`.
    #[must_use]
    pub const fn is_exclusive(self) -> bool {
        T::IS_EXCLUSIVE
    }

    /// Returns a wrapper, which implements the supertrait.
    pub fn of<W>(self, wrapper: W) -> W {
        wrapper
    }
}

macro_rules! of_std {
    ($($name:ident: $path:literal;)+) => {$(
        // SAFETY: `crossing/format.rs` implements the trait for the wrappers (obligation 1). The node has the trait's
        // path (obligation 2).
        #[diagnostic::do_not_recommend]
        unsafe impl Supertrait for dyn $name {
            const TYPE: TypeRef = TypeRef::new(&const { of_supertrait($path) });
            const IS_EXCLUSIVE: bool = false;
            type Or<T> = T;
        }
    )+};
}

of_std! {
    Debug: "std::fmt::Debug";
    Display: "std::fmt::Display";
}

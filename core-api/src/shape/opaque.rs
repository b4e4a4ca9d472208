//! Types of foreign crates: what the compiler says about them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

/// A type whose contents only its own crate knows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no size of its own, so its crate's version says nothing about a reference to it",
    label = "a foreign type without a size",
    note = "lend what it contains, such as a `&str` or a `&[u8]`, or a type of its crate that owns it"
)]
pub trait Opaque {
    /// Its size in bytes.
    const SIZE: usize;
    /// Its alignment in bytes.
    const ALIGN: usize;
    /// Whether dropping a value runs code.
    const NEEDS_DROP: bool;
    /// Returns its name.
    const FULL_NAME: fn() -> &'static str;
}

impl<T> Opaque for T {
    const SIZE: usize = size_of::<T>();
    const ALIGN: usize = align_of::<T>();
    const NEEDS_DROP: bool = std::mem::needs_drop::<T>();
    const FULL_NAME: fn() -> &'static str = std::any::type_name::<T>;
}

/// Asks whether a type is a container of std, which an alias of a foreign crate may stand for.
///
/// As for [`Probe`](super::Probe), the inherent constant takes precedence.
pub struct OfStd<T: ?Sized>(PhantomData<T>);

/// The answer for all other types.
pub trait Outside {
    #[doc(hidden)]
    const HOLDS: bool = false;
}

impl<T: ?Sized> Outside for OfStd<T> {}

macro_rules! containers {
    ($($container:ty: $($param:ident)*;)+) => {$(
        impl<$($param),*> OfStd<$container> {
            #[doc(hidden)]
            pub const HOLDS: bool = true;
        }
    )+};
}

containers! {
    Option<T>: T; Result<T, E>: T E; Vec<T>: T; VecDeque<T>: T; LinkedList<T>: T; BinaryHeap<T>: T;
    BTreeMap<K, V>: K V; BTreeSet<T>: T; HashMap<K, V, S>: K V S; HashSet<T, S>: T S;
    Cell<T>: T; RefCell<T>: T; Mutex<T>: T; RwLock<T>: T; OnceLock<T>: T; Pin<P>: P;
    (A,): A; (A, B): A B; (A, B, C): A B C;
}

/// Pointers, whose target may be a trait object.
macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<T: ?Sized> OfStd<$pointer> {
            #[doc(hidden)]
            pub const HOLDS: bool = true;
        }
    )+};
}

pointers! { Box<T>, Arc<T>, Rc<T>, &T, &mut T, *const T, *mut T }

impl<T: ?Sized + ToOwned> OfStd<Cow<'_, T>> {
    #[doc(hidden)]
    pub const HOLDS: bool = true;
}

impl<T, const LEN: usize> OfStd<[T; LEN]> {
    #[doc(hidden)]
    pub const HOLDS: bool = true;
}

/// Function pointers, whose calls would not be guarded.
macro_rules! functions {
    ($(($($param:ident),*))+) => {$(
        impl<R, $($param),*> OfStd<fn($($param),*) -> R> {
            #[doc(hidden)]
            pub const HOLDS: bool = true;
        }
    )+};
}

functions! { () (A) (A, B) (A, B, C) (A, B, C, D) }

//! Types of foreign crates: what the compiler says about them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

/// Asks the compiler about a type whose contents only its own crate knows.
///
/// As for [`Probe`](super::Probe), inherent constants take precedence over those of [`Otherwise`], where their bounds hold.
pub struct Opaque<T: ?Sized>(PhantomData<T>);

/// The answers for all other types: those without a size, and those that are no containers of std.
pub trait Otherwise {
    #[doc(hidden)]
    const HAS_SIZE: bool = false;
    #[doc(hidden)]
    const SIZE: usize = 0;
    #[doc(hidden)]
    const ALIGN: usize = 1;
    #[doc(hidden)]
    const NEEDS_DROP: bool = false;
    #[doc(hidden)]
    const IS_CONTAINER: bool = false;
}

impl<T: ?Sized> Otherwise for Opaque<T> {}

#[doc(hidden)]
impl<T> Opaque<T> {
    pub const HAS_SIZE: bool = true;
    pub const SIZE: usize = size_of::<T>();
    pub const ALIGN: usize = align_of::<T>();
    pub const NEEDS_DROP: bool = std::mem::needs_drop::<T>();
}

/// Refuses, at compile time, a name that is not a type of its crate, or a type without a size.
// The compiler omits tracked callers from its error, so the error shows only the author's type.
#[track_caller]
#[inline]
pub const fn assert_opaque(has_size: bool, is_container: bool) {
    assert!(
        has_size,
        "this type has no size of its own; lend what it contains, such as a `&str` or a `&[u8]`, or a type of its crate \
         that owns it"
    );
    assert!(
        !is_container,
        "in its crate, this name is an alias for a type of std, whose contents could cross unguarded; write out what it \
         stands for, and list the foreign types inside that"
    );
}

macro_rules! containers {
    ($($container:ty: $($param:ident)*;)+) => {$(
        impl<$($param),*> Opaque<$container> {
            #[doc(hidden)]
            pub const IS_CONTAINER: bool = true;
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
        impl<T: ?Sized> Opaque<$pointer> {
            #[doc(hidden)]
            pub const IS_CONTAINER: bool = true;
        }
    )+};
}

pointers! { Box<T>, Arc<T>, Rc<T>, &T, &mut T, *const T, *mut T }

impl<T: ?Sized + ToOwned> Opaque<Cow<'_, T>> {
    #[doc(hidden)]
    pub const IS_CONTAINER: bool = true;
}

impl<T, const LEN: usize> Opaque<[T; LEN]> {
    #[doc(hidden)]
    pub const IS_CONTAINER: bool = true;
}

/// Function pointers, whose calls would not be guarded.
macro_rules! functions {
    ($(($($param:ident),*))+) => {$(
        impl<R, $($param),*> Opaque<fn($($param),*) -> R> {
            #[doc(hidden)]
            pub const IS_CONTAINER: bool = true;
        }
    )+};
}

functions! { () (A) (A, B) (A, B, C) (A, B, C, D) }

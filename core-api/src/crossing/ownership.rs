//! How one side holds an object of the other: lent for a call, owned, or shared.

use std::ptr::NonNull;
use std::sync::Arc;

use crate::shape::TypeRef;

/// How one side holds an object of the other.
///
/// # Safety
///
/// 1. For every object that is held: if the object is `Send`, what is held may move to another thread; if it is `Sync`, two
///    threads may use what is held through `&`.
pub unsafe trait Ownership: 'static {
    /// What is held of an object.
    type Held<T: ?Sized>;
    /// Which holder this is, for [`Origin`].
    const HOLDER: OwnershipKind;

    /// The object.
    fn get<T: ?Sized>(held: &Self::Held<T>) -> &T;

    /// The object, exclusively.
    fn get_mut<T: ?Sized>(held: &mut Self::Held<T>) -> &mut T;

    /// The node of the object's interface, where what is held may come home.
    fn node<T: ?Sized>(held: &Self::Held<T>) -> Option<TypeRef>;
}

/// Which of the holders one is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum OwnershipKind {
    /// [`Lent`].
    Lent,
    /// [`Owned`].
    Owned,
    /// [`Shared`].
    Shared,
}

/// Lent for a call.
///
/// The wrapper lives on the stack of the frame that made it, and nobody can take it from there. So it may have an auto
/// trait exactly when a `&mut` to the object may. It has no lifetime parameter, because one would keep an interface from
/// being `'static`.
pub enum Lent {}

// SAFETY: it stands for a `&mut T`, which is `Send` and `Sync` when `T` is.
unsafe impl Ownership for Lent {
    type Held<T: ?Sized> = NonNull<T>;
    const HOLDER: OwnershipKind = OwnershipKind::Lent;

    #[inline]
    fn get<T: ?Sized>(held: &NonNull<T>) -> &T {
        // SAFETY: the address is that of a reference which lives as long as `self` is used: the obligation of whoever
        // made the side that holds it (`shared`, `exclusive`).
        unsafe { held.as_ref() }
    }

    #[inline]
    fn get_mut<T: ?Sized>(held: &mut NonNull<T>) -> &mut T {
        // SAFETY: as in `get`; and `&mut` of the side is to be had only of what `exclusive` made: the obligation of
        // whoever called `shared`.
        unsafe { held.as_mut() }
    }

    fn node<T: ?Sized>(_: &NonNull<T>) -> Option<TypeRef> {
        None
    }
}

/// Given away, in a box.
pub enum Owned {}

// SAFETY: a `Box<T>` is `Send` and `Sync` when `T` is.
unsafe impl Ownership for Owned {
    type Held<T: ?Sized> = (Box<T>, TypeRef);
    const HOLDER: OwnershipKind = OwnershipKind::Owned;

    #[inline]
    fn get<T: ?Sized>(held: &(Box<T>, TypeRef)) -> &T {
        &held.0
    }

    #[inline]
    fn get_mut<T: ?Sized>(held: &mut (Box<T>, TypeRef)) -> &mut T {
        &mut held.0
    }

    fn node<T: ?Sized>(held: &(Box<T>, TypeRef)) -> Option<TypeRef> {
        Some(held.1)
    }
}

/// Shared, behind an `Arc`.
pub enum Shared {}

// SAFETY: `Crossing::shared` makes one only of an interface that is `Sync` or not `Send` (it asserts `may_be_shared`). If it
// is both, so is an `Arc<T>`. If it is only `Sync`, the side claims `Sync` alone, and a shared one gives out nothing but
// `&T`. If it is neither, nothing is claimed.
unsafe impl Ownership for Shared {
    type Held<T: ?Sized> = (Arc<T>, TypeRef);
    const HOLDER: OwnershipKind = OwnershipKind::Shared;

    #[inline]
    fn get<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> &T {
        &held.0
    }

    fn get_mut<T: ?Sized>(held: &mut (Arc<T>, TypeRef)) -> &mut T {
        // `assert_crosses` lets no interface with `&mut self` methods be shared.
        Arc::get_mut(&mut held.0).expect("an object that both sides share has no exclusive methods")
    }

    fn node<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> Option<TypeRef> {
        Some(held.1)
    }
}

//! The ways in which one side holds an object of the other: lent for a call, owned, or shared.

use std::ptr::NonNull;
use std::sync::Arc;

use crate::shape::TypeRef;

/// A way in which one side holds an object of the other.
///
/// # Safety
///
/// 1. For every held object: if the object is `Send`, its [`Held`](Self::Held) may move to another thread; if the
///    object is `Sync`, two threads may use its `Held` through `&`.
pub unsafe trait Ownership: 'static {
    /// The pointer through which the object is held, with its interface's node if the object can return to its own
    /// side.
    type Held<T: ?Sized>;
    /// The kind, as an [`Origin`](super::Origin) records it.
    const HOLDER: OwnershipKind;

    /// Borrows the object.
    fn get<T: ?Sized>(held: &Self::Held<T>) -> &T;

    /// Borrows the object exclusively.
    fn get_mut<T: ?Sized>(held: &mut Self::Held<T>) -> &mut T;

    /// Returns the node of the object's interface; `None` if the object cannot return to its own side.
    fn node<T: ?Sized>(held: &Self::Held<T>) -> Option<TypeRef>;
}

/// The kind of an [`Ownership`], as a value.
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
/// The wrapper lives on the stack of the frame that made it, and no code can move it out of there. So it may have the
/// same auto traits as a `&mut` to the object. It has no lifetime parameter, because with one an interface could not be
/// `'static`.
pub enum Lent {}

// SAFETY: *for the call*: the pointer stands for a `&mut T`, which is `Send` and `Sync` if `T` is. A wrapper that
// `shared` made stands for a `&T`, but only `&` of that wrapper is passed on (obligation 1 of `shared`), so the pointer
// never moves to another thread.
unsafe impl Ownership for Lent {
    type Held<T: ?Sized> = NonNull<T>;
    const HOLDER: OwnershipKind = OwnershipKind::Lent;

    #[inline]
    fn get<T: ?Sized>(held: &NonNull<T>) -> &T {
        // SAFETY: *for the call*: the pointer was made from a reference that outlives every use of the wrapper
        // (obligation 1 of `shared` and of `exclusive`).
        unsafe { held.as_ref() }
    }

    #[inline]
    fn get_mut<T: ?Sized>(held: &mut NonNull<T>) -> &mut T {
        // SAFETY: *for the call*: the pointer was made from a reference that outlives every use of the wrapper. That
        // reference is exclusive, because only `&` of a wrapper made by `shared` is passed on (obligation 1 of
        // `shared`).
        unsafe { held.as_mut() }
    }

    fn node<T: ?Sized>(_: &NonNull<T>) -> Option<TypeRef> {
        None
    }
}

/// Owned, in a box.
pub enum Owned {}

// SAFETY: a `Box<T>` is `Send` and `Sync` if `T` is, and a `TypeRef` is always both (*node*).
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

// SAFETY: a `TypeRef` is `Send` and `Sync` (*node*). For the `Arc<T>`: `Crossing::shared` asserts `may_be_shared`, so
// `T` is `Sync` or is not `Send`. If `T` is both, so is an `Arc<T>`. If `T` is only `Sync`, the wrapper is only `Sync`,
// and through `&` it gives out only `&T`. If `T` is neither, obligation 1 claims nothing.
unsafe impl Ownership for Shared {
    type Held<T: ?Sized> = (Arc<T>, TypeRef);
    const HOLDER: OwnershipKind = OwnershipKind::Shared;

    #[inline]
    fn get<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> &T {
        &held.0
    }

    fn get_mut<T: ?Sized>(held: &mut (Arc<T>, TypeRef)) -> &mut T {
        // Unreachable: `assert_crosses` refuses an `Arc` of an interface with `&mut self` methods.
        Arc::get_mut(&mut held.0).expect("an object that both sides share has no exclusive methods")
    }

    fn node<T: ?Sized>(held: &(Arc<T>, TypeRef)) -> Option<TypeRef> {
        Some(held.1)
    }
}

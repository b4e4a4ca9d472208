//! The identity of a wrapper.

use std::marker::PhantomData;

use super::ownership::OwnershipKind;
use crate::shape::TypeRef;

/// The identity of a wrapper: its side, its ownership, the node of its interface, and its place in memory.
///
/// Each image has its own nodes, so the node also identifies the image of the wrapper. Only a wrapper can make an
/// `Origin`, from a borrow of itself. So while an `Origin<'a>` can be used, that wrapper is at that place. Code can
/// pass an `Origin` on, but cannot forge one.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub(super) node: TypeRef,
    pub(super) side: Side,
    pub(super) holder: OwnershipKind,
    /// Address, size and alignment of the wrapper.
    pub(super) place: (*const (), usize, usize),
    pub(super) wrapper: PhantomData<&'a ()>,
}

/// Returns the address, size and alignment of a value.
pub(super) fn place<T: ?Sized>(value: &T) -> (*const (), usize, usize) {
    (std::ptr::from_ref(value).cast(), size_of_val(value), align_of_val(value))
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Side {
    Host,
    Plugin,
}

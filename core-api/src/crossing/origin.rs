//! Where an object is at home.

use std::marker::PhantomData;

use super::ownership::OwnershipKind;
use crate::shape::TypeRef;

/// Which wrapper an object is: its side, its holder, the node of its interface, and its place.
///
/// Each image has nodes of its own, so the node also tells which image wrapped it. Only a wrapper can make one, from a borrow
/// of itself: as long as an `Origin<'a>` can be used, that wrapper lies at that place. Code can pass it on, and cannot forge
/// one.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub(super) node: TypeRef,
    pub(super) side: Side,
    pub(super) holder: OwnershipKind,
    /// Address, size and alignment of the wrapper.
    pub(super) place: (*const (), usize, usize),
    pub(super) wrapper: PhantomData<&'a ()>,
}

/// Address, size and alignment of a value.
pub(super) fn place<T: ?Sized>(value: &T) -> (*const (), usize, usize) {
    (std::ptr::from_ref(value).cast(), size_of_val(value), align_of_val(value))
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Side {
    Host,
    Plugin,
}

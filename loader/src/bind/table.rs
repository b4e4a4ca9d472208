//! The table of the host's functions for plugins, and those for memory.

use std::alloc::Layout;

use once_cell::sync::OnceCell;
use plugbox::__private::{CONTRACT, HostTable, describe_payloads};

use super::exit::at_exit;
use super::keys::{key_create, key_delete, key_get, key_set};
use super::panics::{
    arrived, attempt, attempt_unwinding, begun, caught, describe, discard, dropped, is_panicking, panicking, raise,
    report, resume, wants_backtrace,
};
use crate::errors::HostError;
use crate::panic::PluginPanic;
use crate::sys;

static TABLE: HostTable = HostTable {
    size: size_of::<HostTable>(),
    contract: CONTRACT,
    alloc,
    alloc_zeroed,
    dealloc,
    realloc,
    panicking,
    caught,
    raise,
    resume,
    attempt,
    discard,
    report,
    begun,
    arrived,
    dropped,
    describe,
    at_exit,
    wants_backtrace,
    is_panicking,
    attempt_unwinding,
    key_create,
    key_delete,
    key_get,
    key_set,
};

/// The host's table, in an image that is never unmapped.
#[derive(Clone, Copy)]
pub(crate) struct Table(pub(super) &'static HostTable);

impl Table {
    /// Returns the host's table, after pinning the host's image once.
    ///
    /// # Errors
    ///
    /// Returns [`HostError::NotPinned`] if the image cannot be pinned.
    pub(crate) fn pinned() -> Result<Self, HostError> {
        static PINNED: OnceCell<Table> = OnceCell::new();
        let pin = || match sys::pin((&raw const TABLE).addr()) {
            Ok(()) => {
                describe_payloads(|payload| payload.downcast_ref::<PluginPanic>().map(ToString::to_string));
                Ok(Self(&TABLE))
            }
            Err(why) => Err(HostError::NotPinned(why.to_string())),
        };
        PINNED.get_or_try_init(pin).copied()
    }
}

#[cfg(test)]
impl Table {
    /// The table of a test. A test's image is the program, which needs no pin.
    pub(crate) fn unpinned() -> Self {
        Self(&TABLE)
    }
}

/// The layout of a plugin's request.
///
/// # Safety
///
/// 1. Size and alignment come from a [`Layout`].
unsafe fn layout(size: usize, align: usize) -> Layout {
    // SAFETY: obligation 1.
    unsafe { Layout::from_size_align_unchecked(size, align) }
}

// Only plugbox's own code in a plugin calls the functions of the table. These four are called by `HostAllocator`, which
// takes size and alignment from a `Layout`, and whose callers keep the contract of `GlobalAlloc`.

unsafe extern "C" fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`.
    unsafe { std::alloc::alloc(layout) }
}

unsafe extern "C" fn alloc_zeroed(size: usize, align: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`.
    unsafe { std::alloc::alloc_zeroed(layout) }
}

unsafe extern "C" fn dealloc(block: *mut u8, size: usize, align: usize) {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`, and the block is from the
    // host's allocator.
    unsafe { std::alloc::dealloc(block, layout) }
}

unsafe extern "C" fn realloc(block: *mut u8, size: usize, align: usize, new: usize) -> *mut u8 {
    // SAFETY: *allocator*: `HostAllocator` took size and alignment from a `Layout`.
    let layout = unsafe { layout(size, align) };
    // SAFETY: *allocator*: the caller of `HostAllocator` keeps the contract of `GlobalAlloc`, and the block is from the
    // host's allocator.
    unsafe { std::alloc::realloc(block, layout, new) }
}

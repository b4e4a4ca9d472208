//! The link to the host: two statics that are null until the library is bound.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::abi::HostTable;

static HOST: AtomicPtr<HostTable> = AtomicPtr::new(std::ptr::null_mut());
static GENERATION: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// Returns the host's table; `None` before `bind`, and in a host.
#[inline]
pub(crate) fn host() -> Option<&'static HostTable> {
    let host = HOST.load(Ordering::Relaxed);
    // SAFETY: *pinned*: the pointer is null, or the table that `bind` stored, which lives as long as the process
    // (obligation 1 of `bind`). Relaxed suffices: the table was written before this library was mapped, so before any
    // of its code ran.
    unsafe { host.as_ref() }
}

/// Returns the host's table, read in the total order of `SeqCst`. The allocator needs this order while `bind` runs.
pub(crate) fn host_now() -> Option<&'static HostTable> {
    // SAFETY: *pinned*: the pointer is null, or the table that `bind` stored, as in `host`.
    unsafe { HOST.load(Ordering::SeqCst).as_ref() }
}

/// Returns the generation that the host passed to `bind`, for calls to the host's table; null before `bind`.
///
/// Relaxed suffices: the only readers are code that the host calls after `bind`, and the hook that `bind` installs.
pub(crate) fn generation() -> *const () {
    GENERATION.load(Ordering::Relaxed)
}

/// Links this library to its host. The generation is stored first: its readers run only after the host is stored.
pub(super) fn link(table: *const HostTable, generation: *const ()) {
    GENERATION.store(generation.cast_mut(), Ordering::Relaxed);
    HOST.store(table.cast_mut(), Ordering::SeqCst);
}

/// Removes the link to the host.
pub(super) fn unlink() {
    HOST.store(std::ptr::null_mut(), Ordering::SeqCst);
}

//! The link to the host: two statics, null until the library is bound.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::abi::HostTable;

static HOST: AtomicPtr<HostTable> = AtomicPtr::new(std::ptr::null_mut());
static GENERATION: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

/// The host's table; none before `bind`, and none in a host.
#[inline]
pub(crate) fn host() -> Option<&'static HostTable> {
    let host = HOST.load(Ordering::Relaxed);
    // SAFETY: null, or what `bind` stored, which lives as long as the process (obligation 1 there: the loader's table is a
    // static, and the loader pins that static's image before it maps a library). Relaxed suffices: the table was written
    // before this library was mapped, and so before any code of this library ran.
    unsafe { host.as_ref() }
}

/// As [`host`], in the one total order of `SeqCst`: for the allocator's first moments.
pub(crate) fn host_now() -> Option<&'static HostTable> {
    // SAFETY: as in `host`.
    unsafe { HOST.load(Ordering::SeqCst).as_ref() }
}

/// The generation that the host gave to `bind`, for calls to the host's table; null before. Relaxed suffices: only code that
/// the host has called since, or the hook that `bind` has set, asks for it.
pub(crate) fn generation() -> *const () {
    GENERATION.load(Ordering::Relaxed)
}

/// Links this library to its host. The generation first: the hook that asks for it is set later.
pub(super) fn link(table: *const HostTable, generation: *const ()) {
    GENERATION.store(generation.cast_mut(), Ordering::Relaxed);
    HOST.store(table.cast_mut(), Ordering::SeqCst);
}

/// Takes the link back, as if it had never been.
pub(super) fn unlink() {
    HOST.store(std::ptr::null_mut(), Ordering::SeqCst);
}

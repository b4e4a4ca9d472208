//! The host that this library is bound to.

use std::sync::atomic::{AtomicPtr, Ordering};

use crate::contract::{BindError, CONTRACT, HostTable};
use crate::{allocator, panic};

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

/// The part of a host's table that every contract has.
#[repr(C)]
struct TableHead {
    size: usize,
    contract: u32,
}

/// Binds this library to its host; a second call (another plugin of the library) finds it bound.
///
/// # Safety
///
/// 1. `table` is the address of a [`HostTable`] whose first two fields are right, and lives as long as the process.
/// 2. `generation` may be passed to that table's functions as long as the process lives.
pub(crate) unsafe extern "C" fn bind(table: *const HostTable, generation: *const ()) -> u32 {
    if host().is_some() {
        return BindError::None as u32;
    }
    // SAFETY: obligation 1. A smaller table would not be ours to refer to as a whole, so only its head is.
    let head = unsafe { &*table.cast::<TableHead>() };
    if head.contract != CONTRACT || head.size < size_of::<HostTable>() {
        return BindError::Contract as u32;
    }
    if allocator::early_blocks() != 0 {
        return BindError::EarlyAllocation as u32;
    }
    GENERATION.store(generation.cast_mut(), Ordering::Relaxed);
    HOST.store(table.cast_mut(), Ordering::SeqCst);
    if allocator::early_blocks() != 0 {
        // A thread of an initialiser's has allocated just now. That memory is not the host's: stay unbound.
        HOST.store(std::ptr::null_mut(), Ordering::SeqCst);
        return BindError::EarlyAllocation as u32;
    }
    // A panic that ends the process never arrives at the host: then std's own hook is the one that speaks.
    if cfg!(not(panic = "abort")) {
        panic::install_hook();
    }
    BindError::None as u32
}

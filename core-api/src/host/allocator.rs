//! One allocator: a plugin's memory is the host's, so either side may free what the other allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::link::{host, host_now};
use crate::abi::HostTable;

/// The global allocator of a library that exports plugins: it asks the host.
///
/// Before the library is bound only initializers run; they are served by the system's allocator and counted. A library
/// that still holds such memory when it is bound is refused, because the host could not free it.
pub struct HostAllocator;

/// Blocks that were allocated before `bind` and not freed yet.
static EARLY: AtomicUsize = AtomicUsize::new(0);

/// How many blocks from before `bind` are still in use.
pub(crate) fn early_blocks() -> usize {
    EARLY.load(Ordering::SeqCst)
}

/// Counts an early block first and looks for a host again then: either this thread sees the host, or `bind`, which
/// stores the host before it reads the count, sees the block.
#[cold]
fn early(allocate: impl FnOnce() -> *mut u8, late: impl FnOnce(&'static HostTable) -> *mut u8) -> *mut u8 {
    EARLY.fetch_add(1, Ordering::SeqCst);
    if let Some(host) = host_now() {
        EARLY.fetch_sub(1, Ordering::SeqCst);
        return late(host);
    }
    let block = allocate();
    if block.is_null() {
        EARLY.fetch_sub(1, Ordering::SeqCst);
    }
    block
}

// SAFETY: each function forwards to an allocator that keeps `GlobalAlloc`'s contract: the host's global allocator behind
// the table (the loader's functions hand size and alignment on unchanged), or the system's. A block is freed where it
// came from: `bind` succeeds only while no early block is left. If it finds one late and forgets the host again, a block of
// the host's could be left only with a thread that an initializer has started; none of these uses memory of Rust's
// (`Trust::directory`, 3).
unsafe impl GlobalAlloc for HostAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match host() {
            // SAFETY: the table's function is the host's `alloc`; the caller keeps its contract (`layout` is not empty).
            Some(host) => unsafe { (host.alloc)(layout.size(), layout.align()) },
            None => early(
                // SAFETY: the caller keeps `alloc`'s contract.
                || unsafe { System.alloc(layout) },
                // SAFETY: as above.
                |host| unsafe { (host.alloc)(layout.size(), layout.align()) },
            ),
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match host() {
            // SAFETY: the table's function is the host's `alloc_zeroed`; the caller keeps its contract.
            Some(host) => unsafe { (host.alloc_zeroed)(layout.size(), layout.align()) },
            None => early(
                // SAFETY: the caller keeps `alloc_zeroed`'s contract.
                || unsafe { System.alloc_zeroed(layout) },
                // SAFETY: as above.
                |host| unsafe { (host.alloc_zeroed)(layout.size(), layout.align()) },
            ),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match host() {
            // SAFETY: bound, so `block` came from the host's allocator, with this layout (the caller's obligation).
            Some(host) => unsafe { (host.dealloc)(block, layout.size(), layout.align()) },
            None => {
                // SAFETY: not bound, so `block` came from the system's allocator, with this layout.
                unsafe { System.dealloc(block, layout) };
                EARLY.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match host() {
            // SAFETY: bound, so `block` came from the host's allocator, with this layout (the caller's obligation).
            Some(host) => unsafe { (host.realloc)(block, layout.size(), layout.align(), size) },
            // SAFETY: not bound, so `block` came from the system's allocator, with this layout.
            None => unsafe { System.realloc(block, layout, size) },
        }
    }
}

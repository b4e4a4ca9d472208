//! The plugin's allocator, which forwards to the host's, so either side may free the other's blocks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::link::{host, host_now};
use crate::abi::HostTable;

/// The global allocator of a library that exports plugins. It forwards to the host's allocator.
///
/// Before the library is bound, only its initializers run. The system's allocator serves them, and their blocks are
/// counted. A library that still holds such a block when it is bound is refused, because the host could not free the
/// block.
pub struct HostAllocator;

/// The number of blocks that were allocated before `bind` and are not freed yet.
static EARLY: AtomicUsize = AtomicUsize::new(0);

/// Returns the number of blocks from before `bind` that are still in use.
pub(crate) fn early_blocks() -> usize {
    EARLY.load(Ordering::SeqCst)
}

/// Allocates a block for a thread that has not seen a host.
///
/// It counts the block, and only then looks for the host again. `bind` stores the host, and only then reads the count.
/// So either this thread sees the host, or `bind` sees the block.
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

// SAFETY: *allocator*: each function forwards to an allocator that keeps the contract of `GlobalAlloc`: to the host's
// global allocator through the table, whose functions pass size and alignment on unchanged, or to the system's. Each
// block is freed by the allocator that it came from, because `bind` succeeds only if no early block is left. If `bind`
// finds an early block after it has stored the host, it removes the host again. Then only a thread that an initializer
// started could hold a block of the host's, and no such thread uses memory of Rust's (*trust*: obligation 3 of
// `Trust::directory`).
unsafe impl GlobalAlloc for HostAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match host() {
            // SAFETY: *contract*: the function is the host's `alloc`. The caller keeps its contract: `layout` is not
            // empty.
            Some(host) => unsafe { (host.alloc)(layout.size(), layout.align()) },
            None => early(
                // SAFETY: the caller keeps the contract of `alloc`.
                || unsafe { System.alloc(layout) },
                // SAFETY: *contract*: the function is the host's `alloc`, and the caller keeps its contract.
                |host| unsafe { (host.alloc)(layout.size(), layout.align()) },
            ),
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match host() {
            // SAFETY: *contract*: the function is the host's `alloc_zeroed`. The caller keeps its contract: `layout` is
            // not empty.
            Some(host) => unsafe { (host.alloc_zeroed)(layout.size(), layout.align()) },
            None => early(
                // SAFETY: the caller keeps the contract of `alloc_zeroed`.
                || unsafe { System.alloc_zeroed(layout) },
                // SAFETY: *contract*: the function is the host's `alloc_zeroed`, and the caller keeps its contract.
                |host| unsafe { (host.alloc_zeroed)(layout.size(), layout.align()) },
            ),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match host() {
            // SAFETY: *allocator*: the library is bound, so `block` is the host's; the caller passes the block's
            // layout.
            Some(host) => unsafe { (host.dealloc)(block, layout.size(), layout.align()) },
            None => {
                // SAFETY: *allocator*: the library is not bound, so `block` is the system's; the caller passes the
                // block's layout.
                unsafe { System.dealloc(block, layout) };
                EARLY.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match host() {
            // SAFETY: *allocator*: the library is bound, so `block` is the host's; the caller passes the block's layout
            // and a valid new size.
            Some(host) => unsafe { (host.realloc)(block, layout.size(), layout.align(), size) },
            // SAFETY: *allocator*: the library is not bound, so `block` is the system's; the caller passes the block's
            // layout and a valid new size.
            None => unsafe { System.realloc(block, layout, size) },
        }
    }
}

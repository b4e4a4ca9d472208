//! Measures the memory of a thread: the most that it holds at once, and the total that it allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    static ALL: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread still frees memory while it ends.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        _ = ALL.try_with(|all| all.set(all.get() + bytes.max(0)));
        MOST.try_with(|most| most.set(most.get().max(now.get())))
    });
}

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's.
        unsafe { System.dealloc(address, layout) }
    }
}

/// Returns the result of `run`, and the most bytes that were allocated at once.
pub(crate) fn peak<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = NOW.get();
    MOST.set(before);
    let result = run();
    (result, (MOST.get() - before) as usize)
}

/// Returns the result of `run`, and the total number of allocated bytes: a measure of work that needs no clock.
pub(crate) fn total<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = ALL.get();
    let result = run();
    (result, (ALL.get() - before) as usize)
}

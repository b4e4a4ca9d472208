//! How much memory a thread holds at most while it does something, and how much it takes in all.

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
    // A thread that ends still frees.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        _ = ALL.try_with(|all| all.set(all.get() + bytes.max(0)));
        MOST.try_with(|most| most.set(most.get().max(now.get())))
    });
}

// SAFETY: every call is passed on to the system's allocator as it is.
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

/// What it returns, and the most bytes that it held at once.
pub(crate) fn peak<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = NOW.get();
    MOST.set(before);
    let result = run();
    (result, (MOST.get() - before) as usize)
}

/// What it returns, and how many bytes it asked for in all: work that can be told without a clock.
pub(crate) fn total<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = ALL.get();
    let result = run();
    (result, (ALL.get() - before) as usize)
}

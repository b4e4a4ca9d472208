//! The record of the closures that wrap another one, as long as they live.
//!
//! A closure has no hidden method that could say what it is. So this image records where it has put each of its wrappers.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::origin::Side;
use super::ownership::OwnershipKind;

/// The wrappers of this image, by the pointers to them.
static PLACES: Mutex<BTreeMap<Pointer, Wrapper>> = Mutex::new(BTreeMap::new());

/// The address and the metadata of a pointer to a trait object.
type Pointer = [usize; 2];

/// A wrapper, as the record has it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrapper {
    /// The type of the closure, with `'static` for its lifetimes.
    pub(super) ty: TypeId,
    /// Size and alignment.
    pub(super) layout: (usize, usize),
    pub(super) side: Side,
    pub(super) holder: OwnershipKind,
    pub(super) number: u64,
}

/// The entry of one wrapper. The wrapper owns it, so it leaves the record when the wrapper is dropped or consumed,
/// wherever the wrapper is by then.
pub(super) struct Entry {
    number: u64,
    pointer: [AtomicUsize; 2],
}

impl Entry {
    /// Makes an entry that is not in the record yet, with a number that no other entry of this image ever has.
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), pointer: [AtomicUsize::new(0), AtomicUsize::new(0)] }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Records the wrapper to which this pointer leads. The caller owns the wrapper, and nobody else has seen it.
    pub(super) fn record<T: ?Sized>(&self, object: &T, ty: TypeId, side: Side, holder: OwnershipKind) {
        let pointer = pointer(object);
        self.pointer[0].store(pointer[0], Ordering::Relaxed);
        self.pointer[1].store(pointer[1], Ordering::Relaxed);
        let wrapper = Wrapper { ty, layout: layout(object), side, holder, number: self.number };
        places().insert(pointer, wrapper);
    }

    /// Removes the entry from the record.
    pub(super) fn leave(&self) {
        let pointer = [0, 1].map(|word: usize| self.pointer[word].load(Ordering::Relaxed));
        let mut places = places();
        // If the wrapper has moved to an `Arc`, a different one may be at its old place.
        if places.get(&pointer).is_some_and(|wrapper| wrapper.number == self.number) {
            places.remove(&pointer);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Returns the wrapper that was put where this object is.
pub(super) fn at<T: ?Sized>(object: &T) -> Option<Wrapper> {
    places().get(&pointer(object)).copied()
}

pub(super) fn layout<T: ?Sized>(object: &T) -> (usize, usize) {
    (size_of_val(object), align_of_val(object))
}

/// The only foreign code that runs while the lock is held is the host's allocator.
fn places() -> MutexGuard<'static, BTreeMap<Pointer, Wrapper>> {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pointer<T: ?Sized>(object: &T) -> Pointer {
    const { assert!(size_of::<*const T>() == size_of::<Pointer>(), "only trait objects are recorded") };
    let pointer = std::ptr::from_ref(object);
    // SAFETY: both types have this size (the assertion above), and a pointer to a trait object consists of two pointers.
    let words: [*const (); 2] = unsafe { std::mem::transmute_copy(&pointer) };
    words.map(<*const ()>::addr)
}

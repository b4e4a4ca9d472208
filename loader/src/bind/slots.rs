//! The numbers of plugins' keys: which are in use, and the destructor of each.
//!
//! As in the C library, each number has a sequence, to which creating and deleting a key add one. A value belongs to the
//! key in whose sequence it was set, so a key never has a value that was set for an earlier key of its number.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::mem::transmute;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

pub(super) use plugbox::__private::KeyDestructor as Destructor;

/// The most keys of all plugins together.
pub(super) const MOST: usize = CHUNKS * CHUNK;

const CHUNKS: usize = 1024;
const CHUNK: usize = 1024;

/// Why no key can be created.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// All numbers are in use.
    Numbers,
    /// There is no memory.
    Memory,
}

/// One number. Zeros are a number that was never in use.
struct Slot {
    /// Odd while a key has the number.
    sequence: AtomicUsize,
    /// The key's destructor, or null.
    destructor: AtomicPtr<()>,
}

/// All numbers. Nothing here waits: a key may be created in the child of a fork, or by an allocator.
pub(super) struct Slots {
    chunks: [AtomicPtr<[Slot; CHUNK]>; CHUNKS],
    /// The number with which the search for a free one begins.
    next: AtomicUsize,
    /// The numbers that may be used.
    most: usize,
}

impl Slots {
    pub(super) const fn new(most: usize) -> Self {
        assert!(most <= MOST);
        Self { chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS], next: AtomicUsize::new(0), most }
    }

    /// Takes a number.
    ///
    /// # Errors
    ///
    /// Returns what there is too little of.
    pub(super) fn create(&self, destructor: Option<Destructor>) -> Result<usize, Full> {
        let start = self.next.load(Ordering::Relaxed);
        for number in (start..self.most).chain(0..start) {
            let slot = match self.slot(number) {
                Some(slot) => slot,
                None => self.new_slot(number).ok_or(Full::Memory)?,
            };
            let sequence = slot.sequence.load(Ordering::Relaxed);
            // A sequence that began anew would give a key the values of an earlier one.
            let is_free = sequence % 2 == 0 && sequence < usize::MAX - 2;
            let (free, taken) = (Ordering::Acquire, Ordering::Relaxed);
            if is_free && slot.sequence.compare_exchange(sequence, sequence + 1, free, taken).is_ok() {
                let destructor = destructor.map_or(ptr::null_mut(), |destructor| destructor as *mut ());
                slot.destructor.store(destructor, Ordering::Release);
                self.next.store(number + 1, Ordering::Relaxed);
                return Ok(number);
            }
        }
        Err(Full::Numbers)
    }

    /// Gives a number back. Returns whether a key had it.
    pub(super) fn delete(&self, number: usize) -> bool {
        let Some(slot) = self.slot(number) else { return false };
        let sequence = slot.sequence.load(Ordering::Relaxed);
        let (free, other) = (Ordering::Release, Ordering::Relaxed);
        let is_deleted =
            sequence % 2 == 1 && slot.sequence.compare_exchange(sequence, sequence + 1, free, other).is_ok();
        if is_deleted {
            self.next.fetch_min(number, Ordering::Relaxed);
        }
        is_deleted
    }

    /// The sequence of the key that has this number; `None` if no key has it.
    pub(super) fn sequence(&self, number: usize) -> Option<usize> {
        let sequence = self.slot(number)?.sequence.load(Ordering::Relaxed);
        (sequence % 2 == 1).then_some(sequence)
    }

    /// The destructor of the key that has this number, if its sequence is this one.
    pub(super) fn destructor(&self, number: usize, sequence: usize) -> Option<Destructor> {
        let slot = self.slot(number)?;
        if slot.sequence.load(Ordering::Acquire) != sequence {
            return None;
        }
        let destructor = slot.destructor.load(Ordering::Acquire);
        // If it was stored for a later key, the sequence of that key is seen here.
        if slot.sequence.load(Ordering::Relaxed) != sequence {
            return None;
        }
        // SAFETY: `create` stored a `Destructor`, or null for none.
        unsafe { transmute::<*mut (), Option<Destructor>>(destructor) }
    }

    fn slot(&self, number: usize) -> Option<&Slot> {
        let chunk = self.chunks.get(number / CHUNK)?.load(Ordering::Acquire);
        // SAFETY: the address is null, or that of a chunk that `new_slot` made and that lives as long as `self`.
        unsafe { chunk.as_ref() }.map(|chunk| &chunk[number % CHUNK])
    }

    /// Makes the chunk of a number; `None` if there is no memory.
    #[cold]
    fn new_slot(&self, number: usize) -> Option<&Slot> {
        // SAFETY: zeros are slots that were never in use.
        let new = unsafe { zeroed::<[Slot; CHUNK]>() };
        if new.is_null() {
            return None;
        }
        let chunk = &self.chunks[number / CHUNK];
        if chunk.compare_exchange(ptr::null_mut(), new, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: another thread was first, so this chunk of `zeroed` was not shared.
            unsafe { free(new) };
        }
        self.slot(number)
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for chunk in self.chunks.iter_mut().map(|chunk| *chunk.get_mut()).filter(|chunk| !chunk.is_null()) {
            // SAFETY: `new_slot` made the chunk by `zeroed`, and nobody uses it any more.
            unsafe { free(chunk) };
        }
    }
}

/// Allocates zeros; null if there is no memory.
///
/// # Safety
///
/// 1. `T` has a size, and zeros are a value of it.
pub(super) unsafe fn zeroed<T>() -> *mut T {
    // SAFETY: obligation 1: the layout has a size.
    unsafe { alloc_zeroed(Layout::new::<T>()) }.cast()
}

/// Frees what [`zeroed`] has allocated.
///
/// # Safety
///
/// 1. The address came from [`zeroed`] for this type, and is not used after this call.
pub(super) unsafe fn free<T>(address: *mut T) {
    // SAFETY: obligation 1.
    unsafe { dealloc(address.cast(), Layout::new::<T>()) }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    use super::*;

    unsafe extern "C" fn one(_: *mut c_void) {}

    #[test]
    fn the_lowest_free_number_is_taken_and_there_is_a_last_one() {
        let slots = Slots::new(4);
        assert_eq!([(); 5].map(|()| slots.create(None)), [Ok(0), Ok(1), Ok(2), Ok(3), Err(Full::Numbers)]);
        assert!(slots.delete(2) && slots.delete(1));
        assert_eq!([(); 3].map(|()| slots.create(None)), [Ok(1), Ok(2), Err(Full::Numbers)]);
    }

    #[test]
    fn a_number_that_no_key_has_is_none() {
        let slots = Slots::new(MOST);
        assert!(slots.sequence(0).is_none() && !slots.delete(0), "no chunk was made");
        let number = slots.create(None).unwrap();
        assert!(slots.sequence(number + 1).is_none() && !slots.delete(number + 1), "it was never used");
        assert!(slots.sequence(MOST).is_none() && !slots.delete(usize::MAX), "there is no such number");
        assert!(slots.delete(number));
        assert!(slots.sequence(number).is_none() && !slots.delete(number), "it was deleted");
    }

    #[test]
    fn a_number_that_is_used_again_has_another_sequence_and_its_own_destructor() {
        let slots = Slots::new(1);
        let number = slots.create(Some(one)).unwrap();
        let first = slots.sequence(number).unwrap();
        assert!(slots.destructor(number, first).is_some());
        slots.delete(number);
        assert!(slots.destructor(number, first).is_none(), "a deleted key has none");
        assert_eq!(slots.create(None), Ok(number));
        let second = slots.sequence(number).unwrap();
        assert_ne!(first, second);
        assert!(slots.destructor(number, first).is_none() && slots.destructor(number, second).is_none());
    }

    #[test]
    fn a_sequence_never_begins_anew() {
        let slots = Slots::new(2);
        slots.create(None).unwrap();
        slots.delete(0);
        slots.slot(0).unwrap().sequence.store(usize::MAX - 1, Ordering::Relaxed);
        assert_eq!(slots.create(None), Ok(1));
    }

    #[test]
    fn threads_never_get_one_number() {
        let (slots, threads, each) = (Slots::new(MOST), 4, if cfg!(miri) { 20 } else { 1_000 });
        let create = || (0..each).map(|_| slots.create(None).unwrap()).collect::<Vec<_>>();
        let mut numbers: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(create)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), threads * each);
    }
}

//! The values that a thread has for plugins' keys. They are the thread's value for one real key of the C library.
//!
//! Reading a value allocates nothing and waits for nothing, because std reads one for `thread::current`, and allocators
//! and signal handlers may.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering, compiler_fence};

use super::slots::{MOST, Slots, free, zeroed};
use crate::sys::{NO_MEMORY, NO_SUCH_KEY, PASSES, ThreadKey};

const LEAF: usize = 128;
const BRANCH: usize = 128;
const ROOT: usize = MOST / BRANCH / LEAF;

/// A value, and the sequence of the key for which it was set.
///
/// Only one thread uses it. The fields are atomic for a signal handler, which may run between two of the thread's
/// instructions.
struct Value {
    sequence: AtomicUsize,
    value: AtomicPtr<c_void>,
}

type Leaf = [Value; LEAF];
type Branch = [AtomicPtr<Leaf>; BRANCH];

/// A thread's values, in a tree by the keys' numbers.
struct Values {
    root: [AtomicPtr<Branch>; ROOT],
    /// The number of passes over the values since the thread began to end.
    passes: AtomicU32,
}

/// The numbers of all plugins' keys.
pub(super) static SLOTS: Slots = Slots::new(MOST);

/// The number of the real key, plus one; 0 before there is one.
static KEY: AtomicUsize = AtomicUsize::new(0);

fn key() -> Option<ThreadKey> {
    let number = KEY.load(Ordering::Acquire).checked_sub(1)?;
    u32::try_from(number).ok().map(ThreadKey)
}

/// Makes the real key, if there is none.
///
/// # Errors
///
/// Returns the number of the C library's error.
pub(super) fn make_key() -> Result<(), c_int> {
    if key().is_some() {
        return Ok(());
    }
    let new = ThreadKey::create(Some(at_thread_end))?;
    if KEY.compare_exchange(0, new.0 as usize + 1, Ordering::Release, Ordering::Relaxed).is_err() {
        // Another thread was first.
        new.delete();
    }
    Ok(())
}

/// This thread's value for a number; null if there is none, or if it was set for an earlier key of the number.
pub(super) fn get(number: usize) -> *mut c_void {
    let value = values().and_then(|values| values.value(number));
    match value {
        Some(value) if SLOTS.sequence(number) == Some(value.sequence.load(Ordering::Relaxed)) => {
            value.value.load(Ordering::Relaxed)
        }
        _ => ptr::null_mut(),
    }
}

/// Sets this thread's value for a number. Returns the number of an error, or 0.
pub(super) fn set(number: usize, new: *const c_void) -> c_int {
    let Some(sequence) = SLOTS.sequence(number) else { return NO_SUCH_KEY };
    let value = match values().and_then(|values| values.value(number)) {
        Some(value) => value,
        // There is nothing to remove.
        None if new.is_null() => return 0,
        None => match values_or_new().and_then(|values| values.value_or_new(number)) {
            Some(value) => value,
            None => return NO_MEMORY,
        },
    };
    // A signal handler in between must not see the value of an earlier key.
    if value.sequence.load(Ordering::Relaxed) != sequence {
        value.value.store(ptr::null_mut(), Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        value.sequence.store(sequence, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
    }
    value.value.store(new.cast_mut(), Ordering::Relaxed);
    0
}

/// This thread's values, if it has set any.
fn values<'a>() -> Option<&'a Values> {
    let values = key()?.get().cast::<Values>();
    // SAFETY: the key's value is null or the address of the thread's `Values`, which `values_or_new` has stored. No
    // caller keeps the reference: `at_thread_end` frees the values when no code of the thread uses them.
    unsafe { values.as_ref() }
}

/// This thread's values; `None` if there is no memory.
fn values_or_new<'a>() -> Option<&'a Values> {
    if let Some(values) = values() {
        return Some(values);
    }
    // SAFETY: zeros are an empty tree.
    let new = unsafe { zeroed::<Values>() };
    if new.is_null() {
        return None;
    }
    // SAFETY: `at_thread_end` takes such an address.
    if unsafe { key()?.set(new.cast()) } != 0 {
        // SAFETY: it came from `zeroed`, and was not stored.
        unsafe { free(new) };
        return None;
    }
    values()
}

/// Runs one pass of destructors over a thread's values. If destructors have set values, the C library calls it again
/// for its next pass, because the real key then has a value. So there are as many passes as for real keys, and the
/// destructors of real keys run in between.
///
/// # Safety
///
/// 1. `values` is the address of this thread's `Values`, from `values_or_new`.
unsafe extern "C" fn at_thread_end(address: *mut c_void) {
    let Some(key) = key() else { return };
    // The C library has set it to null. The destructors use values.
    // SAFETY: this function takes this address (obligation 1).
    unsafe { key.set(address) };
    {
        // SAFETY: obligation 1. The values are freed below, after the last use.
        let values = unsafe { &*address.cast::<Values>() };
        values.run_destructors();
        let passes = values.passes.fetch_add(1, Ordering::Relaxed) + 1;
        if passes < PASSES && !values.is_empty() {
            return;
        }
    }
    // SAFETY: the function is not called for null.
    unsafe { key.set(ptr::null()) };
    // SAFETY: obligation 1; the thread has no way to the values any more.
    unsafe { Values::free(address.cast()) };
}

impl Values {
    fn leaf(&self, number: usize) -> Option<&Leaf> {
        let branch = self.root.get(number / LEAF / BRANCH)?.load(Ordering::Relaxed);
        // SAFETY: the address is null or that of a branch that `value_or_new` made and that lives as long as `self`.
        let leaf = unsafe { branch.as_ref() }?[number / LEAF % BRANCH].load(Ordering::Relaxed);
        // SAFETY: as above, of a leaf.
        unsafe { leaf.as_ref() }
    }

    fn value(&self, number: usize) -> Option<&Value> {
        self.leaf(number).map(|leaf| &leaf[number % LEAF])
    }

    /// Makes what is missing on the way to a value; `None` if there is no memory.
    fn value_or_new(&self, number: usize) -> Option<&Value> {
        let branch = self.root.get(number / LEAF / BRANCH)?;
        // SAFETY: zeros are a branch without leaves.
        let branch = unsafe { present(branch) }?;
        // SAFETY: zeros are a leaf without values.
        unsafe { present(&branch[number / LEAF % BRANCH]) }.map(|leaf| &leaf[number % LEAF])
    }

    /// The numbers of the values in each leaf there is, in order. What a caller adds behind its place is found.
    fn numbers(&self) -> impl Iterator<Item = usize> {
        let in_branch = |branch: usize| {
            let leaves = (branch * BRANCH..(branch + 1) * BRANCH).filter(|leaf| self.leaf(leaf * LEAF).is_some());
            leaves.flat_map(|leaf| leaf * LEAF..(leaf + 1) * LEAF)
        };
        let is_there = |branch: &usize| !self.root[*branch].load(Ordering::Relaxed).is_null();
        (0..ROOT).filter(is_there).flat_map(in_branch)
    }

    fn run_destructors(&self) {
        for number in self.numbers() {
            let Some(value) = self.value(number) else { continue };
            // A deleted key has no destructor, and its value is forgotten.
            let old = value.value.swap(ptr::null_mut(), Ordering::Relaxed);
            let destructor = SLOTS.destructor(number, value.sequence.load(Ordering::Relaxed));
            if let Some(destructor) = destructor.filter(|_| !old.is_null()) {
                // SAFETY: *keys*: code of a plugin has set this value for a key with this destructor, and it is still
                // mapped (*mapped*); pthread_key_create(3) says that a thread that ends calls it so.
                unsafe { destructor(old) };
            }
        }
    }

    fn is_empty(&self) -> bool {
        let is_null = |number| self.value(number).is_none_or(|value| value.value.load(Ordering::Relaxed).is_null());
        self.numbers().all(is_null)
    }

    /// # Safety
    ///
    /// 1. `values` came from `values_or_new`, and is not used after this call.
    unsafe fn free(values: *mut Self) {
        {
            // SAFETY: obligation 1.
            let values = unsafe { &*values };
            for branch in values.root.iter().map(|branch| branch.load(Ordering::Relaxed)) {
                // SAFETY: the address is null or that of a branch, as in `leaf`.
                let Some(leaves) = (unsafe { branch.as_ref() }) else { continue };
                for leaf in leaves.iter().map(|leaf| leaf.load(Ordering::Relaxed)).filter(|leaf| !leaf.is_null()) {
                    // SAFETY: it came from `zeroed`, and only this tree had it.
                    unsafe { free(leaf) };
                }
                // SAFETY: as above.
                unsafe { free(branch) };
            }
        }
        // SAFETY: obligation 1: it came from `zeroed`.
        unsafe { free(values) };
    }
}

/// What is at the place, which is filled if it is empty; `None` if there is no memory.
///
/// # Safety
///
/// 1. `T` has a size, and zeros are a value of it.
/// 2. The place is null or has the address of a `T` that lives as long as the place. Only this thread uses it.
unsafe fn present<T>(place: &AtomicPtr<T>) -> Option<&T> {
    if place.load(Ordering::Relaxed).is_null() {
        // SAFETY: obligation 1.
        let new = unsafe { zeroed::<T>() };
        compiler_fence(Ordering::SeqCst);
        place.store(new, Ordering::Relaxed);
    }
    // SAFETY: obligation 2.
    unsafe { place.load(Ordering::Relaxed).as_ref() }
}

//! Notes of pins: each thread notes, in places of its own, what it uses, and writes nothing that other threads write.
//!
//! These are *hazard pointers*. A pin notes the object, and then looks whether the way is still open to it. Whoever
//! closes the way looks at all notes afterward. A barrier stands between the two steps on each side, so at least one side
//! sees the other. `tests/model` runs this file in all orders.

use std::marker::PhantomData;
use std::ptr;
use std::sync::OnceLock;

#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use crate::sys::{heavy_barrier, light_barrier};

/// An object to which the way is open, and the notes of pins that have come this way.
pub(super) struct Notes<T> {
    /// Null while the way is closed.
    open: AtomicPtr<T>,
    /// The places for notes, in groups that are made when a thread needs one. They are never moved.
    groups: [OnceLock<Box<[Places<T>; GROUP]>>; GROUPS],
    /// Whether a barrier was not to be had, so that a note may be missed.
    is_blind: AtomicBool,
}

/// Threads with a higher number have no places.
const GROUPS: usize = 128;
const GROUP: usize = 16;

/// The places of one thread, for the pins that it holds at once. No other thread writes to these cache lines.
#[repr(align(128))]
struct Places<T>([AtomicPtr<T>; 8]);

/// An object that is noted.
pub(super) struct Noted<'a, T> {
    place: &'a AtomicPtr<T>,
    object: PhantomData<&'a T>,
}

impl<T> Notes<T> {
    pub(super) fn new() -> Self {
        Self {
            open: AtomicPtr::new(ptr::null_mut()),
            groups: [const { OnceLock::new() }; GROUPS],
            is_blind: AtomicBool::new(false),
        }
    }

    /// Notes the object to which the way is open. `None` if it is closed, or if the thread has no place left.
    ///
    /// `thread` is a number that no other thread has at this time.
    #[inline]
    pub(super) fn enter(&self, thread: usize) -> Option<Noted<'_, T>> {
        let group = self.groups.get(thread / GROUP)?.get()?;
        let places = &group[thread % GROUP].0;
        let place = places.iter().find(|place| place.load(Ordering::Relaxed).is_null())?;
        let open = self.open.load(Ordering::Acquire);
        if open.is_null() {
            return None;
        }
        place.store(open, Ordering::Relaxed);
        // If the way is not open to this object any more, the note is removed, and was never used.
        let noted = Noted { place, object: PhantomData };
        light_barrier();
        (self.open.load(Ordering::Acquire) == open).then_some(noted)
    }

    /// Makes the places of a thread.
    pub(super) fn make_places(&self, thread: usize) {
        let place = |_| AtomicPtr::new(ptr::null_mut());
        if let Some(group) = self.groups.get(thread / GROUP) {
            group.get_or_init(|| Box::new(std::array::from_fn(|_| Places(std::array::from_fn(place)))));
        }
    }

    /// Opens the way to an object, or closes it. Afterward, [`pins`](Self::pins) counts all pins of any other object.
    pub(super) fn open(&self, object: *const T) {
        self.open.store(object.cast_mut(), Ordering::Release);
        if !heavy_barrier() {
            self.is_blind.store(true, Ordering::SeqCst);
        }
    }

    /// The number of pins that have noted this object; never 0 if one of them may have been missed.
    pub(super) fn pins(&self, object: *const T) -> usize {
        let places = self.groups.iter().filter_map(OnceLock::get).flat_map(|group| group.iter()).flat_map(|one| &one.0);
        let seen = places.filter(|place| ptr::eq(place.load(Ordering::Acquire), object)).count();
        seen + usize::from(self.is_blind.load(Ordering::SeqCst))
    }
}

impl<T> Noted<'_, T> {
    #[inline]
    pub(super) fn object(&self) -> &T {
        // SAFETY: *noted*: `enter` has stored the address in the place, and has then seen that the way was still open to
        // the object. Whoever keeps the object does not drop it as long as it is noted, and only `Drop` removes the note.
        unsafe { &*self.place.load(Ordering::Relaxed) }
    }
}

impl<T> Drop for Noted<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.place.store(ptr::null_mut(), Ordering::Release);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::*;
    use crate::sys;

    /// Replaces and frees objects while threads use them. Miri sees each use of one that is freed, and each that is not
    /// ordered with its making.
    #[test]
    fn objects_are_freed_when_no_pin_has_noted_them() {
        const THREADS: usize = 2;
        let rounds = if cfg!(miri) { 20 } else { 500 };
        sys::prepare_barriers();
        let (notes, stop) = (Notes::new(), AtomicBool::new(false));
        (0..THREADS).for_each(|thread| notes.make_places(thread));
        let mut old = Arc::new(0);
        notes.open(Arc::as_ptr(&old));
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (notes, stop) = (&notes, &stop);
                scope.spawn(move || {
                    let mut last = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // As many at once as a thread has places for, and one more.
                        let noted: Vec<_> = (0..9).map_while(|_| notes.enter(number)).collect();
                        assert!(noted.len() < 9);
                        for noted in noted {
                            assert!(*noted.object() >= last);
                            last = *noted.object();
                        }
                    }
                });
            }
            for round in 1..=rounds {
                let new = Arc::new(round);
                notes.open(Arc::as_ptr(&new));
                while notes.pins(Arc::as_ptr(&old)) > 0 {
                    thread::yield_now();
                }
                old = new;
            }
            stop.store(true, Ordering::Relaxed);
        });
        notes.open(ptr::null());
        assert!(notes.enter(0).is_none());
        assert!(notes.enter(GROUP).is_none(), "this thread has no places");
        assert!(notes.enter(usize::MAX).is_none());
    }
}

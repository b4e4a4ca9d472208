//! Runs the notes of pins, `loader/src/live/notes.rs`, in all orders that the memory model allows.
#![cfg(test)]

#[path = "../../../loader/src/live/notes.rs"]
mod notes;

use std::sync::Arc;

use loom::cell::UnsafeCell;
use loom::thread;

use notes::Notes;

/// An object whose use and whose drop must not overlap.
struct Object(UnsafeCell<u32>);

impl Object {
    fn new() -> &'static Self {
        // Never freed, so that a use after the drop is seen by loom, and does no harm.
        Box::leak(Box::new(Self(UnsafeCell::new(0))))
    }

    fn is_used(&self) {
        // SAFETY: loom reports a write at the same time.
        self.0.with(|number| assert_eq!(unsafe { *number }, 0));
    }

    fn is_dropped(&self) {
        // SAFETY: loom reports any access at the same time.
        self.0.with_mut(|number| unsafe { *number = 1 });
    }
}

// SAFETY: loom sees all accesses.
unsafe impl Sync for Object {}

fn notes(threads: usize) -> (Arc<Notes<Object>>, &'static Object) {
    let (notes, object) = (Arc::new(Notes::new()), Object::new());
    (0..threads).for_each(|thread| notes.make_places(thread));
    notes.open(object);
    (notes, object)
}

/// Drops an object if nobody has noted it.
fn sweep(notes: &Notes<Object>, object: &'static Object) {
    if notes.pins(object) == 0 {
        object.is_dropped();
    }
}

#[test]
fn what_is_noted_is_not_dropped() {
    loom::model(|| {
        let (notes, old) = notes(2);
        let pins: Vec<_> = (0..2)
            .map(|number| {
                let notes = notes.clone();
                thread::spawn(move || {
                    if let Some(noted) = notes.enter(number) {
                        noted.object().is_used();
                    }
                })
            })
            .collect();
        notes.open(Object::new());
        sweep(&notes, old);
        pins.into_iter().for_each(|pin| pin.join().unwrap());
        sweep(&notes, old);
    });
}

#[test]
fn nor_while_the_way_is_closed_and_opened_again() {
    loom::model(|| {
        let (notes, old) = notes(1);
        let pin = {
            let notes = notes.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    if let Some(noted) = notes.enter(0) {
                        noted.object().is_used();
                    }
                }
            })
        };
        notes.open(std::ptr::null());
        sweep(&notes, old);
        notes.open(Object::new());
        pin.join().unwrap();
    });
}
mod sys {
    use loom::sync::atomic::{Ordering, fence};

    /// Where the system makes the barrier for all threads, it is one of each of them. As the model knows no such thing,
    /// each makes its own, as on systems that cannot.
    pub(crate) fn light_barrier() {
        fence(Ordering::SeqCst);
    }

    pub(crate) fn heavy_barrier() -> bool {
        fence(Ordering::SeqCst);
        true
    }
}

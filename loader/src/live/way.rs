//! The way of pins past the gate, and the numbers of threads.

use std::cell::Cell;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use super::gate::Fast;
use super::notes::{Noted, Notes};
use super::serving::Serving;
use crate::sys;

/// The way of pins past the gate.
pub struct Way<I: ?Sized>(Notes<Serving<I>>);

impl<I: ?Sized> Default for Way<I> {
    fn default() -> Self {
        sys::prepare_barriers();
        Self(Notes::new())
    }
}

impl<I: ?Sized> Way<I> {
    /// Notes the generation to which the way is open. `None` if it is open to none, or if the thread has no place.
    #[inline]
    pub(super) fn enter(&self) -> Option<Noted<'_, Serving<I>>> {
        self.0.enter(NUMBER.get())
    }

    /// Gives this thread its places, for the next time.
    pub(super) fn make_places(&self) {
        number_of_this_thread().into_iter().for_each(|number| self.0.make_places(number));
    }
}

impl<I: ?Sized> Fast<Arc<Serving<I>>> for Way<I> {
    fn set(&self, open: Option<&Arc<Serving<I>>>) {
        self.0.open(open.map_or(ptr::null(), Arc::as_ptr));
    }

    fn pins(&self, of: &Arc<Serving<I>>) -> usize {
        self.0.pins(Arc::as_ptr(of))
    }
}

/// A thread that has no number yet, and one that gets none any more.
const NONE: usize = usize::MAX;
const ENDING: usize = usize::MAX - 1;

thread_local! {
    /// The number of this thread, which no other thread has at the same time.
    static NUMBER: Cell<usize> = const { Cell::new(NONE) };
    static RETURN: Return = const { Return };
}

/// The numbers of threads that have ended, and the next new one.
static FREE: Mutex<(Vec<usize>, usize)> = Mutex::new((Vec::new(), 0));

/// Gives the thread's number back.
struct Return;

impl Drop for Return {
    fn drop(&mut self) {
        // A pin in a thread-local may outlive this. Then its place is taken until it goes, and the next thread with this
        // number uses another.
        let number = NUMBER.replace(ENDING);
        FREE.lock().unwrap_or_else(PoisonError::into_inner).0.push(number);
    }
}

fn number_of_this_thread() -> Option<usize> {
    if NUMBER.get() == NONE {
        RETURN.try_with(|_| ()).ok()?;
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, next) = &mut *free;
        NUMBER.set(numbers.pop().unwrap_or_else(|| {
            *next += 1;
            *next - 1
        }));
    }
    Some(NUMBER.get()).filter(|number| *number != ENDING)
}

//! Thread-local keys, of which a process has few.
//!
//! Each image of std takes one of the C library's keys when it first needs the current thread, and ends the process if
//! there is none. The host serves the keys of a library that is bound (`bind/keys.rs`). An initializer runs before that,
//! and where a linker has left out the functions that `export!` defines, all keys are the C library's.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::errors::{LoadError, Resource};
use crate::sys;

/// The number of keys that a load leaves free, for everything else in the process.
const LEFT_FREE: usize = 16;

/// The number of libraries that may take a key at any moment.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// The certainty that a library finds a key while its initializers run.
#[derive(Debug)]
pub(crate) struct KeyReservation(());

impl KeyReservation {
    /// Reserves the key of the library at `path`.
    ///
    /// # Errors
    ///
    /// Returns [`LoadError::TooMany`] if too few keys are free.
    pub(crate) fn take(path: &Path) -> Result<Self, LoadError> {
        // One at a time, because asking takes the keys for a moment.
        static ASKING: Mutex<()> = Mutex::new(());
        let _asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = WAITING.fetch_add(1, Ordering::Relaxed) + 1;
        let reservation = Self(());
        let needed = waiting * sys::KEYS_OF_AN_IMAGE + LEFT_FREE;
        let left = sys::keys_left(needed);
        if left == needed {
            return Ok(reservation);
        }
        let limit = sys::most_keys();
        let kept = (waiting - 1) * sys::KEYS_OF_AN_IMAGE;
        let used = (limit - left.min(limit) + kept).min(limit);
        Err(LoadError::TooMany { path: path.to_owned(), resource: Resource::Keys, used, limit })
    }

    /// Reserves the key until the process ends: nobody sees when the library takes it, or whether it has.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for KeyReservation {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

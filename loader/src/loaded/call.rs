//! Guarded calls: a panic of the plugin becomes an error, and poisons its handle.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::panic::PluginPanic;

/// Why [`Loaded::call`] has no result.
///
/// [`Loaded::call`]: crate::Loaded::call
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin panicked in this call.
    Panicked(Box<PluginPanic>),
    /// It panicked in an earlier call, with this; so this call was not made.
    Poisoned(Box<PluginPanic>),
}

impl CallError {
    /// The panic: of this call, or of the earlier one that poisoned the plugin.
    #[must_use]
    pub fn panic(&self) -> &PluginPanic {
        match self {
            Self::Panicked(panic) | Self::Poisoned(panic) => panic,
        }
    }

    /// The panic, to keep.
    #[must_use]
    pub fn into_panic(self) -> PluginPanic {
        match self {
            Self::Panicked(panic) | Self::Poisoned(panic) => *panic,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => panic.fmt(f),
            Self::Poisoned(panic) => {
                write!(f, "not called, because of an earlier panic ({panic}); drop it, or call `clear_poison`")
            }
        }
    }
}

/// The text says it all.
impl std::error::Error for CallError {}

/// What a handle remembers of a panic. The flag spares well-behaved callers the lock.
#[derive(Default)]
pub(crate) struct Poison {
    poisoned: AtomicBool,
    by: Mutex<Option<Box<PluginPanic>>>,
}

impl Poison {
    /// The first panic since the last [`clear`](Self::clear).
    pub(crate) fn get(&self) -> Option<Box<PluginPanic>> {
        if self.poisoned.load(Ordering::Acquire) { self.by().clone() } else { None }
    }

    pub(crate) fn set(&self, panic: &PluginPanic) {
        let mut by = self.by();
        by.get_or_insert_with(|| Box::new(panic.clone()));
        self.poisoned.store(true, Ordering::Release);
    }

    pub(crate) fn clear(&self) {
        let mut by = self.by();
        *by = None;
        self.poisoned.store(false, Ordering::Release);
    }

    fn by(&self) -> MutexGuard<'_, Option<Box<PluginPanic>>> {
        self.by.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

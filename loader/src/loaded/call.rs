//! Guarded calls: a panic of the plugin becomes an error and poisons the handle.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::panic::PluginPanic;

/// The reason why [`Loaded::call`] returned no result.
///
/// [`Loaded::call`]: crate::Loaded::call
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::{CallError, Loaded};
/// # fn call(plugin: Loaded<dyn Plugin>) {
/// if let Err(CallError::Panicked(panic)) = Loaded::call(&plugin, |plugin| plugin.name()) {
///     eprintln!("{} panicked: {}", panic.plugin, panic.message);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The plugin panicked in this call.
    Panicked(Box<PluginPanic>),
    /// The plugin panicked in an earlier call, so this call was not made; the value is the earlier panic.
    Poisoned(Box<PluginPanic>),
}

impl CallError {
    /// The panic of this call, or of the earlier call that poisoned the plugin.
    #[must_use]
    pub fn panic(&self) -> &PluginPanic {
        match self {
            Self::Panicked(panic) | Self::Poisoned(panic) => panic,
        }
    }

    /// Returns the panic by value.
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
                write!(
                    f,
                    "the plugin was not called, because of an earlier panic ({panic}); drop the plugin, or call \
                     `clear_poison`"
                )
            }
        }
    }
}

/// `source` returns `None`, because the `Display` text contains the panic.
impl std::error::Error for CallError {}

/// The poison of a handle. The flag lets calls of a plugin that has not panicked skip the lock.
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

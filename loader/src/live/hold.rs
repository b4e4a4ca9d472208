//! What a thread holds: pins and locks of any `Live`, and a reload.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::MutexGuard;

use crate::errors::ReloadError;

thread_local! {
    /// The number of pins and locks.
    static HELD: Cell<u32> = const { Cell::new(0) };
    static RELOADS: Cell<bool> = const { Cell::new(false) };
}

/// A pin or a lock of this thread. Like a `MutexGuard`, it stays on its thread.
pub(super) struct Hold(PhantomData<MutexGuard<'static, ()>>);

impl Hold {
    #[inline]
    pub(super) fn new() -> Self {
        HELD.set(HELD.get() + 1);
        Self(PhantomData)
    }

    /// The number of pins and locks that this thread holds.
    pub(super) fn count() -> u32 {
        HELD.get()
    }

    /// Checks that this thread holds nothing for which a reload would wait.
    ///
    /// # Errors
    ///
    /// Returns [`ReloadError::Held`].
    pub(super) fn none() -> Result<(), ReloadError> {
        match Self::count() {
            0 => Ok(()),
            count => Err(ReloadError::Held { count }),
        }
    }
}

impl Drop for Hold {
    #[inline]
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
    }
}

/// A reload of this thread, or the look at a file that may become one.
pub(super) struct Reloads(PhantomData<MutexGuard<'static, ()>>);

impl Reloads {
    /// Begins a reload. Two threads that reload can never wait for each other, because a reload waits only for pins and
    /// locks, and for another reload, and holds none of them.
    ///
    /// # Errors
    ///
    /// Returns [`ReloadError::Held`] or [`ReloadError::Nested`].
    pub(super) fn begin() -> Result<Self, ReloadError> {
        Hold::none()?;
        Self::look()
    }

    /// Begins to look at a file. Code of the host may run meanwhile, such as a log subscriber, and must not reload on this
    /// thread.
    ///
    /// # Errors
    ///
    /// Returns [`ReloadError::Nested`].
    pub(super) fn look() -> Result<Self, ReloadError> {
        match RELOADS.replace(true) {
            false => Ok(Self(PhantomData)),
            true => Err(ReloadError::Nested),
        }
    }
}

impl Drop for Reloads {
    fn drop(&mut self) {
        RELOADS.set(false);
    }
}

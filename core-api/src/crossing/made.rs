//! The futures of `async fn`s under `#[async_impl]`: future and guard in one box.
//!
//! A method of the trait can only return a `Pin<Box<dyn Future>>`, which its guard boxes once more. So `#[interface]` adds a
//! hidden method beside each `async fn`. The guard calls that one, and says what to make.

use std::future::Future;
use std::pin::Pin;

use super::polled::Polled;
use super::side::PluginSide;
use crate::host::host;
use crate::shape::Cross;

/// What to make of a future with the output `T`: a boxed future, or one that is boxed with its guard.
pub struct Making<T> {
    cross: Option<Cross<T>>,
    is_guarded: bool,
}

impl<T> Making<T> {
    /// Without a guard: the caller is on the same side.
    #[must_use]
    pub const fn alone() -> Self {
        Self { cross: None, is_guarded: false }
    }

    /// With a guard, for a caller on the other side.
    ///
    /// # Safety
    ///
    /// 1. `cross` takes all objects in an output across; if it is `None`, there can be none.
    #[inline]
    #[must_use]
    pub unsafe fn guarded(cross: Option<Cross<T>>) -> Self {
        Self { cross, is_guarded: host().is_some() }
    }

    /// Boxes a future.
    #[inline]
    pub fn make<'a, F: Future<Output = T> + Send + 'a>(
        self,
        future: F,
    ) -> Made<Pin<Box<dyn Future<Output = T> + Send + 'a>>>
    where
        T: 'a,
    {
        if self.is_guarded {
            Made { future: Box::pin(Polled::<F, T, PluginSide>::new(future, self.cross)), is_guarded: true }
        } else {
            Made::alone(Box::pin(future))
        }
    }
}

/// A boxed future, and whether it has its guard.
pub struct Made<P> {
    future: P,
    is_guarded: bool,
}

impl<P> Made<P> {
    /// A future without a guard.
    #[inline]
    pub const fn alone(future: P) -> Self {
        Self { future, is_guarded: false }
    }

    /// Returns the future for a caller on the same side.
    #[inline]
    #[must_use]
    pub fn into_future(self) -> P {
        self.future
    }

    /// Returns the future as `Ok` if it has its guard.
    #[inline]
    pub fn guarded(self) -> Result<P, P> {
        if self.is_guarded { Ok(self.future) } else { Err(self.future) }
    }
}

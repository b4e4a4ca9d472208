//! Interfaces with `&mut self` methods: one lock at a time has the object.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use plugbox::Interface;

use super::gate::{Fast, Gate};
use super::hold::Hold;
use super::serving::{Place, Serving};
use crate::loaded::Loaded;
use crate::panic::PluginInfo;

/// The storage for generations that one lock at a time takes.
pub struct ExclusiveSlot<I: ?Sized>(pub(super) Gate<Box<Serving<I>>, NoWay>);

/// Locks have no way past the gate.
#[derive(Default)]
pub struct NoWay(());

impl<H> Fast<H> for NoWay {
    fn set(&self, _: Option<&H>) {}

    fn pins(&self, _: &H) -> usize {
        0
    }
}

impl<I: ?Sized> ExclusiveSlot<I> {
    pub(super) fn lock(&self, location: &'static Location<'static>) -> LiveLock<'_, I> {
        let serving = self.0.take();
        let place = Place::note(&serving.facts, location);
        LiveLock { serving: Some(serving), _place: place, _hold: Hold::new(), gate: &self.0 }
    }
}

/// A lock of the generation that served when the lock was taken. It dereferences to the plugin's trait.
///
/// A lock stays on its thread. Further locks wait for it, and so does a reload with [`State`](plugbox::State).
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send { fn count(&mut self) -> u64; }
/// use plugbox_loader::{Live, LiveLock};
/// # fn show(live: &Live<dyn Plugin>) {
/// let mut plugin = live.lock();
/// let count = plugin.count();
/// println!("{} {count}", LiveLock::info(&plugin).version);
/// # }
/// ```
pub struct LiveLock<'a, I: ?Sized> {
    /// `None` only while the lock is dropped.
    serving: Option<Box<Serving<I>>>,
    _place: Place,
    _hold: Hold,
    gate: &'a Gate<Box<Serving<I>>, NoWay>,
}

impl<I: ?Sized> LiveLock<'_, I> {
    /// The facts about the locked plugin.
    #[must_use]
    pub fn info(this: &Self) -> &PluginInfo {
        Loaded::info(&this.serving().plugin)
    }

    /// Returns the same object as another interface, like [`Loaded::get`].
    #[must_use]
    pub fn get<J: ?Sized + Interface>(this: &Self) -> Option<&J> {
        Loaded::get::<J>(&this.serving().plugin)
    }

    /// Returns the same object as another interface, like [`Loaded::get_mut`].
    #[must_use]
    pub fn get_mut<J: ?Sized + Interface>(this: &mut Self) -> Option<&mut J> {
        Loaded::get_mut::<J>(&mut this.serving_mut().plugin)
    }

    pub(super) fn serving(&self) -> &Serving<I> {
        self.serving.as_deref().expect(TAKEN)
    }

    pub(super) fn serving_mut(&mut self) -> &mut Serving<I> {
        self.serving.as_deref_mut().expect(TAKEN)
    }
}

const TAKEN: &str = "a lock has a generation until it is dropped";

impl<I: ?Sized> Deref for LiveLock<'_, I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.serving().plugin
    }
}

impl<I: ?Sized> DerefMut for LiveLock<'_, I> {
    fn deref_mut(&mut self) -> &mut I {
        &mut self.serving_mut().plugin
    }
}

impl<I: ?Sized> Drop for LiveLock<'_, I> {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            self.gate.give_back(serving);
        }
    }
}

impl<I: ?Sized> fmt::Debug for LiveLock<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LiveLock").field(&self.serving().plugin).finish()
    }
}

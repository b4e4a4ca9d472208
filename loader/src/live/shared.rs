//! Interfaces without `&mut self` methods: pins share the object.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use plugbox::Interface;

use super::gate::{Call, Gate};
use super::hold::Hold;
use super::notes::Noted;
use super::serving::{Place, Serving};
use super::way::Way;
use crate::loaded::Loaded;
use crate::panic::PluginInfo;

/// The storage for generations that pins share.
pub struct SharedSlot<I: ?Sized>(pub(super) Gate<Arc<Serving<I>>, Way<I>>);

impl<I: ?Sized> SharedSlot<I> {
    #[inline]
    pub(super) fn pin(&self, location: &'static Location<'static>) -> LivePin<'_, I> {
        match self.0.fast.enter() {
            Some(noted) => LivePin::new(&self.0, Held::Noted(noted), None, location),
            None => self.pin_slowly(location),
        }
    }

    #[cold]
    fn pin_slowly(&self, location: &'static Location<'static>) -> LivePin<'_, I> {
        self.0.fast.make_places();
        let (serving, call) = self.0.share();
        LivePin::new(&self.0, Held::Shared(serving), Some(call), location)
    }
}

/// A pin of the generation that served when the pin was made. It dereferences to the plugin's trait, and keeps the
/// generation's object.
///
/// A pin stays on its thread, and is meant for one call or a few that belong together: a reload with
/// [`State`](plugbox::State) waits for it.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// use plugbox_loader::{Live, LivePin};
/// # fn show(live: &Live<dyn Plugin>) {
/// let plugin = live.pin();
/// // A method of the trait, and a function of the pin.
/// println!("{} {}", plugin.name(), LivePin::info(&plugin).version);
/// # }
/// ```
pub struct LivePin<'a, I: ?Sized> {
    // Fields are dropped in this order. The generation goes before the gate is told.
    held: Held<'a, I>,
    _place: Place,
    _hold: Hold,
    _leave: Leave<'a, I>,
}

impl<'a, I: ?Sized> LivePin<'a, I> {
    #[inline]
    fn new(
        gate: &'a Gate<Arc<Serving<I>>, Way<I>>,
        held: Held<'a, I>,
        entered: Option<Call>,
        location: &'static Location<'static>,
    ) -> Self {
        let place = Place::note(&held.serving().facts, location);
        Self { held, _place: place, _hold: Hold::new(), _leave: Leave { gate, entered } }
    }

    /// The facts about the pinned plugin.
    #[must_use]
    pub fn info(this: &Self) -> &PluginInfo {
        Loaded::info(&this.serving().plugin)
    }

    /// Returns the same object as another interface, like [`Loaded::get`].
    #[must_use]
    pub fn get<J: ?Sized + Interface>(this: &Self) -> Option<&J> {
        Loaded::get::<J>(&this.serving().plugin)
    }

    #[inline]
    pub(super) fn serving(&self) -> &Serving<I> {
        self.held.serving()
    }
}

/// What keeps a generation.
enum Held<'a, I: ?Sized> {
    /// The pin has come past the gate.
    Noted(Noted<'a, Serving<I>>),
    /// The gate has shared the generation with the pin.
    Shared(Arc<Serving<I>>),
}

impl<I: ?Sized> Held<'_, I> {
    #[inline]
    fn serving(&self) -> &Serving<I> {
        match self {
            Self::Noted(noted) => noted.object(),
            Self::Shared(serving) => serving,
        }
    }
}

impl<I: ?Sized> Deref for LivePin<'_, I> {
    type Target = I;

    #[inline]
    fn deref(&self) -> &I {
        &self.serving().plugin
    }
}

impl<I: ?Sized> fmt::Debug for LivePin<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LivePin").field(&self.serving().plugin).finish()
    }
}

/// Tells the gate that a pin is gone, if the gate wants to know.
struct Leave<'a, I: ?Sized> {
    gate: &'a Gate<Arc<Serving<I>>, Way<I>>,
    /// The call, if the pin has come through the gate.
    entered: Option<Call>,
}

impl<I: ?Sized> Drop for Leave<'_, I> {
    #[inline]
    fn drop(&mut self) {
        if self.gate.is_alert() {
            self.gate.leave(self.entered);
        }
    }
}

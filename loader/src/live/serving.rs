//! A generation that serves, or did.

use std::ops::Deref;
#[cfg(debug_assertions)]
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
#[cfg(debug_assertions)]
use std::sync::{Mutex, PoisonError};

use plugbox::{Interface, State};

#[cfg(debug_assertions)]
use crate::errors::Holder;
use crate::errors::Holders;
use crate::loaded::Loaded;
use crate::loader::Bound;
use crate::panic::PluginInfo;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The plugin of one generation, with the facts about it.
pub struct Serving<I: ?Sized> {
    pub(super) plugin: Loaded<I>,
    pub(super) facts: Arc<Facts>,
}

/// The facts about a generation; they remain when its object is gone.
pub struct Facts {
    /// The object's number; an image may have several objects, one after another.
    pub(super) number: u64,
    pub(super) info: PluginInfo,
    /// The image, from which further objects can be constructed.
    pub(super) image: Arc<Bound>,
    pub(super) keeps_state: bool,
    /// Whether an adapter stands before the plugin.
    pub(super) is_adapted: bool,
    #[cfg(debug_assertions)]
    places: Mutex<Vec<(usize, Holder)>>,
}

impl<I: ?Sized + Interface> Serving<I> {
    pub(super) fn new(plugin: Loaded<I>, image: Arc<Bound>) -> Self {
        let facts = Facts {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            info: Loaded::info(&plugin).clone(),
            image,
            keeps_state: Loaded::get::<dyn State>(&plugin).is_some(),
            is_adapted: !Loaded::has_faces(&plugin),
            #[cfg(debug_assertions)]
            places: Mutex::default(),
        };
        Self { plugin, facts: Arc::new(facts) }
    }
}

impl Facts {
    /// The number of panics that have left the plugin's code so far.
    pub(super) fn panics(&self) -> u64 {
        self.image.generation.panics.load(Ordering::Relaxed)
    }

    pub(super) fn plugin(&self) -> String {
        format!("{} {}", self.info.name, self.info.version)
    }

    /// Who holds the generation: `count` pins or locks.
    pub(super) fn holders(&self, count: usize) -> Holders {
        #[cfg(debug_assertions)]
        let places = self.places().iter().map(|(_, holder)| holder.clone()).collect();
        #[cfg(not(debug_assertions))]
        let places = Vec::new();
        Holders::new(count, places)
    }

    #[cfg(debug_assertions)]
    fn places(&self) -> std::sync::MutexGuard<'_, Vec<(usize, Holder)>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a pin or a lock, in debug builds.
pub(super) struct Place {
    #[cfg(debug_assertions)]
    facts: Arc<Facts>,
    #[cfg(debug_assertions)]
    number: usize,
}

impl Place {
    #[cfg(debug_assertions)]
    pub(super) fn note(facts: &Arc<Facts>, location: &'static Location<'static>) -> Self {
        let mut places = facts.places();
        let number = places.last().map_or(0, |(last, _)| last + 1);
        places.push((number, Holder::here(location)));
        drop(places);
        Self { facts: facts.clone(), number }
    }

    #[cfg(not(debug_assertions))]
    #[inline]
    pub(super) fn note(_: &Arc<Facts>, _: &'static std::panic::Location<'static>) -> Self {
        Self {}
    }
}

#[cfg(debug_assertions)]
impl Drop for Place {
    fn drop(&mut self) {
        self.facts.places().retain(|(number, _)| *number != self.number);
    }
}

/// How the gate holds a generation: behind an `Arc` if its pins share it, and in a box that a lock takes out.
pub trait Handle: Deref<Target: Sized> {
    fn facts(&self) -> &Arc<Facts>;

    /// The number of pins that share the handle, if nobody else of this room does.
    fn shares(&self) -> usize;
}

impl<I: ?Sized> Handle for Arc<Serving<I>> {
    fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    fn shares(&self) -> usize {
        let others = Arc::strong_count(self) - 1;
        // What the last pin has changed is seen from here on. The count alone does not promise that.
        fence(Ordering::Acquire);
        others
    }
}

impl<I: ?Sized> Handle for Box<Serving<I>> {
    fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    fn shares(&self) -> usize {
        0
    }
}

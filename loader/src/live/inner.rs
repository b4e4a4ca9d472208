//! What all clones of a `Live` share.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::event::{Hub, LiveEvent};
use super::probation::Probation;
use super::serving::Handle;
use super::state::contained;
use super::store::{LiveInterface, Slot, Store};
use crate::loader::Loader;
use crate::watch::{Means, Settling, Wakes};

/// The host's health check.
pub(super) type Health<I> = Arc<dyn Fn(&I) -> Result<(), String> + Send + Sync>;

/// The host's choice of files.
pub(super) type Counts = Arc<dyn Fn(&Path) -> bool + Send + Sync>;

pub struct Inner<I: ?Sized + LiveInterface> {
    pub(super) slot: <I::Access as Store>::Slot<I>,
    pub(super) settings: Settings<I>,
    pub(super) hub: Arc<Hub>,
    /// Held during a reload.
    pub(super) turn: Mutex<Turn>,
    /// Whether the file is gone, and no other has come. Written only by a reload; read without a lock.
    pub(super) is_gone: AtomicBool,
    /// Whether the host has paused the watcher.
    pub(super) is_paused: AtomicBool,
    /// What wakes the thread that watches, if there is one.
    pub(super) wakes: Option<Arc<Wakes>>,
}

/// What only a reload changes.
pub(super) struct Turn {
    pub(super) settling: Settling,
    pub(super) retry: Option<Retry>,
}

/// A reload that failed for a reason that may pass, and that is not the file's.
pub(super) struct Retry {
    pub(super) at: Instant,
    pub(super) attempts: u32,
}

/// The settings of a `Live`.
pub(super) struct Settings<I: ?Sized> {
    pub(super) loader: Loader,
    pub(super) path: Mutex<PathBuf>,
    /// In a set, the plugin of the file.
    pub(super) plugin: Option<String>,
    pub(super) deadline: Duration,
    pub(super) health: Option<Health<I>>,
    pub(super) probation: Option<Probation>,
    /// How long a file must stand still.
    pub(super) quiet: Duration,
    pub(super) means: Means,
    /// Which files of a folder count.
    pub(super) files: Option<Counts>,
}

impl<I: ?Sized> Settings<I> {
    pub(super) fn path(&self) -> PathBuf {
        self.path.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same settings for a plugin of another file.
    pub(super) fn of(&self, path: PathBuf, plugin: String) -> Self {
        let Self { loader, deadline, health, probation, quiet, means, files, .. } = self;
        Self {
            loader: loader.clone(),
            path: Mutex::new(path),
            plugin: Some(plugin),
            deadline: *deadline,
            health: health.clone(),
            probation: *probation,
            quiet: *quiet,
            means: *means,
            files: files.clone(),
        }
    }
}

impl<I: ?Sized + LiveInterface> Drop for Inner<I> {
    fn drop(&mut self) {
        self.wakes.iter().for_each(|wakes| wakes.close());
    }
}

impl<I: ?Sized + LiveInterface> Inner<I> {
    /// Wakes the thread that watches, if there is one.
    pub(super) fn wake(&self) {
        self.wakes.iter().for_each(|wakes| wakes.wake());
    }

    /// Drops the objects of retired generations that nobody holds, on this thread.
    pub(super) fn sweep(&self) {
        for (old, after) in self.slot.gate().sweep(self.settings.deadline) {
            let plugin = old.facts().info.clone();
            // An adapter's object is the host's, and its `Drop` may panic.
            let _ = contained(|| {
                drop(old);
                Ok(())
            });
            self.hub.emit(LiveEvent::Dropped { plugin, after });
        }
    }
}

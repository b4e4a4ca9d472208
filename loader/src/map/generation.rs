//! Generations: libraries that are mapped. None is ever unmapped here; each is retired when nobody uses it any more.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::errors::LoadError;
use crate::manifest::PluginVersion;

/// How many libraries a process may map. std takes a key of the C library's 1024 for each image that asks for its
/// current thread, and ends the process when none is left; some are the host's own.
const MAX_MAPPED: usize = 960;

static NEXT: AtomicU64 = AtomicU64::new(1);
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// A number that no other generation of this process has.
pub(crate) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// One of the libraries that a process may map; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Slot(());

impl Slot {
    /// Takes a slot for the library at `path`.
    pub(crate) fn take(path: &Path) -> Result<Self, LoadError> {
        MAPPED
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |mapped| (mapped < MAX_MAPPED).then_some(mapped + 1))
            .map(|_| Self(()))
            .map_err(|_| LoadError::TooMany { path: path.to_owned(), limit: MAX_MAPPED })
    }

    /// Keeps the slot until the process ends: what was mapped stays mapped.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        MAPPED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A mapped library, as its handles and its panics know it. The mapping itself and each handle hold a count.
#[derive(Debug)]
pub(crate) struct Generation {
    /// Its number in this process.
    pub(crate) number: u64,
    /// The file that the host named.
    pub(crate) path: PathBuf,
    /// Its plugins.
    pub(crate) plugins: Vec<PluginVersion>,
}

impl Generation {
    /// Its plugin of this name; the only one there is where the name is not known.
    pub(crate) fn plugin(&self, name: &str) -> Option<&PluginVersion> {
        match &self.plugins[..] {
            [only] => Some(only),
            several => several.iter().find(|known| known.name == name),
        }
    }
}

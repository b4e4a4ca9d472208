//! Generations: the mapped images of libraries. A generation is never unmapped; it is retired when its last handle is
//! dropped.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::errors::LoadError;
use crate::manifest::PluginVersion;

/// The maximum number of libraries that a process may map. Each image that uses std's current thread occupies one of
/// the C library's 1024 thread-local keys, and std ends the process when no key is left. The host needs some keys
/// itself.
const MAX_MAPPED: usize = 960;

static NEXT: AtomicU64 = AtomicU64::new(1);
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// Returns a number that no other generation of this process has.
pub(crate) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The right to map one of the libraries that a process may map. Dropping it makes it available again.
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

    /// Keeps the slot until the process ends, because the library stays mapped.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        MAPPED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The facts about a mapped library that its handles and its panics need. The mapping and each handle hold a reference
/// count.
#[derive(Debug)]
pub(crate) struct Generation {
    /// The generation's number in this process, from 1.
    pub(crate) number: u64,
    /// The file, by the path that the host passed.
    pub(crate) path: PathBuf,
    /// The library's plugins.
    pub(crate) plugins: Vec<PluginVersion>,
}

impl Generation {
    /// The library's plugin with this name, or its only plugin whatever the name.
    pub(crate) fn plugin(&self, name: &str) -> Option<&PluginVersion> {
        match &self.plugins[..] {
            [only] => Some(only),
            several => several.iter().find(|known| known.name == name),
        }
    }
}

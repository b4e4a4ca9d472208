//! Generations: libraries that are mapped. None is ever unmapped here; each is retired when nobody uses it any more.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use semver::Version;

use crate::errors::LoadError;

/// How many libraries a process may map. std takes a key of the C library's 1024 for each image that asks for its
/// current thread, and ends the process when none is left; some are the host's own.
const MOST: usize = 960;

static NEXT: AtomicU64 = AtomicU64::new(1);
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// A number that no other generation of this process has.
pub(crate) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Counts one more mapped library, if that many may be.
pub(crate) fn reserve(path: &std::path::Path) -> Result<(), LoadError> {
    MAPPED
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |mapped| (mapped < MOST).then_some(mapped + 1))
        .map(drop)
        .map_err(|_| LoadError::TooMany { path: path.to_owned(), limit: MOST })
}

/// Takes back a reservation: the library was not mapped after all.
pub(crate) fn release() {
    MAPPED.fetch_sub(1, Ordering::Relaxed);
}

/// A mapped library.
#[derive(Debug)]
pub(crate) struct Generation {
    /// Its number in this process.
    pub(crate) number: u64,
    /// The file that the host named.
    pub(crate) path: PathBuf,
    /// Names and versions of its plugins.
    pub(crate) plugins: Vec<(String, Version)>,
}

impl Generation {
    /// Its plugin of this name; the only one there is where the name is not known.
    pub(crate) fn plugin(&self, name: &str) -> Option<&(String, Version)> {
        match &self.plugins[..] {
            [only] => Some(only),
            several => several.iter().find(|(known, _)| known == name),
        }
    }
}

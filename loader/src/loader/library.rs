//! What the stations of the pipeline know of a library.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::manifest::Manifest;

/// What every station knows of a library.
pub(super) struct Library {
    /// As the host named it.
    pub(super) path: PathBuf,
    /// The same without links.
    pub(super) canonical: PathBuf,
    /// How long the first look took.
    pub(super) look: Duration,
    /// When the rest began.
    pub(super) started: Instant,
}

/// What the bytes of a library say that fits.
#[derive(Default)]
pub(super) struct Records {
    pub(super) manifest: Manifest,
    /// The size of the file, in bytes.
    pub(super) size: u64,
}

impl Library {
    /// How long loading has taken so far, without the time for other files of its folder.
    pub(super) fn load_time(&self) -> Duration {
        self.look + self.started.elapsed()
    }
}

#[cfg(test)]
impl Library {
    /// A library that is never mapped.
    pub(super) fn for_test(path: &str) -> Self {
        Self { path: path.into(), canonical: path.into(), look: Duration::ZERO, started: Instant::now() }
    }
}

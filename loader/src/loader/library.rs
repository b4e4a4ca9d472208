//! The facts about a library that the stations of the pipeline pass on.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::manifest::Manifest;

/// The facts about a library that every station has.
pub(super) struct Library {
    /// The path that the host passed.
    pub(super) path: PathBuf,
    /// The canonical path.
    pub(super) canonical: PathBuf,
    /// The duration of the first look.
    pub(super) look: Duration,
    /// The start of the stations after the first look.
    pub(super) started: Instant,
}

/// The records and the size of a library that fits.
#[derive(Default)]
pub(super) struct Records {
    pub(super) manifest: Manifest,
    /// The size of the file, in bytes.
    pub(super) size: u64,
}

impl Library {
    /// The duration of the load so far, without the time for other files of the folder.
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

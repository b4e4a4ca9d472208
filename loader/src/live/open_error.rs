//! The error for a plugin that is to be watched, and is not.

use std::fmt;
use std::io;

use crate::errors::ReloadError;
use crate::watch::WatchError;

/// The reason why [`LiveBuilder::watch`](crate::LiveBuilder::watch) returned no handle.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The plugin was not loaded.
    Load(ReloadError),
    /// Changes of the file cannot be seen.
    Watch(WatchError),
    /// The thread that watches could not be started.
    Thread(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Watch(error) => error.fmt(f),
            Self::Thread(error) => write!(f, "cannot start the thread that watches the file: {error}"),
        }
    }
}

/// `source` returns `None`, because the `Display` text contains the sources.
impl std::error::Error for OpenError {}

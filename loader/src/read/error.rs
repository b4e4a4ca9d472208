//! Why a file cannot be read as an image.

use std::io;

/// Why a file could not be read as an image.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The system did not let us read it.
    Io(io::Error),
    /// It is no object file, or one that is never loaded; what it is instead.
    NotALibrary(String),
    /// It is the beginning of an object file; what is missing.
    NotWhole(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(_) => f.write_str("it cannot be read"),
            Self::NotALibrary(what) | Self::NotWhole(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotALibrary(_) | Self::NotWhole(_) => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

pub(super) fn headers_are_cut(error: object::read::Error) -> ReadError {
    ReadError::NotWhole(format!("its headers are cut: {error}"))
}

//! The error for a file that cannot be read as an image.

use std::io;

/// The reason why a file could not be read as an image.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system reported an error.
    Io(io::Error),
    /// The file is not an object file, or is one that is never loaded; the text describes the file.
    NotALibrary(String),
    /// The file is an incomplete or damaged object file; the text names the affected part.
    NotWhole(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(_) => f.write_str("the file cannot be read"),
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
    ReadError::NotWhole(format!("the headers are truncated or invalid: {error}"))
}

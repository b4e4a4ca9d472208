//! The error for records that cannot be read.

use std::fmt;

use crate::errors::HostError;

/// A record that cannot be read; the text names the record and the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl ManifestError {
    /// The error for more bytes of notes than a manifest may have.
    pub(crate) fn too_large() -> Self {
        Self("the notes exceed the maximum size of a manifest (1 MiB)".to_owned())
    }
}

impl From<ManifestError> for HostError {
    fn from(damaged: ManifestError) -> Self {
        Self::Manifest(damaged.to_string())
    }
}

pub(crate) fn damaged<T>(what: impl Into<String>) -> Result<T, ManifestError> {
    Err(ManifestError(what.into()))
}

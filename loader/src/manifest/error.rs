//! Records that cannot be read.

use std::fmt;

use crate::errors::HostError;

/// A record that cannot be read: which, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl ManifestError {
    /// There are more bytes of notes than a manifest may have.
    pub(crate) fn too_large() -> Self {
        Self("the notes are larger than a manifest may be (1 MiB)".to_owned())
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

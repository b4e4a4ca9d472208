//! An image: what a file is.

use super::container::Container;
use crate::manifest::{Manifest, ManifestError};

/// What a file is, as its bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// The kind of object file, and for which machine.
    pub container: Container,
    /// Whether it can be loaded into a process; an executable at a fixed address can be a host, and no plugin.
    pub shared: bool,
    /// What its records say; an error where they cannot be read.
    pub manifest: Result<Manifest, ManifestError>,
    /// Whether everything that would be mapped lies inside the file; if not, what does not.
    pub whole: Result<(), String>,
    /// The file's size, in bytes.
    pub size: u64,
    /// The machines of a Mach-O file for several, of which this is the image for one; empty otherwise.
    pub slices: Vec<String>,
}

impl Image {
    /// A whole library with these records, that no file has.
    #[must_use]
    pub const fn of_records(container: Container, manifest: Manifest) -> Self {
        Self { container, shared: true, manifest: Ok(manifest), whole: Ok(()), size: 0, slices: Vec::new() }
    }
}

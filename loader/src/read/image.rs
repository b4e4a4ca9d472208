//! An image: the content of an object file.

use super::container::Container;
use crate::manifest::{Manifest, ManifestError};

/// The content of an object file, as read from its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// The kind of object file, including its machine.
    pub container: Container,
    /// Whether the image can be loaded into a process. An executable at a fixed address can be a host, but not a
    /// plugin.
    pub shared: bool,
    /// Whether the file is a program, although it can be loaded into a process: it names the system's loader that starts
    /// it.
    pub program: bool,
    /// The parsed records, or an error if they cannot be read.
    pub manifest: Result<Manifest, ManifestError>,
    /// Whether the file contains everything that would be mapped; if not, the text names a missing part.
    pub whole: Result<(), String>,
    /// The file's size, in bytes.
    pub size: u64,
    /// The machines of a Mach-O file that has several images, of which this image is one; otherwise empty.
    pub slices: Vec<String>,
}

impl Image {
    /// Creates a complete library with these records, without a file.
    #[must_use]
    pub const fn of_records(container: Container, manifest: Manifest) -> Self {
        Self {
            container,
            shared: true,
            program: false,
            manifest: Ok(manifest),
            whole: Ok(()),
            size: 0,
            slices: Vec::new(),
        }
    }
}

//! What is known of a plugin.

use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use crate::manifest::InterfaceVersion;

/// Where a plugin comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It is linked into the host.
    Linked,
    /// It was loaded from a library.
    #[non_exhaustive]
    Library {
        /// The file, as the host named it.
        path: PathBuf,
        /// The library's number: each that this process has mapped has its own, from 1.
        generation: u64,
    },
}

impl Origin {
    /// The file; none where the plugin is linked into the host.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Linked => None,
            Self::Library { path, .. } => Some(path),
        }
    }

    /// The library's number; none where the plugin is linked into the host.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        match self {
            Self::Linked => None,
            Self::Library { generation, .. } => Some(*generation),
        }
    }
}

/// What is known of a loaded plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginInfo {
    /// The plugin's name.
    pub name: String,
    /// The package's version.
    pub version: Version,
    /// The package's description; may be empty.
    pub description: String,
    /// The package's authors; may be empty.
    pub authors: Vec<String>,
    /// The package's license; may be empty.
    pub license: String,
    /// The interface that it was loaded as, in the version that it was built against. If an adapter took it, that is the
    /// interface that was adapted.
    pub interface: InterfaceVersion,
    /// The compiler that built it, in the words of `rustc -V`.
    pub rustc: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The library's size, in bytes; 0 where the plugin is linked into the host.
    pub size: u64,
    /// Whether a lock says that the library has these bytes; see [`Trust::pinned_by`](crate::Trust::pinned_by).
    pub pinned: bool,
    /// How long loading its library took, from opening the file until the plugin's constructor had returned, without the
    /// time for other files of its folder.
    pub load_time: Duration,
}

//! What is known of a loaded plugin.

use std::path::PathBuf;
use std::time::Duration;

use semver::Version;

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
    /// The package's licence; may be empty.
    pub licence: String,
    /// The interface that it was loaded as, and the version that it was built against; where an adapter took it, those
    /// of the interface that was adapted.
    pub interface: (String, Version),
    /// The compiler that built it, in the words of `rustc -V`.
    pub rustc: String,
    /// The library; none where the plugin is linked into the host.
    pub path: Option<PathBuf>,
    /// The library's size, in bytes.
    pub size: u64,
    /// Whether a lock says that the library has these bytes; see [`Trust::pinned_by`](crate::Trust::pinned_by).
    pub pinned: bool,
    /// How long loading its library took, from opening the file until the plugin's constructor had returned; without the
    /// time for others in its folder.
    pub load_time: Duration,
}

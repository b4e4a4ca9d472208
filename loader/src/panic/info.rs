//! Facts about a loaded plugin.

use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use crate::manifest::InterfaceVersion;

/// The source of a plugin.
///
/// # Examples
///
/// ```
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # struct Shout;
/// # impl Plugin for Shout { fn name(&self) -> String { "shout".to_owned() } }
/// use plugbox_loader::{Loaded, Origin};
/// let plugin = Loaded::<dyn Plugin>::linked("shout", semver::Version::new(1, 0, 0), Box::new(Shout));
/// match &Loaded::info(&plugin).origin {
///     Origin::Linked => println!("part of this program"),
///     Origin::Library { path, .. } => println!("loaded from {}", path.display()),
///     _ => {}
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The plugin is linked into the host.
    Linked,
    /// The plugin was loaded from a library.
    #[non_exhaustive]
    Library {
        /// The file, by the path that the host passed.
        path: PathBuf,
        /// The number of the library's generation, from 1; no two libraries of a process have the same number.
        generation: u64,
    },
}

impl Origin {
    /// Creates the origin of a plugin in the library at `path`, with this generation.
    #[must_use]
    pub fn library(path: impl Into<PathBuf>, generation: u64) -> Self {
        Self::Library { path: path.into(), generation }
    }

    /// The file; `None` if the plugin is linked into the host.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Linked => None,
            Self::Library { path, .. } => Some(path),
        }
    }

    /// The number of the library's generation; `None` if the plugin is linked into the host.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        match self {
            Self::Linked => None,
            Self::Library { generation, .. } => Some(*generation),
        }
    }
}

/// Facts about a loaded plugin, from its records and its load.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::Loaded;
/// # fn show(plugin: Loaded<dyn Plugin>) {
/// let info = Loaded::info(&plugin);
/// println!("{} {} for {}, in {:?}", info.name, info.version, info.interface, info.load_time);
/// # }
/// ```
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
    /// The interface as which the plugin was loaded, with the version that the plugin was built against. For a plugin
    /// that came through an adapter, this is the earlier interface.
    pub interface: InterfaceVersion,
    /// The compiler that built the plugin, as `rustc -V` reports it.
    pub rustc: String,
    /// The source of the plugin.
    pub origin: Origin,
    /// The size of the library, in bytes; 0 if the plugin is linked into the host.
    pub size: u64,
    /// Whether the library's bytes match a pin; see [`Trust::pinned_by`](crate::Trust::pinned_by).
    pub pinned: bool,
    /// The duration of the load, from opening the library until the plugin's constructor returned, without the time for
    /// other files of the folder.
    pub load_time: Duration,
}

impl PluginInfo {
    /// Creates the info of a plugin; its further fields are empty or 0, for a host to fill in.
    #[must_use]
    pub fn new(name: impl Into<String>, version: Version, interface: InterfaceVersion, origin: Origin) -> Self {
        Self {
            name: name.into(),
            version,
            description: String::new(),
            authors: Vec::new(),
            license: String::new(),
            interface,
            rustc: String::new(),
            origin,
            size: 0,
            pinned: false,
            load_time: Duration::ZERO,
        }
    }
}

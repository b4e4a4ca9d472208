//! A loaded plugin, as a host holds it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::time::Duration;

use semver::Version;

use crate::generation::Generation;

/// A plugin that is loaded: it derefs to its trait, and owns its library.
///
/// It is `'static`, and `Send` or `Sync` exactly when the trait object is. The library stays mapped when the last
/// handle is gone.
///
/// # Panics
///
/// A panic of the plugin in one of the trait's methods is raised again in the host, with a [`PluginPanic`] as its
/// payload. A panic of the plugin's `Drop` is reported as a `tracing` event of level `ERROR`.
///
/// [`PluginPanic`]: crate::PluginPanic
pub struct Loaded<I: ?Sized> {
    // The object's code and its vtable lie in the library: fields are dropped in this order.
    object: Box<I>,
    generation: &'static Generation,
    info: PluginInfo,
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
    /// The package's licence; may be empty.
    pub licence: String,
    /// The interface that it was loaded as, and the version that it was built against.
    pub interface: (String, Version),
    /// The compiler that built it, in the words of `rustc -V`.
    pub rustc: String,
    /// The library.
    pub path: PathBuf,
    /// The library's size, in bytes.
    pub size: u64,
    /// How long loading took: from opening the file until its constructor had returned.
    pub load_time: Duration,
}

impl<I: ?Sized> Loaded<I> {
    pub(crate) fn new(object: Box<I>, generation: &'static Generation, info: PluginInfo) -> Self {
        Self { object, generation, info }
    }

    /// What is known of the plugin.
    #[must_use]
    pub fn info(&self) -> &PluginInfo {
        &self.info
    }

    /// The number of the plugin's generation: each library that this process has mapped has another.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.number
    }
}

impl<I: ?Sized> Deref for Loaded<I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.object
    }
}

impl<I: ?Sized> DerefMut for Loaded<I> {
    fn deref_mut(&mut self) -> &mut I {
        &mut self.object
    }
}

impl<I: ?Sized> fmt::Debug for Loaded<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("name", &self.info.name)
            .field("version", &self.info.version)
            .field("generation", &self.generation.number)
            .finish_non_exhaustive()
    }
}

//! Generations: the mapped images of libraries. A generation is never unmapped; it is retired when its last handle is
//! dropped, and stays.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::manifest::PluginVersion;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Returns a number that no other generation of this process has.
pub(crate) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The facts about a mapped library that its handles and its panics need. The mapping and each handle hold a reference
/// count.
#[derive(Debug)]
pub(crate) struct Generation {
    /// The generation's number in this process, from 1.
    pub(crate) number: u64,
    /// The file, by the path that the host passed.
    pub(crate) path: PathBuf,
    /// The library's plugins.
    pub(crate) plugins: Vec<PluginVersion>,
    /// Whether the library makes its thread-local keys with the host's functions.
    pub(crate) virtual_keys: AtomicBool,
    /// The number of panics that have left the library's code so far.
    pub(crate) panics: AtomicU64,
}

impl Generation {
    pub(crate) fn new(number: u64, path: PathBuf, plugins: Vec<PluginVersion>) -> Self {
        Self { number, path, plugins, virtual_keys: AtomicBool::new(false), panics: AtomicU64::new(0) }
    }

    /// The library's path, with the names of its plugins.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.plugins.iter().map(|plugin| &*plugin.name).collect();
        format!("{} ({})", self.path.display(), names.join(" or "))
    }

    /// The library's plugin with this name, or its only plugin whatever the name.
    pub(crate) fn plugin(&self, name: &str) -> Option<&PluginVersion> {
        match &self.plugins[..] {
            [only] => Some(only),
            several => several.iter().find(|known| known.name == name),
        }
    }
}

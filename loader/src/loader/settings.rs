//! The settings of a loader.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use semver::VersionReq;

use super::adapter::Adapters;
use super::service::Service;
use crate::stage::Staging;
use crate::trust::Trust;

/// The settings of a loader, which apply to everything that it loads.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) trust: Trust,
    pub(super) versions: Option<VersionReq>,
    pub(super) allow_panic_abort: bool,
    pub(super) staging: Staging,
    /// The most bytes of all copies in memory.
    pub(super) most_in_memory: u64,
    /// The names of shared libraries that plugins may need.
    pub(super) allowed_libraries: BTreeSet<String>,
    /// The configuration texts, by the name of the plugin.
    pub(super) configs: HashMap<String, String>,
    pub(super) services: Vec<Service>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) adapters: Adapters,
}

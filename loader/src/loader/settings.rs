//! What a host has set.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use semver::VersionReq;

use super::adapter::Adapters;
use super::service::Service;
use crate::trust::Trust;

/// What a host has set, once for all that its loader loads.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) trust: Trust,
    pub(super) versions: Option<VersionReq>,
    pub(super) allow_panic_abort: bool,
    pub(super) in_place: bool,
    /// The names of shared libraries that plugins may need.
    pub(super) allowed_libraries: BTreeSet<String>,
    /// By the name of the plugin.
    pub(super) configs: HashMap<String, String>,
    pub(super) services: Vec<Service>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) adapters: Adapters,
}

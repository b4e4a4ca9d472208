//! What a host wants of a library.

use std::sync::Arc;

use semver::{Version, VersionReq};

use super::versions::fits;
use crate::manifest::{Exported, Manifest, PluginRecord};

/// What the host wants of a library.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Requirements {
    /// The names of the interfaces that will do; without any, every plugin must fit the interfaces that the host knows.
    pub interfaces: Vec<String>,
    /// Which versions of the API the host takes, narrower than what semver calls compatible.
    pub versions: Option<VersionReq>,
    /// Whether a panic may end the process, because one side was built with `panic = "abort"`.
    pub allow_panic_abort: bool,
}

impl Requirements {
    /// Nothing in particular: every plugin has to fit the interfaces that the host knows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A plugin for one of these interfaces, `crate::path::Trait`.
    #[must_use]
    pub fn for_interfaces(interfaces: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { interfaces: interfaces.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Only these versions of the API, narrower than what semver calls compatible.
    #[must_use]
    pub fn require_versions(mut self, versions: VersionReq) -> Self {
        self.versions = Some(versions);
        self
    }

    /// Also plugins that end the process when they panic, because one side was built with `panic = "abort"`.
    #[must_use]
    pub fn allow_panic_abort(mut self) -> Self {
        self.allow_panic_abort = true;
        self
    }

    /// Whether a plugin that is exported as `theirs` can be had as `ours`.
    pub(crate) fn fits(&self, ours: &Exported, theirs: &Exported) -> bool {
        fits(ours, theirs) && self.allows(&theirs.version)
    }

    fn allows(&self, version: &Version) -> bool {
        self.versions.as_ref().is_none_or(|versions| versions.matches(version))
    }

    /// The plugins that are exported as one of its interfaces, whichever version of it.
    pub(crate) fn offered<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a Arc<PluginRecord>> {
        let offers =
            |plugin: &&Arc<PluginRecord>| plugin.interfaces.iter().any(|known| self.interfaces.contains(&known.name));
        manifest.plugins.iter().filter(offers)
    }
}

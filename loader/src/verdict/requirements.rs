//! A host's requirements for a library.

use std::sync::Arc;

use semver::{Version, VersionReq};

use super::versions::fits;
use crate::manifest::{Exported, Manifest, PluginRecord};

/// A host's requirements for a library.
///
/// # Examples
///
/// ```
/// use plugbox_loader::inspect::Requirements;
/// let requirements = Requirements::for_interfaces(["edit_api::Plugin"]).require_versions(">=1.4".parse()?);
/// assert!(!requirements.allow_panic_abort);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Requirements {
    /// The names of the interfaces that the host accepts. If empty, every plugin must fit the interfaces that the host
    /// knows.
    pub interfaces: Vec<String>,
    /// The versions of the API that the host accepts, in addition to the check of semver compatibility.
    pub versions: Option<VersionReq>,
    /// Whether a side may be built with `panic = "abort"`, so that a panic ends the process.
    pub allow_panic_abort: bool,
}

impl Requirements {
    /// Creates the default requirements: every plugin must fit the interfaces that the host knows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requires a plugin for one of these interfaces, named `crate::path::Trait`.
    #[must_use]
    pub fn for_interfaces(interfaces: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { interfaces: interfaces.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Accepts only these versions of the API, in addition to the check of semver compatibility.
    #[must_use]
    pub fn require_versions(mut self, versions: VersionReq) -> Self {
        self.versions = Some(versions);
        self
    }

    /// Accepts plugins although a panic ends the process, because one side was built with `panic = "abort"`.
    #[must_use]
    pub fn allow_panic_abort(mut self) -> Self {
        self.allow_panic_abort = true;
        self
    }

    /// Whether a plugin that is exported as `theirs` can be used as `ours`.
    pub(crate) fn fits(&self, ours: &Exported, theirs: &Exported) -> bool {
        fits(ours, theirs) && self.allows(&theirs.version)
    }

    fn allows(&self, version: &Version) -> bool {
        self.versions.as_ref().is_none_or(|versions| versions.matches(version))
    }

    /// The plugins that are exported as one of the required interfaces, in any version.
    pub(crate) fn offered<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a Arc<PluginRecord>> {
        let offers =
            |plugin: &&Arc<PluginRecord>| plugin.interfaces.iter().any(|known| self.interfaces.contains(&known.name));
        manifest.plugins.iter().filter(offers)
    }
}

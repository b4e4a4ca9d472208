//! Constructing: the first call of Rust's ABI across the boundary.

use std::path::PathBuf;
use std::sync::Arc;

use plugbox::__private::{PANICKED, RawContext, RawService};
use plugbox::Interface;

use super::library::{Library, Records};
use crate::errors::LoadError;
use crate::loaded::{Faces, Loaded};
use crate::manifest::{Exported, InterfaceVersion, PluginRecord};
use crate::map::{EntryTable, Generation};
use crate::panic::{Origin, PluginInfo, arrived};

/// A library that has its host.
pub(super) struct Bound {
    pub(super) library: Library,
    pub(super) records: Records,
    pub(super) pinned: bool,
    pub(super) generation: Arc<Generation>,
    pub(super) plugins: Vec<BoundPlugin>,
}

/// A plugin of a bound library.
pub(super) struct BoundPlugin {
    pub(super) record: Arc<PluginRecord>,
    pub(super) entry: EntryTable,
}

/// A plugin of a bound library, and what its constructor is given.
pub(crate) struct Construction<'a> {
    pub(super) bound: &'a Bound,
    pub(super) plugin: &'a BoundPlugin,
    pub(super) config: &'a str,
    /// Each with the address of an `Arc` of the interface that it names.
    pub(super) services: &'a [RawService],
    pub(super) data_dir: Option<PathBuf>,
}

impl Construction<'_> {
    /// The interface of the plugin that a host can have as `ours`.
    pub(super) fn exported(&self, fits: impl Fn(&Exported) -> bool) -> Option<&Exported> {
        self.plugin.record.interfaces.iter().find(|theirs| fits(theirs))
    }

    /// Runs the plugin's constructor as `I`, which is what `exported` names.
    ///
    /// # Errors
    ///
    /// [`LoadError::Construct`] with the constructor's own error, or with the message and place of its panic;
    /// [`LoadError::OtherImage`] where the table does not hold what the record says.
    pub(crate) fn run<I: ?Sized + Interface>(&self, exported: &Exported) -> Result<Loaded<I>, LoadError> {
        let BoundPlugin { record, entry } = self.plugin;
        let (path, name) = (&self.bound.library.path, &record.name);
        let construct = entry.construct::<I>(exported).ok_or_else(|| LoadError::OtherImage {
            path: path.clone(),
            found: format!("the entry of plugin {name} has no row for {} {}", exported.name, exported.version),
        })?;
        // SAFETY: the rows are those of `Service::raw`, whose services live as long as the loader that is borrowed for this
        // call; the context is not used after it.
        let context = unsafe { RawContext::new(name, self.config, self.data_dir.as_deref(), self.services) };
        let object = construct(&context).map_err(|mut failure| {
            // The place of its panic; a constructor that returns an error may have caught another one.
            let panic = failure.first().and_then(|first| first.strip_prefix(PANICKED)).and_then(arrived);
            if let (Some(location), Some(first)) = (panic.and_then(|note| note.location), failure.first_mut()) {
                first.push_str(&format!(" (at {location})"));
            }
            LoadError::Construct { path: path.clone(), plugin: name.clone(), failure }
        })?;
        tracing::debug!(path = %path.display(), plugin = name, interface = exported.name, "constructed");
        let faces = Faces { entry: *entry, exported: record.interfaces.clone() };
        Ok(Loaded::new(object, Some(self.bound.generation.clone()), Some(faces), self.info(exported)))
    }

    fn info(&self, exported: &Exported) -> PluginInfo {
        let (bound, record) = (self.bound, &self.plugin.record);
        PluginInfo {
            name: record.name.clone(),
            version: record.version.clone(),
            description: record.description.clone(),
            authors: record.authors.clone(),
            license: record.license.clone(),
            interface: InterfaceVersion::new(&exported.name, &exported.version),
            rustc: bound.records.manifest.builds.first().map(|build| build.rustc.clone()).unwrap_or_default(),
            origin: Origin::Library { path: bound.library.path.clone(), generation: bound.generation.number },
            size: bound.records.size,
            pinned: bound.pinned,
            load_time: bound.library.load_time(),
        }
    }
}

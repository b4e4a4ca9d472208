//! Construction: the first call across the boundary that uses Rust's ABI.

use std::path::PathBuf;
use std::sync::Arc;

use plugbox::__private::{PANICKED, RawContext, RawService};
use plugbox::Interface;

use super::library::{Library, Records};
use super::service::Service;
use crate::errors::LoadError;
use crate::loaded::{Faces, Loaded};
use crate::manifest::{Exported, InterfaceVersion, PluginRecord};
use crate::map::{EntryTable, Generation};
use crate::panic::{Origin, PluginInfo, arrived, next_number};

/// A library that is bound to its host.
pub(crate) struct Bound {
    pub(super) library: Library,
    pub(super) records: Records,
    pub(super) pinned: bool,
    pub(crate) generation: Arc<Generation>,
    pub(super) plugins: Vec<BoundPlugin>,
}

/// A plugin of a bound library.
pub(super) struct BoundPlugin {
    pub(super) record: Arc<PluginRecord>,
    pub(super) entry: EntryTable,
}

/// A plugin of a bound library, and the arguments for its constructor.
pub(crate) struct Construction<'a> {
    pub(super) bound: &'a Bound,
    pub(super) plugin: &'a BoundPlugin,
    pub(super) config: &'a str,
    pub(super) services: &'a [&'a Service],
    pub(super) data_dir: Option<PathBuf>,
}

impl Construction<'_> {
    /// The first interface of the plugin that fits.
    pub(super) fn exported(&self, fits: impl Fn(&Exported) -> bool) -> Option<&Exported> {
        self.plugin.record.interfaces.iter().find(|theirs| fits(theirs))
    }

    /// Runs the plugin's constructor for `I`, the interface that `exported` names.
    ///
    /// # Errors
    ///
    /// Returns [`LoadError::Construct`] with the constructor's own error, or with the message and the location of its
    /// panic. Returns [`LoadError::OtherImage`] if the entry table does not match the record.
    pub(crate) fn run<I: ?Sized + Interface>(&self, exported: &Exported) -> Result<Loaded<I>, LoadError> {
        let BoundPlugin { record, entry } = self.plugin;
        let (path, name) = (&self.bound.library.path, &record.name);
        let construct = entry.construct::<I>(exported).ok_or_else(|| LoadError::OtherImage {
            path: path.clone(),
            found: format!("the entry table of plugin {name} has no row for {} {}", exported.name, exported.version),
        })?;
        let library = &*self.bound.library.canonical;
        let services: Vec<RawService> = self.services.iter().map(|service| service.raw()).collect();
        // SAFETY: *for the call*: `Service::raw` made each row, with the address of an `Arc` of the interface that the
        // row names. All that is passed is borrowed or a local, and the context is not used after the call.
        let context = unsafe { RawContext::new(name, self.config, self.data_dir.as_deref(), Some(library), &services) };
        let generation = self.bound.generation.number;
        let since = next_number(generation);
        let object = construct(&context).map_err(|mut failure| {
            // Only a panic's message takes the location: a constructor that returns an error may have caught some
            // panic.
            let message = failure.first().and_then(|first| first.strip_prefix(PANICKED));
            let panic = message.and_then(|message| arrived(generation, message, since, None, true));
            if let (Some(location), Some(first)) = (panic.and_then(|panic| panic.location), failure.first_mut()) {
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

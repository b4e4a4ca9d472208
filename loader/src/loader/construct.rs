//! Constructing: the first call of Rust's ABI across the boundary.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plugbox::__private::{PANICKED, RawContext, RawService};
use plugbox::Interface;

use crate::errors::LoadError;
use crate::loaded::{Faces, Loaded};
use crate::manifest::{Exported, PluginRecord};
use crate::map::{EntryTable, Generation};
use crate::panic::{PluginInfo, arrived};

/// A plugin of a bound library, before it is constructed.
pub(crate) struct Bound<'a> {
    pub(crate) entry: EntryTable,
    pub(crate) generation: &'static Generation,
    pub(crate) record: &'a PluginRecord,
    pub(crate) path: &'a Path,
    pub(crate) config: &'a str,
    /// Each with the address of an `Arc` of the interface that it names.
    pub(crate) services: &'a [RawService],
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) rustc: &'a str,
    pub(crate) pinned: bool,
    pub(crate) size: u64,
    /// How long the first look at the library took.
    pub(crate) look_time: Duration,
    /// When the rest began.
    pub(crate) started: Instant,
}

impl Bound<'_> {
    /// Runs the plugin's constructor as `I`, which is what `exported` names.
    ///
    /// # Errors
    ///
    /// [`LoadError::Construct`] with the constructor's own error, or with the message and place of its panic;
    /// [`LoadError::OtherImage`] where the table does not hold what the record says.
    pub(crate) fn construct<I: ?Sized + Interface>(&self, exported: &Exported) -> Result<Loaded<I>, LoadError> {
        let name = &self.record.name;
        let construct = self.entry.construct::<I>(exported).ok_or_else(|| LoadError::OtherImage {
            path: self.path.to_owned(),
            found: format!("the entry of plugin {name} has no row for {} {}", exported.name, exported.version),
        })?;
        // SAFETY: the rows are those of `Service::raw`, whose services live as long as the loader that is borrowed for this
        // call; the context is not used after it.
        let context = unsafe { RawContext::new(name, self.config, self.data_dir.as_deref(), self.services) };
        let object = construct(&context).map_err(|mut failure| {
            // The place of its panic; a constructor that returns an error may have caught another one.
            let panic = failure.first().and_then(|first| first.strip_prefix(PANICKED)).and_then(arrived);
            if let (Some(note), Some(first)) = (panic, failure.first_mut()) {
                first.push_str(&format!(" (at {}:{}:{})", note.file, note.line, note.column));
            }
            LoadError::Construct { path: self.path.to_owned(), plugin: name.clone(), failure }
        })?;
        tracing::debug!(path = %self.path.display(), plugin = name, interface = exported.name, "constructed");
        let faces = Faces { entry: self.entry, exported: self.record.interfaces.clone() };
        Ok(Loaded::new(object, Some(self.generation), Some(faces), self.info(exported)))
    }

    fn info(&self, exported: &Exported) -> PluginInfo {
        PluginInfo {
            name: self.record.name.clone(),
            version: self.record.version.clone(),
            description: self.record.description.clone(),
            authors: self.record.authors.clone(),
            licence: self.record.licence.clone(),
            interface: (exported.name.clone(), exported.version.clone()),
            rustc: self.rustc.to_owned(),
            path: Some(self.path.to_owned()),
            size: self.size,
            pinned: self.pinned,
            load_time: self.look_time + self.started.elapsed(),
        }
    }
}

//! The manifest: the parsed records of a file.
//!
//! The parser accepts untrusted bytes: it never panics, and never allocates in proportion to a number in its input.

use std::collections::BTreeSet;
use std::sync::Arc;

use plugbox::Fingerprint;

use super::build::Build;
use super::cache::RecordCache;
use super::error::{ManifestError, damaged};
use super::exported::Exported;
use super::interface::{InterfaceRecord, InterfaceVersion};
use super::notes::NoteBytes;
use super::plugin::PluginRecord;
use super::record::Record;
use super::shape::ShapeRecord;
use super::text::Parts;

/// The maximum size of a manifest's notes, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// The maximum number of plugins in one library, because each of them may be refused for its own reasons.
const MAX_PLUGINS: usize = 128;

/// The maximum number of versions of `plugbox` with records in one image.
const MAX_VERSIONS: usize = 8;

/// The parsed records of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// The builds of the image; several if it links several versions of `plugbox`.
    pub builds: Vec<Arc<Build>>,
    /// The interfaces that the image knows, sorted by name and version.
    pub interfaces: Vec<Arc<InterfaceRecord>>,
    /// The types that these interfaces reach, sorted by the hash of their text.
    pub shapes: Vec<Arc<ShapeRecord>>,
    /// The plugins that the image exports, in the order of its `export!`.
    pub plugins: Vec<Arc<PluginRecord>>,
    /// The numbers of other contracts; records of these contracts were not parsed.
    pub foreign_contracts: BTreeSet<u32>,
}

impl Manifest {
    /// Whether the file has no plugbox records.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads the records of a host or a plugin that is linked into this process.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`read`](Self::read).
    pub fn of_memory(notes: &[&[u8]]) -> Result<Self, ManifestError> {
        Self::read(notes.iter().map(|bytes| NoteBytes::of_memory(bytes)))
    }

    /// Reads all plugbox records in runs of notes, and skips notes with other owners.
    ///
    /// # Errors
    ///
    /// Returns a [`ManifestError`] for the first record that is truncated, is not UTF-8, lacks a line or has an invalid
    /// one, and for records that contradict each other or are too many.
    pub fn read<'a>(runs: impl IntoIterator<Item = NoteBytes<'a>>) -> Result<Self, ManifestError> {
        Self::read_with(runs, &RecordCache::new())
    }

    /// Reads records like [`read`](Self::read), and takes records that were parsed before from a cache.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`read`](Self::read).
    pub fn read_with<'a>(
        runs: impl IntoIterator<Item = NoteBytes<'a>>,
        cache: &RecordCache,
    ) -> Result<Self, ManifestError> {
        let mut manifest = Self::default();
        let mut rest = MAX_BYTES;
        let mut parts = Parts::of_a_file();
        let known = cache.read();
        let mut news = Vec::new();
        for run in runs {
            let Some(left) = rest.checked_sub(run.bytes.len()) else {
                return Err(ManifestError::too_large());
            };
            rest = left;
            for note in run.notes() {
                let (kind, text) = note?;
                match known.get(kind, text) {
                    Some(record) => manifest.add(record)?,
                    None => {
                        let record = Record::parse(kind, text, &mut parts)?;
                        if known.has_room_for(&record) {
                            news.push((kind, text, record.clone()));
                        }
                        manifest.add(record)?;
                    }
                }
            }
        }
        drop(known);
        if !news.is_empty() {
            cache.keep(news);
        }
        manifest.interfaces.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        manifest.interfaces.dedup();
        manifest.shapes.sort_by_key(|shape| shape.id);
        manifest.shapes.dedup_by_key(|shape| shape.id);
        // Linkers reorder records, but the entry symbols are numbered in the order of `export!`.
        manifest.plugins.sort_by(|a, b| (a.entry.len(), &a.entry).cmp(&(b.entry.len(), &b.entry)));
        manifest.plugins.dedup();
        if let Some(pair) = manifest.plugins.windows(2).find(|pair| pair[0].entry == pair[1].entry) {
            let [one, other] = [&pair[0], &pair[1]].map(|plugin| &plugin.name);
            return damaged(format!("the plugins `{one}` and `{other}` share the entry symbol `{}`", pair[0].entry));
        }
        let Self { interfaces, plugins, .. } = &mut manifest;
        for plugin in plugins {
            let below: Vec<_> = plugin.interfaces.iter().map(|exported| below(interfaces, exported)).collect();
            // Most have none, and then the record can be shared with the cache.
            if below.iter().any(|below| !below.is_empty()) {
                let exported = Arc::make_mut(plugin).interfaces.iter_mut();
                exported.zip(below).for_each(|(exported, below)| exported.below = below);
            }
        }
        Ok(manifest)
    }

    fn add(&mut self, record: Record) -> Result<(), ManifestError> {
        match record {
            Record::Build(build) => {
                if !self.builds.contains(&build) {
                    self.builds.push(build);
                }
                if self.builds.len() > MAX_VERSIONS {
                    return damaged(format!("the file has more than {MAX_VERSIONS} build records"));
                }
            }
            Record::Interface(interface) => self.interfaces.push(interface),
            Record::Shape(shape) => self.shapes.push(shape),
            Record::Plugin(plugin) => {
                self.plugins.push(plugin);
                if self.plugins.len() > MAX_PLUGINS {
                    return damaged(format!("the file has more than {MAX_PLUGINS} plugins"));
                }
            }
            Record::OfContract(contract) => {
                self.foreign_contracts.insert(contract);
                if self.foreign_contracts.len() > MAX_VERSIONS {
                    return damaged(format!("the file has records of more than {MAX_VERSIONS} other contracts"));
                }
            }
            Record::Later => {}
        }
        Ok(())
    }

    /// The record of the interface with this name and this fingerprint.
    #[must_use]
    pub fn interface(&self, name: &str, fingerprint: Fingerprint) -> Option<&InterfaceRecord> {
        self.interfaces
            .iter()
            .map(|record| &**record)
            .find(|record| record.name == name && record.fingerprint == fingerprint)
    }

    /// The shapes that an interface reaches, without those that have no record in the file.
    pub fn reached<'a>(&'a self, interface: &'a InterfaceRecord) -> impl Iterator<Item = &'a ShapeRecord> {
        let shape = |id: &Fingerprint| self.shapes.binary_search_by_key(id, |shape| shape.id).ok();
        interface.reaches.iter().filter_map(move |id| Some(&*self.shapes[shape(id)?]))
    }

    /// The target features that the image's code may use: those of the whole build and of the crates that export
    /// plugins.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        let builds = self.builds.iter().flat_map(|build| &build.features);
        let plugins = self.plugins.iter().flat_map(|plugin| &plugin.features);
        builds.chain(plugins).map(String::as_str)
    }

    /// Whether the compiler randomized the layouts of any crate in the image, according to the layout canaries.
    #[must_use]
    pub fn is_randomized(&self) -> bool {
        self.builds.iter().any(|build| build.randomized)
            || self.interfaces.iter().any(|record| record.randomized)
            || self.shapes.iter().any(|record| record.randomized)
            || self.plugins.iter().any(|record| record.randomized)
    }
}

/// The interfaces below an exported interface, from the records with its name, version and fingerprint.
fn below(interfaces: &[Arc<InterfaceRecord>], exported: &Exported) -> Arc<[InterfaceVersion]> {
    let key = (&exported.name, &exported.version);
    let first = interfaces.partition_point(|record| (&record.name, &record.version) < key);
    let records = interfaces[first..].iter().take_while(|record| (&record.name, &record.version) == key);
    let mut all = records.filter(|record| record.fingerprint == exported.fingerprint).map(|record| &record.below);
    let below = all.next().cloned().unwrap_or_default();
    if all.all(|other| *other == below) { below } else { Arc::default() }
}

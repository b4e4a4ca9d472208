//! The stations of a library. Each station can be created only from the one before:
//!
//! `Peeked -> Staged -> Judged -> Mapped -> Bound -> Vec<Loaded<_>>`

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use plugbox::__private::journal::Journal;
use plugbox::Interface;

use super::adapter::Adapt;
use super::construct::{Bound, BoundPlugin, Construction};
use super::data_dir;
use super::library::{Library, Records};
use super::service::Service;
use super::settings::Settings;
use super::warning::CDYLIB;
use crate::bind::{Table, bind, journal};
use crate::errors::{Code, HostError, LoadError, Reason, Refusal};
use crate::loaded::Loaded;
use crate::manifest::{Manifest, PluginRecord, PluginVersion, RecordCache};
use crate::map::{self, Generation, KeyReservation};
use crate::read::{self, Image, Opened, ReadError};
use crate::stage::{self, StagedFile, Staging};
use crate::sys::{self, MappedImage, Stat};
use crate::trust::dependencies;
use crate::verdict::{HostProfile, Processor, Requirements, Verdict, judge};

/// A host's request: plugins of some interfaces, for this process, with the settings of its loader.
pub(super) struct Request<'a> {
    settings: &'a Settings,
    host: HostProfile,
    requirements: Requirements,
    /// The name of the only plugin that is requested, if the host knows it.
    pub(super) plugin: Option<String>,
}

/// A library after the first look. The look is provisional: it avoids the copy of a library that cannot fit.
pub(super) struct Peeked {
    library: Library,
    /// The open file; `None` if it was closed since.
    original: Option<Opened>,
    records: Records,
}

/// A library that is rejected at the first look.
pub(super) struct Rejected {
    pub(super) path: PathBuf,
    /// The library's plugins; empty if its records cannot be read.
    pub(super) plugins: Vec<Arc<PluginRecord>>,
    pub(super) error: LoadError,
}

/// A library that is ready to be judged and mapped: a private copy, or the original.
pub(super) struct Staged {
    library: Library,
    number: u64,
    file: StagedFile,
    /// The records of the first look, if they come from the file that will be mapped.
    records: Option<Records>,
    /// The reasons why the file that was opened for the copy is not trusted.
    reasons: Vec<Reason>,
}

/// A library whose verdict is `Fits`.
pub(super) struct Judged {
    library: Library,
    number: u64,
    file: StagedFile,
    records: Records,
    pinned: bool,
}

/// A library that is mapped.
pub(super) struct Mapped {
    library: Library,
    records: Records,
    pinned: bool,
    generation: Arc<Generation>,
    key: KeyReservation,
    table: Table,
    image: MappedImage,
    /// The requested plugins, each with the address of its entry table.
    plugins: Vec<(Arc<PluginRecord>, *const ())>,
}

impl<'a> Request<'a> {
    /// Creates a request for plugins of `I`.
    ///
    /// # Errors
    ///
    /// Returns a [`HostError`] if this process cannot load any plugin.
    pub(super) fn new<I: ?Sized + Interface>(settings: &'a Settings) -> Result<Self, HostError> {
        let adapters = || settings.adapters.to::<I>();
        let records: Vec<_> = [I::RECORDS].into_iter().chain(adapters().map(Adapt::records)).collect();
        let adapted = adapters().map(|adapter| adapter.interface().name);
        let requirements = Requirements {
            interfaces: [I::NAME.to_owned()].into_iter().chain(adapted).collect(),
            versions: settings.versions.clone(),
            allow_panic_abort: settings.allow_panic_abort,
        };
        Ok(Self { settings, host: HostProfile::knowing(&records)?, requirements, plugin: None })
    }

    /// Restricts the request to the plugin with this name.
    pub(super) fn of_plugin(self, name: Option<&str>) -> Self {
        Self { plugin: name.map(str::to_owned), ..self }
    }

    /// Takes the first look at a library.
    pub(super) fn peek(&mut self, path: PathBuf) -> Result<Peeked, Rejected> {
        let started = Instant::now();
        let looked = look(&path).map_err(|error| Rejected { path: path.clone(), plugins: Vec::new(), error })?;
        let (canonical, original, file, read) = looked;
        let records = self.judge(&path, read, self.settings.trust.refuse(&canonical, &file.access()))?;
        let library = Library { path, canonical, look: started.elapsed(), started: Instant::now() };
        Ok(Peeked { library, original, records })
    }

    /// Judges a library from the result of reading it. `reasons` are reasons to refuse it that are known already.
    fn judge(
        &mut self,
        path: &Path,
        read: Result<Image, ReadError>,
        mut reasons: Vec<Reason>,
    ) -> Result<Records, Rejected> {
        let manifest = read.as_ref().ok().and_then(|image| image.manifest.as_ref().ok());
        // Detecting the processor's features takes long in a virtual machine, and few libraries need the answer.
        if manifest.is_some_and(|manifest| manifest.features().any(Processor::may_lack))
            && self.host.processor.is_unknown()
        {
            self.host.processor = Processor::running();
        }
        reasons.extend(judge(&self.host, read.as_ref(), &self.requirements).into_reasons());
        tracing::debug!(path = %path.display(), reasons = reasons.len(), "judged");
        match (Verdict::from_reasons(reasons), read) {
            (Verdict::Fits, Ok(Image { manifest: Ok(manifest), size, .. })) => Ok(Records { manifest, size }),
            (verdict, read) => {
                let manifest = read.ok().and_then(|image| image.manifest.ok()).unwrap_or_default();
                let error = Refusal::new(path, verdict.into_reasons()).into();
                Err(Rejected { path: path.to_owned(), plugins: manifest.plugins, error })
            }
        }
    }

    /// The requested plugins of a library.
    fn offered(&self, manifest: &Manifest) -> Vec<Arc<PluginRecord>> {
        let is_wanted = |plugin: &&Arc<PluginRecord>| self.plugin.as_ref().is_none_or(|name| *name == plugin.name);
        self.requirements.offered(manifest).filter(is_wanted).cloned().collect()
    }
}

/// The canonical path of a file, the open file if it can be loaded, what the system says about it, and the result of reading it.
type Looked = (PathBuf, Option<Opened>, Stat, Result<Image, ReadError>);

fn look(path: &Path) -> Result<Looked, LoadError> {
    let cannot = |doing| move |source| LoadError::Io { path: path.to_owned(), doing, source };
    let opened = Opened::regular(path);
    let canonical = match &opened {
        Ok((opened, _)) => opened.canonical(path),
        Err(_) => sys::canonicalize(path).map_err(|error| missing(path, error)),
    };
    let canonical = canonical.map_err(cannot("find the file"))?;
    let (original, file, read) = match opened {
        Ok((mut opened, found)) => {
            let read = read::image_of_with(&mut opened, RecordCache::of_this_process());
            (Some(opened), Ok(found), read)
        }
        Err(error) => (None, Stat::at(&canonical), Err(error)),
    };
    let file = file.map_err(cannot("read the file's metadata"))?;
    match read {
        Err(ReadError::Io(source)) => Err(cannot("read the file")(source)),
        read => Ok((canonical, original, file, read)),
    }
}

/// Adds the way out to the error for a missing library, if cargo has built only a Rust library in its place.
fn missing(path: &Path, error: io::Error) -> io::Error {
    let rlib = path.with_extension("rlib");
    if error.kind() != io::ErrorKind::NotFound || !rlib.exists() {
        return error;
    }
    let built = rlib.file_name().unwrap_or_default().to_string_lossy();
    io::Error::new(error.kind(), format!("{error}; cargo has built {built} instead: {CDYLIB}"))
}

impl Peeked {
    pub(super) fn path(&self) -> &Path {
        &self.library.path
    }

    /// All plugins of the library, requested or not.
    pub(super) fn plugins(&self) -> &[Arc<PluginRecord>] {
        &self.records.manifest.plugins
    }

    /// Closes the file until the next station, because a folder may have more files than a process may have open.
    pub(super) fn close(mut self) -> Self {
        self.original = None;
        self
    }

    /// Checks that the library has only one of the requested plugins.
    ///
    /// # Errors
    ///
    /// Returns [`LoadError::Several`] if the library has several. Refuses a library that lacks the plugin with the
    /// requested name.
    pub(super) fn only_one(self, request: &Request<'_>) -> Result<Self, LoadError> {
        let offered = request.offered(&self.records.manifest);
        match &request.plugin {
            Some(name) if offered.is_empty() => {
                let names: Vec<&str> = self.records.manifest.plugins.iter().map(|plugin| &*plugin.name).collect();
                let remedy = "give the file of another plugin another name";
                let reason = Reason::new(Code::NoPlugin, format!("plugin {name}"), names.join(", "), remedy);
                return Err(Refusal::new(self.library.path, vec![reason]).into());
            }
            _ if offered.len() < 2 => return Ok(self),
            _ => {}
        }
        let plugins = offered.iter().map(|plugin| plugin.name.clone()).collect();
        Err(LoadError::Several { path: self.library.path, plugins })
    }

    /// The names of the requested plugins.
    pub(super) fn names(&self, request: &Request<'_>) -> Vec<String> {
        request.offered(&self.records.manifest).iter().map(|plugin| plugin.name.clone()).collect()
    }

    /// Copies the library to a private folder, unless the host has chosen to map the original.
    pub(super) fn stage(self, request: &Request<'_>) -> Result<Staged, LoadError> {
        let Self { mut library, original, records } = self;
        library.started = Instant::now();
        let number = map::next_number();
        let (mut original, records, reasons) = match original {
            Some(original) => (original, Some(records), Vec::new()),
            None => {
                // The path may name a different file by now, or be a link, so its first look is void, and where it lies
                // and its access are checked again.
                let (reopened, found) = stage::reopen(&library.canonical)?;
                library.canonical = reopened.canonical(&library.canonical).map_err(|source| LoadError::Io {
                    path: library.path.clone(),
                    doing: "find the file",
                    source,
                })?;
                (reopened, None, request.settings.trust.refuse(&library.canonical, &found.access()))
            }
        };
        let Settings { staging, most_in_memory, allowed_libraries, .. } = request.settings;
        // If it cannot be read, the reason is that of the verdict.
        // Folders above the copy must be private, too, if they are searched.
        let levels = read::linkage_of(&mut original).map_or(0, |linkage| linkage.levels_up());
        let levels = (!allowed_libraries.is_empty() || levels > 0).then_some(levels);
        let file = stage::stage(original, &library.canonical, number, staging, levels, *most_in_memory)?;
        // A copy has other bytes, if the file was replaced since the first look.
        let records = records.filter(|_| matches!(staging, Staging::InPlace));
        Ok(Staged { library, number, file, records, reasons })
    }
}

impl Staged {
    /// Judges the bytes that will be mapped, and the libraries that this library needs.
    pub(super) fn judge(self, request: &mut Request<'_>) -> Result<Judged, LoadError> {
        let Self { library, number, mut file, records, reasons } = self;
        let copy = file.path.clone();
        let cannot = |doing| move |source| LoadError::Io { path: copy, doing, source };
        let records = match records {
            Some(records) => records,
            None => match read::image_of_with(&mut file.file, RecordCache::of_this_process()) {
                Err(ReadError::Io(source)) => return Err(cannot("read the file")(source)),
                read => request.judge(&library.path, read, reasons).map_err(|rejected| rejected.error)?,
            },
        };
        let Settings { trust, allowed_libraries, .. } = request.settings;
        let pinned = trust.pinned(&library.canonical, &mut file.file.file).map_err(cannot("hash the file"))?;
        let (pinned, mut reasons) = pinned.map_or_else(|reason| (false, vec![reason]), |pinned| (pinned, Vec::new()));
        match dependencies::admit(&library.canonical, &mut file, &request.host, allowed_libraries, trust) {
            Ok(more) => reasons.extend(more),
            Err(error) if reasons.is_empty() => return Err(error),
            Err(_) => {}
        }
        if !reasons.is_empty() {
            return Err(Refusal::new(library.path, reasons).into());
        }
        Ok(Judged { library, number, file, records, pinned })
    }
}

impl Judged {
    /// Maps the library, and thereby runs its initializers.
    pub(super) fn map(self, request: &Request<'_>) -> Result<Mapped, LoadError> {
        let Self { library, number, file, records, pinned } = self;
        let table = Table::pinned()?;
        let key = KeyReservation::take(&library.path)?;
        let names = records.manifest.plugins.iter().map(|plugin| PluginVersion::new(&plugin.name, &plugin.version));
        let generation = Arc::new(Generation::new(number, library.path.clone(), names.collect()));
        let plugins = request.offered(&records.manifest);
        let (image, entries) = map::map(&generation, file, &records.manifest, &plugins)?;
        let plugins = plugins.into_iter().zip(entries).collect();
        Ok(Mapped { library, records, pinned, generation, key, table, image, plugins })
    }
}

impl Mapped {
    /// Binds the library to its host.
    pub(super) fn bind(self) -> Result<Bound, LoadError> {
        let Self { library, records, pinned, generation, key, table, image, plugins } = self;
        let bound = plugins.into_iter().map(|(record, entry)| {
            // SAFETY: `map` found the address under the symbol that `export!` gives to entry tables (*trust*), inside
            // the image of a library whose verdict is `Fits` (*verdict*), and the library is never unmapped (*mapped*).
            // *generation*: the mapping holds a count of the generation.
            let entry = unsafe { bind(entry, &image, table, &generation) }
                .map_err(|reason| Refusal::new(&library.path, vec![*reason]))?;
            Ok(BoundPlugin { record, entry })
        });
        let plugins = bound.collect::<Result<_, LoadError>>()?;
        let virtual_keys = generation.virtual_keys.load(Ordering::Relaxed);
        if !virtual_keys {
            key.keep();
        }
        tracing::debug!(path = %library.path.display(), generation = generation.number, virtual_keys, "bound");
        Ok(Bound { library, records, pinned, generation, plugins })
    }
}

impl Bound {
    /// Constructs the plugins, each as `I` if an interface of the plugin fits `I`, and otherwise through an adapter.
    pub(super) fn construct<I: ?Sized + Interface>(&self, request: &Request<'_>) -> Result<Vec<Loaded<I>>, LoadError> {
        let (settings, requirements) = (request.settings, &request.requirements);
        let (known, unknown): (Vec<&Service>, Vec<_>) =
            settings.services.iter().partition(|service| service.is_known_to(&self.records.manifest));
        tracing::debug!(path = %self.library.path.display(), given = ?known, unknown = ?unknown, "services");
        // The journal's interface has no record in the library, so it is offered always; a plugin that asks for it
        // compares its fingerprint.
        let names: Vec<&str> = self.plugins.iter().map(|plugin| plugin.record.name.as_str()).collect();
        let journal = Service::new::<dyn Journal>(Arc::new(journal::PluginJournal::new(&names.join(", "))));
        let services: Vec<&Service> = known.into_iter().chain([&journal]).collect();
        let construct = |plugin: &BoundPlugin| {
            let name = &plugin.record.name;
            let data_dir = settings.data_dir.as_ref().map(|root| data_dir::folder(root, name)).transpose()?;
            let config = settings.configs.get(name).map(String::as_str).unwrap_or_default();
            let construction = Construction { bound: self, plugin, config, services: &services, data_dir };
            let ours = RecordCache::of_this_process().exported::<I>();
            if let Some(exported) = construction.exported(|theirs| requirements.fits(&ours, theirs)) {
                return construction.run::<I>(exported);
            }
            let adapted = settings.adapters.to::<I>().find_map(|adapter| {
                let ours = adapter.interface();
                Some((adapter, construction.exported(|theirs| requirements.fits(&ours, theirs))?))
            });
            match adapted {
                Some((adapter, exported)) => adapter.construct(&construction, exported),
                None => Err(LoadError::OtherImage {
                    path: self.library.path.clone(),
                    found: format!("the verdict on plugin {name} is `Fits`, but none of its interfaces fits"),
                }),
            }
        };
        self.plugins.iter().map(construct).collect()
    }
}

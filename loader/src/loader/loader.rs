//! The loader: takes a plugin through all its steps.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use plugbox::__private::RawService;
use plugbox::__private::journal::Journal;
use plugbox::Interface;
use semver::VersionReq;

use super::adapter::{Adapt, Adapters};
use super::construct::Bound;
use super::data_dir;
use super::report::Report;
use super::select::{self, Candidate};
use super::service::Service;
use crate::bind::{Table, bind, journal};
use crate::discover;
use crate::errors::{LoadError, Reason, Refused, UnfitHost};
use crate::loaded::Loaded;
use crate::manifest::{Exported, PluginRecord, RecordCache};
use crate::map::{self, EntryTable, Generation, generation};
use crate::read::Opened;
use crate::read::{self, Image, ReadError};
use crate::stage;
use crate::trust::Trust;
use crate::trust::dependencies;
use crate::verdict::{Demand, HostProfile, Verdict, judge};

/// Loads plugins from where the host trusts them.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::{Loader, Trust};
/// // SAFETY: only we write to this directory (see `Trust::directory`).
/// let trust = unsafe { Trust::directory("plugins")? };
/// let loader = Loader::new(trust).configure("abbrev", "teh = the");
/// let shout = loader.load_file::<dyn Plugin>("plugins/libshout.so")?;
/// println!("{}", shout.name());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loader {
    trust: Trust,
    versions: Option<VersionReq>,
    allow_abort: bool,
    in_place: bool,
    allowed_libraries: BTreeSet<String>,
    configs: HashMap<String, String>,
    services: Vec<Service>,
    data_dir: Option<PathBuf>,
    adapters: Adapters,
}

impl Loader {
    /// A loader of what `trust` vouches for.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            versions: None,
            allow_abort: false,
            in_place: false,
            allowed_libraries: BTreeSet::new(),
            configs: HashMap::new(),
            services: Vec::new(),
            data_dir: None,
            adapters: Adapters::default(),
        }
    }

    /// Takes only plugins that were built against these versions of the API, on top of what semver calls compatible.
    #[must_use]
    pub fn accept_versions(mut self, versions: VersionReq) -> Self {
        self.versions = Some(versions);
        self
    }

    /// Takes plugins although they, or this host, were built with `panic = "abort"`: a panic of the one that was ends
    /// the process, wherever it is caught. By default such plugins are refused with
    /// [`panic-differs`](crate::Code::PanicDiffers).
    #[must_use]
    pub fn allow_abort(mut self) -> Self {
        self.allow_abort = true;
        self
    }

    /// Lets plugins need a shared library of this name, such as `libsqlite3.so.0`, and whatever that one needs itself. By
    /// default a plugin may need only what std links and what this process has loaded already; others are refused with
    /// [`not-trusted`](crate::Code::NotTrusted), because their initialisers run with no verdict.
    ///
    /// A library of this name that lies beside the plugin is copied with it, so that a plugin that was linked with
    /// `-Wl,-rpath,$ORIGIN` finds it. (The system's loader maps each name once in a process: the first one serves all.)
    #[must_use]
    pub fn allow_library(mut self, name: impl Into<String>) -> Self {
        self.allowed_libraries.insert(name.into());
        self
    }

    /// Maps libraries where they lie, without a private copy: sooner, and several processes share their pages. It is for
    /// folders that nobody writes to but an installer, since this is given up:
    ///
    /// - Between the verdict and the mapping the file can be replaced. (Its records in memory are compared with those
    ///   that were judged; its code is not.)
    /// - A mapped file must never be written to, only replaced: its code would change under its feet, and where it
    ///   became shorter the process would end.
    /// - A file is loaded once in a process, by whichever path or link, and so is a path, whatever lies there now: the
    ///   system's loader would answer with the image that it knows. A second time is [`LoadError::OtherImage`].
    #[must_use]
    pub fn in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// Gives a configuration text to the constructor of the plugin of this name.
    #[must_use]
    pub fn configure(mut self, plugin: impl Into<String>, config: impl Into<String>) -> Self {
        self.configs.insert(plugin.into(), config.into());
        self
    }

    /// Offers an object of the host to every plugin: [`Context::service`](plugbox::Context::service) finds it by its
    /// interface. A second object of the same interface takes the place of the first.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Clock: Send + Sync { fn seconds(&self) -> u64; }
    /// # struct SystemClock;
    /// # impl Clock for SystemClock { fn seconds(&self) -> u64 { 0 } }
    /// use std::sync::Arc;
    /// use plugbox_loader::{Loader, Trust};
    /// // SAFETY: only we write to this directory (see `Trust::directory`).
    /// let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).service::<dyn Clock>(Arc::new(SystemClock));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn service<I: ?Sized + Interface + Send + Sync>(mut self, object: Arc<I>) -> Self {
        let service = Service::new(object);
        self.services.retain(|earlier| !earlier.is_of_the_interface_of(&service));
        self.services.push(service);
        self
    }

    /// Gives each plugin a folder of its own for its data, below this one and named after the plugin; see
    /// [`Context::data_dir`](plugbox::Context::data_dir). It is made before the plugin is constructed, and only this user
    /// may enter it. Where a plugin's name is no name of a file, such as `a/b` or `..`, bytes are written as `%2F`.
    /// Plugins of one name, in libraries that the host loads one by one, share theirs.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Takes plugins of an earlier interface, such as that of an API's last major version, where `New` is asked for: the
    /// adapter makes what the host calls of what the plugin is.
    ///
    /// A plugin that fits `New` itself is not adapted. Otherwise the first adapter whose interface it fits takes it. A
    /// version that [`accept_versions`](Self::accept_versions) leaves out stays left out.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # mod v1 { #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; } }
    /// # mod v2 { #[plugbox::interface] pub trait Plugin { fn title(&self, long: bool) -> String; } }
    /// use plugbox_loader::{Loaded, Loader, Trust};
    ///
    /// struct Adapted(Loaded<dyn v1::Plugin>);
    ///
    /// impl v2::Plugin for Adapted {
    ///     fn title(&self, _: bool) -> String {
    ///         self.0.name()
    ///     }
    /// }
    ///
    /// // SAFETY: only we write to this folder (see `Trust::directory`).
    /// let loader = Loader::new(unsafe { Trust::directory("plugins")? })
    ///     .accept::<dyn v1::Plugin, dyn v2::Plugin>(|old| Box::new(Adapted(old)));
    /// let plugins = loader.load_dir::<dyn v2::Plugin>("plugins")?.into_loaded();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn accept<Old: ?Sized + Interface, New: ?Sized + Interface>(
        mut self,
        adapt: impl Fn(Loaded<Old>) -> Box<New> + Send + Sync + 'static,
    ) -> Self {
        self.adapters.add::<Old, New>(adapt);
        self
    }

    /// Loads the one plugin of this interface in a library.
    ///
    /// Each load is a generation of its own, with statics of its own, whatever was loaded before from the same path, a
    /// link to it or a copy of it; and each is judged, so that a file that took the place of another one never runs under
    /// its verdict, nor old code under a new one. What happens to the file afterwards does not touch what is loaded.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with every reason; [`LoadError::Several`] where the library exports several such plugins.
    pub fn load_file<I: ?Sized + Interface>(&self, path: impl AsRef<Path>) -> Result<Loaded<I>, LoadError> {
        let path = path.as_ref();
        let mut loaded = self.load(path, true)?;
        match loaded.len() {
            1 => Ok(loaded.remove(0)),
            // The first look saw one; the file is another one since.
            _ => {
                let plugins = loaded.iter().map(|plugin| plugin.info().name.clone()).collect();
                Err(LoadError::Several { path: path.to_owned(), plugins })
            }
        }
    }

    /// Loads all plugins of this interface in a library; at least one.
    ///
    /// # Errors
    ///
    /// [`LoadError`] with every reason. Where one of several constructors fails, none is returned.
    pub fn load_library<I: ?Sized + Interface>(&self, path: impl AsRef<Path>) -> Result<Vec<Loaded<I>>, LoadError> {
        self.load(path.as_ref(), false)
    }

    /// Loads all plugins of this interface in a directory: every file with the platform's suffix of libraries, sorted
    /// by name; sub-directories are not entered. One bad file never stops the others.
    ///
    /// Several builds of the same plugin may lie side by side, for other compilers, targets or versions of the API: the
    /// one that fits and has the highest version is loaded, and the others are [passed over](crate::Verdicts::PassedOver).
    /// Builds are of the same plugin when the names of their plugins are the same.
    ///
    /// # Errors
    ///
    /// [`LoadError::Io`] where the directory cannot be listed, [`LoadError::Unfit`] where this process can load nothing;
    /// everything else stands in the report.
    pub fn load_dir<I: ?Sized + Interface>(&self, directory: impl AsRef<Path>) -> Result<Report<I>, LoadError> {
        let directory = directory.as_ref();
        let (host, demand) = (self.profile::<I>()?, self.demand::<I>());
        let files = discover::libraries(directory).map_err(|source| LoadError::Io {
            path: directory.to_owned(),
            doing: "list its files",
            source,
        })?;
        tracing::debug!(directory = %directory.display(), files = files.len(), "discovered");
        // Closed after the look: there may be more of them than a process may have open.
        let look = |path| Candidate { opened: None, ..self.peek(path, &host, &demand) };
        let candidates = files.into_iter().map(look).collect();
        let verdicts = select::best_of_each(candidates, |candidate| {
            let path = candidate.path.clone();
            told(&path, self.load_candidate::<I>(candidate, &host, &demand))
        });
        Ok(Report::new(verdicts))
    }

    fn load<I: ?Sized + Interface>(&self, path: &Path, single: bool) -> Result<Vec<Loaded<I>>, LoadError> {
        let load = || {
            let (host, demand) = (self.profile::<I>()?, self.demand::<I>());
            let candidate = self.peek(path.to_owned(), &host, &demand);
            if single {
                exactly_one(&candidate, &demand)?;
            }
            self.load_candidate(candidate, &host, &demand)
        };
        told(path, load())
    }

    /// The first look at a file. It is provisional: it spares the copy of what cannot fit.
    fn peek(&self, path: PathBuf, host: &HostProfile, demand: &Demand) -> Candidate {
        let started = Instant::now();
        let look = || {
            let cannot = |doing, source| LoadError::Io { path: path.clone(), doing, source };
            let opened = Opened::regular(&path);
            let canonical = match &opened {
                Ok((opened, _)) => opened.canonical(&path),
                Err(_) => path.canonicalize(),
            };
            let canonical = canonical.map_err(|source| cannot("find it", source))?;
            let (read, file, opened) = match opened {
                Err(error) => (Err(error), canonical.metadata(), None),
                Ok((mut opened, found)) => {
                    (read::image_with(&mut opened, RecordCache::of_this_process()), Ok(found), Some(opened))
                }
            };
            let file = file.map_err(|source| cannot("look at it", source))?;
            if let Err(ReadError::Io(source)) = read {
                return Err(cannot("read it", source));
            }
            let mut reasons = judge(host, read.as_ref(), demand).into_reasons();
            reasons.extend(self.trust.refuse(&canonical, &file));
            Ok((canonical, opened, read.ok(), judged(&path, reasons)))
        };
        let (canonical, opened, image, error) = match look() {
            Ok((canonical, opened, image, verdict)) => (canonical, opened, image, verdict.err()),
            Err(error) => (PathBuf::new(), None, None, Some(error)),
        };
        Candidate { path, canonical, opened, image, error, look_time: started.elapsed() }
    }

    /// The way of a plugin, after the first look.
    fn load_candidate<I: ?Sized + Interface>(
        &self,
        candidate: Candidate,
        host: &HostProfile,
        demand: &Demand,
    ) -> Result<Vec<Loaded<I>>, LoadError> {
        let started = Instant::now();
        let Candidate { path, canonical, opened, image, look_time, .. } = match candidate {
            Candidate { error: Some(error), .. } => return Err(error),
            fits => fits,
        };
        let mut reasons = Vec::new();
        let (mut original, seen) = match opened {
            Some(opened) => (opened, image),
            None => {
                // It was closed since the look, and may be another one.
                let (reopened, found) = stage::reopen(&canonical)?;
                reasons = self.trust.refuse(&canonical, &found);
                (reopened, None)
            }
        };
        let number = generation::next_number();
        let (mut staged, seen) = if self.in_place {
            (stage::in_place(original, canonical.clone()), seen)
        } else {
            (stage::stage(&mut original, &canonical, number)?, None)
        };
        let copy = staged.path.clone();
        let cannot = |doing| move |source| LoadError::Io { path: copy, doing, source };
        let image = match seen {
            // Where nothing is copied, these are the bytes that were judged.
            Some(image) => image,
            None => match read::image_with(&mut staged.file, RecordCache::of_this_process()) {
                Err(ReadError::Io(source)) => return Err(cannot("read this copy of it")(source)),
                read => {
                    reasons.extend(judge(host, read.as_ref(), demand).into_reasons());
                    judged(&path, reasons)?;
                    read.unwrap_or_else(|_| unreachable!("what cannot be read does not fit"))
                }
            },
        };
        let mut reasons = Vec::new();
        let pinned = self.trust.pinned(&canonical, &mut staged.file.file).map_err(cannot("hash this copy of it"))?;
        let pinned = pinned.unwrap_or_else(|reason| {
            reasons.push(reason);
            false
        });
        reasons.extend(dependencies::admit(&canonical, &mut staged, &self.allowed_libraries, &self.trust)?);
        if !reasons.is_empty() {
            return Err(Refused::new(path, reasons).into());
        }
        let table = Table::pinned()?;
        generation::reserve(&path)?;
        let manifest = image.manifest.unwrap_or_default();
        let plugins: Vec<&PluginRecord> = demand.offered(&manifest).collect();
        let entries = map::map(&path, &mut staged, &manifest, &plugins)?;

        let names = manifest.plugins.iter().map(|plugin| (plugin.name.clone(), plugin.version.clone()));
        // A generation is as long-lived as its image: both stay until the process ends.
        let generation: &'static Generation =
            Box::leak(Box::new(Generation { number, path: path.clone(), plugins: names.collect() }));
        for (entry, image) in &entries {
            // SAFETY: `map` found it under the symbol that `export!` gives to entry tables, inside the image of a library whose
            // verdict is `Fits`; it is never unmapped.
            unsafe { bind(*entry, image, table, generation) }.map_err(|reason| Refused::new(&path, vec![*reason]))?;
        }
        tracing::debug!(path = %path.display(), generation = number, "bound");

        let rustc = manifest.builds.first().map(|build| build.rustc.clone()).unwrap_or_default();
        let (known, unknown): (Vec<&Service>, Vec<_>) =
            self.services.iter().partition(|service| service.is_known_to(&manifest));
        tracing::debug!(path = %path.display(), given = ?known, unknown = ?unknown, "services");
        // Of plugbox's own interface nothing is recorded: whoever asks for it compares its fingerprint.
        let names: Vec<&str> = plugins.iter().map(|plugin| plugin.name.as_str()).collect();
        let journal = Service::new::<dyn Journal>(Arc::new(journal::OfPlugin::new(&names.join(", "))));
        let services: Vec<RawService> = known.into_iter().chain([&journal]).map(Service::raw).collect();
        let mut loaded = Vec::new();
        for (record, (entry, _)) in plugins.into_iter().zip(entries) {
            // SAFETY: as above; `bind` has looked at the table.
            let entry = unsafe { EntryTable::new(entry) };
            let config = self.configs.get(&record.name).map(String::as_str).unwrap_or_default();
            let data_dir = self.data_dir.as_ref().map(|root| data_dir::folder(root, &record.name)).transpose()?;
            let plugin = Bound {
                entry,
                generation,
                record,
                path: &path,
                config,
                services: &services,
                data_dir,
                rustc: &rustc,
                pinned,
                size: image.size,
                look_time,
                started,
            };
            loaded.push(self.construct::<I>(&plugin, demand)?);
        }
        Ok(loaded)
    }

    /// This process, with all interfaces that it takes for `I`.
    fn profile<I: ?Sized + Interface>(&self) -> Result<HostProfile, UnfitHost> {
        let adapted = self.adapters.to::<I>().map(Adapt::records);
        HostProfile::knowing(&[I::records()].into_iter().chain(adapted).collect::<Vec<_>>())
    }

    fn demand<I: ?Sized + Interface>(&self) -> Demand {
        let adapted = self.adapters.to::<I>().map(|adapter| adapter.interface().name);
        let interfaces = [I::NAME.to_owned()].into_iter().chain(adapted).collect();
        Demand { interfaces, versions: self.versions.clone(), allow_abort: self.allow_abort }
    }

    /// Constructs a plugin whose verdict is `Fits`: as `I` if it can, else as what an adapter takes.
    fn construct<I: ?Sized + Interface>(&self, plugin: &Bound<'_>, demand: &Demand) -> Result<Loaded<I>, LoadError> {
        let exported = |ours: &Exported| plugin.record.interfaces.iter().find(|theirs| demand.takes(ours, theirs));
        if let Some(exported) = exported(&RecordCache::of_this_process().exported::<I>()) {
            return plugin.construct::<I>(exported);
        }
        let adapted = self.adapters.to::<I>().find_map(|adapter| Some((adapter, exported(&adapter.interface())?)));
        match adapted {
            Some((adapter, exported)) => adapter.construct(plugin, exported),
            None => Err(LoadError::OtherImage {
                path: plugin.path.to_owned(),
                found: format!("plugin {} fits, but as no interface", plugin.record.name),
            }),
        }
    }
}

/// The verdict, with every reason.
fn judged(path: &Path, reasons: Vec<Reason>) -> Result<(), LoadError> {
    tracing::debug!(path = %path.display(), reasons = reasons.len(), "judged");
    match Verdict::from_reasons(reasons) {
        Verdict::Fits => Ok(()),
        Verdict::Refused(reasons) => Err(Refused::new(path, reasons).into()),
    }
}

/// Says what became of a library.
fn told<I: ?Sized>(path: &Path, outcome: Result<Vec<Loaded<I>>, LoadError>) -> Result<Vec<Loaded<I>>, LoadError> {
    match &outcome {
        Ok(plugins) => tracing::info!(path = %path.display(), plugins = plugins.len(), "loaded"),
        Err(error) if error.is_foreign() => tracing::debug!(path = %path.display(), "no plugin"),
        Err(error) => tracing::warn!("{error}"),
    }
    outcome
}

fn exactly_one(candidate: &Candidate, demand: &Demand) -> Result<(), LoadError> {
    let Some(Image { manifest: Ok(manifest), .. }) = &candidate.image else { return Ok(()) };
    let names: Vec<String> = demand.offered(manifest).map(|plugin| plugin.name.clone()).collect();
    if candidate.error.is_some() || names.len() < 2 {
        return Ok(());
    }
    Err(LoadError::Several { path: candidate.path.clone(), plugins: names })
}

//! The loader: takes a plugin through all its steps.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use plugbox::__private::RawService;
use plugbox::Interface;
use semver::VersionReq;

use crate::adapter::{Adapt, Adapters};
use crate::bind::bind;
use crate::construct::Bound;
use crate::data;
use crate::discover;
use crate::entry::EntryTable;
use crate::error::{LoadError, Refused, UnfitHost};
use crate::generation::{self, Generation};
use crate::image::{self, MappedImage};
use crate::loaded::Loaded;
use crate::manifest::{Exported, Manifest, PluginRecord};
use crate::map::Mapped;
use crate::profile::HostProfile;
use crate::read::{self, Image, ReadError};
use crate::reason::{Code, Reason};
use crate::report::{Report, Verdicts};
use crate::service::Service;
use crate::stage::{self, Staged};
use crate::trust::Trust;
use crate::verdict::{Demand, Verdict, judge};

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
    /// # Errors
    ///
    /// [`LoadError`] with every reason; [`LoadError::Several`] where the library exports several such plugins.
    pub fn load_file<I: ?Sized + Interface>(&self, path: impl AsRef<Path>) -> Result<Loaded<I>, LoadError> {
        let mut loaded = self.load(path.as_ref(), true)?;
        // `load` has seen to it that there is exactly one.
        Ok(loaded.remove(0))
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
    /// # Errors
    ///
    /// [`LoadError::Io`] where the directory cannot be listed, [`LoadError::Unfit`] where this process can load nothing;
    /// everything else stands in the report.
    pub fn load_dir<I: ?Sized + Interface>(&self, directory: impl AsRef<Path>) -> Result<Report<I>, LoadError> {
        let directory = directory.as_ref();
        self.profile::<I>()?;
        let files = discover::libraries(directory).map_err(|source| LoadError::Io {
            path: directory.to_owned(),
            doing: "list its files",
            source,
        })?;
        tracing::debug!(directory = %directory.display(), files = files.len(), "discovered");
        let verdicts = files.into_iter().map(|path| match self.load::<I>(&path, false) {
            Ok(plugins) => Verdicts::Loaded(path, plugins),
            Err(error) if is_foreign(&error) => Verdicts::Foreign(path),
            Err(error) => Verdicts::Refused(error),
        });
        Ok(Report::new(verdicts.collect()))
    }

    fn load<I: ?Sized + Interface>(&self, path: &Path, single: bool) -> Result<Vec<Loaded<I>>, LoadError> {
        let outcome = self.load_steps(path, single);
        match &outcome {
            Ok(plugins) => tracing::info!(path = %path.display(), plugins = plugins.len(), "loaded"),
            Err(error) if is_foreign(error) => tracing::debug!(path = %path.display(), "no plugin"),
            Err(error) => tracing::warn!("{error}"),
        }
        outcome
    }

    /// The way of a plugin.
    fn load_steps<I: ?Sized + Interface>(&self, path: &Path, single: bool) -> Result<Vec<Loaded<I>>, LoadError> {
        let started = Instant::now();
        let host = self.profile::<I>()?;
        let demand = self.demand::<I>();
        let cannot = |doing| move |source| LoadError::Io { path: path.to_owned(), doing, source };

        let canonical = path.canonicalize().map_err(cannot("find it"))?;
        let mut file = read::open(&canonical).map_err(|error| match error {
            ReadError::Io(source) => cannot("open it")(source),
            unreadable => Refused::new(path, judge(&host, Err(&unreadable), &demand).reasons().to_vec()).into(),
        })?;

        // The peek is provisional: it spares the copy of a file that cannot fit.
        let peek = self.judge_file(&canonical, &mut file, &host, &demand).map_err(|refusal| refusal.of(path))?;
        if single {
            exactly_one(path, &peek, &demand)?;
        }

        let number = generation::next_number();
        let mut staged = stage::stage(&canonical, &mut file, number)?;
        let judged = match self.judge_file(&canonical, &mut staged.file, &host, &demand) {
            Ok(judged) => judged,
            Err(refusal) => {
                staged.discard();
                return Err(refusal.of(path));
            }
        };
        generation::reserve(path)?;
        let manifest = judged.manifest.unwrap_or_default();
        let plugins: Vec<&PluginRecord> = offering(&manifest, &demand).collect();
        let entries = map(path, staged, &manifest, &plugins)?;

        let names = manifest.plugins.iter().map(|plugin| (plugin.name.clone(), plugin.version.clone()));
        // A generation is as long-lived as its image: both stay until the process ends.
        let generation: &'static Generation =
            Box::leak(Box::new(Generation { number, path: path.to_owned(), plugins: names.collect() }));
        for (entry, image) in &entries {
            // SAFETY: `map` found the entry inside the image of a library whose verdict is `Fits`; it is never unmapped.
            unsafe { bind(entry.cast(), image, generation) }.map_err(|reason| Refused::new(path, vec![*reason]))?;
        }
        tracing::debug!(path = %path.display(), generation = number, "bound");

        let rustc = manifest.builds.first().map(|build| build.rustc.clone()).unwrap_or_default();
        let (known, unknown): (Vec<&Service>, Vec<_>) =
            self.services.iter().partition(|service| service.is_known_to(&manifest));
        tracing::debug!(path = %path.display(), given = ?known, unknown = ?unknown, "services");
        let services: Vec<RawService> = known.into_iter().map(Service::raw).collect();
        let mut loaded = Vec::new();
        for (record, (entry, _)) in plugins.into_iter().zip(entries) {
            // SAFETY: as above; the library is bound.
            let entry = unsafe { EntryTable::new(entry) };
            let config = self.configs.get(&record.name).map(String::as_str).unwrap_or_default();
            let data_dir = self.data_dir.as_ref().map(|root| data::folder(root, &record.name)).transpose()?;
            let plugin = Bound {
                entry,
                generation,
                record,
                path,
                config,
                services: &services,
                data_dir,
                rustc: &rustc,
                size: judged.size,
                started,
            };
            loaded.push(self.construct::<I>(&plugin, &demand)?);
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
        if let Some(exported) = exported(&Exported::of::<I>()) {
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

    /// Reads a file and judges it; the policy's reasons stand beside the verdict's.
    fn judge_file(
        &self,
        canonical: &Path,
        file: &mut File,
        host: &HostProfile,
        demand: &Demand,
    ) -> Result<Image, Refusal> {
        let read = read::image_of(file);
        let mut reasons = match judge(host, read.as_ref(), demand) {
            Verdict::Fits => Vec::new(),
            Verdict::Refused(reasons) => reasons,
        };
        reasons.extend(self.trust.refuse(canonical));
        tracing::debug!(path = %canonical.display(), reasons = reasons.len(), "judged");
        match (read, Verdict::from_reasons(reasons)) {
            (Ok(image), Verdict::Fits) => Ok(image),
            (_, verdict) => Err(Refusal(verdict.reasons().to_vec())),
        }
    }
}

/// Reasons before they are about a file.
struct Refusal(Vec<Reason>);

impl Refusal {
    fn of(self, path: &Path) -> LoadError {
        Refused::new(path, self.0).into()
    }
}

/// Whether a file is a library of somebody else's: no record of ours, and nothing else to say of it.
fn is_foreign(error: &LoadError) -> bool {
    matches!(error.reasons(), [only] if only.code == Code::NoManifest && only.plugin == crate::verdict::NO_RECORDS)
}

fn offering<'a>(manifest: &'a Manifest, demand: &'a Demand) -> impl Iterator<Item = &'a PluginRecord> {
    let offers = |plugin: &&PluginRecord| plugin.interfaces.iter().any(|known| demand.interfaces.contains(&known.name));
    manifest.plugins.iter().filter(offers)
}

fn exactly_one(path: &Path, image: &Image, demand: &Demand) -> Result<(), LoadError> {
    let Ok(manifest) = &image.manifest else { return Ok(()) };
    let names: Vec<String> = offering(manifest, demand).map(|plugin| plugin.name.clone()).collect();
    if names.len() > 1 { Err(LoadError::Several { path: path.to_owned(), plugins: names }) } else { Ok(()) }
}

/// Maps a staged library whose verdict is `Fits`, makes sure that what was mapped is what was judged, and returns the
/// addresses of the plugins' entry tables and the image that they lie in.
fn map(
    path: &Path,
    staged: Staged,
    judged: &Manifest,
    plugins: &[&PluginRecord],
) -> Result<Vec<(*const (), MappedImage)>, LoadError> {
    // One at a time: which image is new can be said only while nobody of ours maps another.
    static MAPPING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAPPING.lock().unwrap_or_else(PoisonError::into_inner);
    let other = |found: String| LoadError::OtherImage { path: path.to_owned(), found };
    let cannot = |source| LoadError::Map { path: path.to_owned(), source };

    let before = image::all();
    // SAFETY: the staged copy is what was judged: `Fits`; the host vouched for where it came from.
    let mapped = unsafe { Mapped::open(&staged.path) }.map_err(|source| {
        generation::release();
        cannot(source)
    })?;
    tracing::debug!(path = %path.display(), copy = %staged.path.display(), "mapped");
    let images = image::all();
    let mut entries = Vec::new();
    for plugin in plugins {
        let entry = mapped.symbol(&plugin.entry).map_err(cannot)?;
        let Some(image) = images.iter().find(|image| image.contains(entry.addr())) else {
            return Err(other(format!("the entry of plugin {} lies in no image", plugin.name)));
        };
        if before.iter().any(|earlier| earlier.base == image.base) {
            return Err(other(format!(
                "the entry of plugin {} lies in `{}`, which was mapped before",
                plugin.name, image.name
            )));
        }
        // SAFETY: the image was mapped just now and is never unmapped; notes lie in its read-only segment.
        if unsafe { image.manifest() }.as_ref() != Ok(judged) {
            return Err(other("its records in memory are not those that were judged".to_owned()));
        }
        entries.push((entry, image.clone()));
    }
    Ok(entries)
}

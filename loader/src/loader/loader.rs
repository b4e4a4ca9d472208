//! The loader: the settings of a host, and the entry points for loading.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugbox::Interface;
use semver::VersionReq;

use super::adapter::Adapters;
use super::construct::Bound;
use super::pipeline::{Peeked, Rejected, Request};
use super::report::{FileOutcome, Report};
use super::select::{self, Candidate};
use super::service::Service;
use super::settings::Settings;
use super::warning::{Warning, unknown_plugins};
use crate::discover;
use crate::errors::{LoadError, ReloadPhase};
use crate::loaded::Loaded;
use crate::stage::{self, Staging};
use crate::trust::Trust;

/// A loader for the plugins of a trusted directory, with a host's settings.
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
pub struct Loader(Settings);

impl Loader {
    /// Creates a loader with default settings for the libraries that `trust` covers.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self(Settings {
            trust,
            versions: None,
            allow_panic_abort: false,
            staging: Staging::default(),
            most_in_memory: 1 << 30,
            allowed_libraries: BTreeSet::new(),
            configs: HashMap::new(),
            services: Vec::new(),
            data_dir: None,
            adapters: Adapters::default(),
        })
    }

    /// Accepts only plugins that were built against these versions of the API, in addition to the check of semver
    /// compatibility.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).require_versions(">=1.4".parse()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn require_versions(mut self, versions: VersionReq) -> Self {
        self.0.versions = Some(versions);
        self
    }

    /// Accepts plugins although they, or this host, were built with `panic = "abort"`. A panic in code that was built
    /// so ends the process, even inside `catch_unwind`. By default, such plugins are refused with
    /// [`panic-differs`](crate::Code::PanicDiffers).
    #[must_use]
    pub fn allow_panic_abort(mut self) -> Self {
        self.0.allow_panic_abort = true;
        self
    }

    /// Allows plugins to need the shared library with this name, such as `libsqlite3.so.0`. By default, a plugin may
    /// need only libraries that std links or that this process has loaded already. A plugin that needs any other
    /// library is refused with [`not-trusted`](crate::Code::NotTrusted), because that library's initializers run
    /// without a verdict.
    ///
    /// If the plugin searches for the library relative to itself (it was linked with `-Wl,-rpath,$ORIGIN` or
    /// `$ORIGIN/../lib`), the library is checked, and copied with the plugin. Then the host must also allow the libraries
    /// that this library needs. If the plugin searches for it in a folder with an absolute path, it is checked there. If
    /// the system finds the library elsewhere, neither it nor the libraries that it needs are checked. (The system's
    /// loader maps each name once in a process, so all plugins share the first library with this name.)
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).allow_library("libsqlite3.so.0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn allow_library(mut self, name: impl Into<String>) -> Self {
        self.0.allowed_libraries.insert(name.into());
        self
    }

    /// Keeps the private copies of libraries in this folder, which is created if it does not exist.
    ///
    /// By default, they are kept in the first of these places that is suitable: `XDG_RUNTIME_DIR`, the temporary folder,
    /// the user's cache folder, and memory. A place is suitable if only this user and root can replace files in it, if
    /// it is not mounted with `noexec`, and if the copy can be written. With this setting, no other place is tried, and
    /// a load fails with [`LoadError::NoPlace`] if the folder is not suitable.
    ///
    /// Copies are removed when the process exits. If it ends in a different way, a later process removes them after
    /// three days, or sooner if such copies have more than 256 MiB: until then, a debugger can read the core.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).stage_in("/var/lib/edit/copies");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stage_in(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        // The working directory may be another one when the first library is loaded.
        self.0.staging = Staging::In(std::path::absolute(&folder).unwrap_or(folder));
        self
    }

    /// Limits the bytes of all private copies of this process that are in memory: in a tmpfs, or in no folder. A copy is
    /// kept until the process ends, because a library is never unmapped. A place where a copy would be too much is passed
    /// over; without a place, a load fails with [`LoadError::NoPlace`]. Without this method, the limit is 1 GiB.
    ///
    /// Other loaders of the process may have other limits; each counts the copies of all.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).limit_copies_in_memory(64 << 20);
    /// println!("{} bytes are in use", Loader::copies_in_memory());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn limit_copies_in_memory(mut self, bytes: u64) -> Self {
        self.0.most_in_memory = bytes;
        self
    }

    /// Returns the bytes of this process's private copies that are in memory: in a tmpfs, or in no folder.
    #[must_use]
    pub fn copies_in_memory() -> u64 {
        stage::in_memory()
    }

    /// Maps the original files of libraries, without private copies. This is faster, and several processes share the
    /// pages. Use it only for folders to which only an installer writes, because it has these limits:
    ///
    /// - Somebody can replace the file between the verdict and the mapping. (The loader compares the records in memory
    ///   with those that were judged, but not the code.)
    /// - A mapped file must never be written to, only replaced. A write would change the code while it runs, and a
    ///   truncation would end the process.
    /// - Each file can be loaded only once in a process, by any path or link. Each path can be loaded only once too,
    ///   even if it names a different file now, because the system's loader would return the image that it knows. A
    ///   second load fails with [`LoadError::OtherImage`].
    #[must_use]
    pub fn without_staging(mut self) -> Self {
        self.0.staging = Staging::InPlace;
        self
    }

    /// Passes a configuration text to the constructor of the plugin with this name.
    ///
    /// If [`load_dir`](Self::load_dir) finds no plugin of this name in its folder, its report has a [`Warning`], because
    /// the name is probably misspelled.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).configure("abbrev", "teh = the").configure("count", "words");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn configure(mut self, plugin: impl Into<String>, config: impl Into<String>) -> Self {
        self.0.configs.insert(plugin.into(), config.into());
        self
    }

    /// Offers an object of the host to every plugin: [`Context::service`](plugbox::Context::service) finds the object
    /// by its interface. A second object with the same interface replaces the first.
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
        self.0.services.retain(|earlier| !earlier.is_of_the_interface_of(&service));
        self.0.services.push(service);
        self
    }

    /// Gives each plugin its own folder for data, below this path and named after the plugin; see
    /// [`Context::data_dir`](plugbox::Context::data_dir).
    ///
    /// Before the loader constructs the plugin, it creates a missing folder so that only this user may access it. What
    /// some system cannot have as a file name, or cannot tell from another one, is escaped as in `%2F`: parts of `a/b`,
    /// `..`, `con` and `Shout`. Plugins with the same name, in libraries that the host loads one by one, share a folder.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let loader = Loader::new(trust).data_dir("/var/lib/edit");
    /// // A plugin `abbrev` gets the folder `/var/lib/edit/abbrev`.
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.data_dir = Some(path.into());
        self
    }

    /// Accepts plugins of an earlier interface, such as that of an API's previous major version, if the host requests
    /// `New`. The function `adapt` converts a plugin of the earlier interface into an object of the new interface.
    ///
    /// A plugin that fits `New` itself is not adapted. Otherwise, the loader uses the first adapter with an interface
    /// that the plugin fits. [`require_versions`](Self::require_versions) applies to earlier interfaces too.
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
    ///     .adapt::<dyn v1::Plugin, dyn v2::Plugin>(|old| Box::new(Adapted(old)));
    /// let plugins = loader.load_dir::<dyn v2::Plugin>("plugins")?.into_loaded();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn adapt<Old: ?Sized + Interface, New: ?Sized + Interface>(
        mut self,
        adapt: impl Fn(Loaded<Old>) -> Box<New> + Send + Sync + 'static,
    ) -> Self {
        self.0.adapters.add::<Old, New>(adapt);
        self
    }

    /// Loads the only plugin of this interface in a library.
    ///
    /// Each load creates a separate generation with its own statics, even if the same path, a link to it or a copy of
    /// it was loaded before. Each load also has its own verdict, so a file that replaced another one never runs under
    /// the old verdict, and old code never runs under a new verdict. Later changes of the file do not affect a loaded
    /// plugin.
    ///
    /// # Errors
    ///
    /// Returns a [`LoadError`], with all reasons if the library is refused. Returns [`LoadError::Several`] if the
    /// library exports several plugins of this interface.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let shout = Loader::new(trust).load_file::<dyn Plugin>("plugins/libshout.so")?;
    /// println!("{}", shout.name());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_file<I: ?Sized + Interface>(&self, path: impl AsRef<Path>) -> Result<Loaded<I>, LoadError> {
        let path = path.as_ref();
        only(path, self.load(path, true)?)
    }

    /// Loads all plugins of this interface in a library, and returns at least one.
    ///
    /// # Errors
    ///
    /// Returns a [`LoadError`], with all reasons if the library is refused. If one of several constructors fails, no
    /// plugin is returned.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// for plugin in Loader::new(trust).load_library::<dyn Plugin>("plugins/libseveral.so")? {
    ///     println!("{}", plugin.name());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_library<I: ?Sized + Interface>(&self, path: impl AsRef<Path>) -> Result<Vec<Loaded<I>>, LoadError> {
        self.load(path.as_ref(), false)
    }

    /// Loads all plugins of this interface in a directory. Considers every file with the platform's suffix for
    /// libraries, sorted by name, except hidden files (`.#libx.so`), and does not enter sub-directories. A file that fails
    /// never stops the remaining files.
    ///
    /// A directory may contain several builds of the same plugin, for different compilers, targets or versions of the
    /// API. The build that fits and has the highest version is loaded, and the remaining builds are
    /// [passed over](crate::FileOutcome::PassedOver). Two libraries are builds of the same plugin if the names of their
    /// plugins are equal.
    ///
    /// # Errors
    ///
    /// Returns [`LoadError::Io`] if the directory cannot be listed, and [`LoadError::Host`] if this process cannot load
    /// any plugin. All other errors are in the report.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let trust = unsafe { Trust::directory("plugins")? };
    /// let report = Loader::new(trust).load_dir::<dyn Plugin>("plugins")?;
    /// println!("{report}");
    /// let plugins = report.into_loaded();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load_dir<I: ?Sized + Interface>(&self, directory: impl AsRef<Path>) -> Result<Report<I>, LoadError> {
        let directory = directory.as_ref();
        let mut request = Request::new::<I>(&self.0)?;
        let files = discover::libraries(directory).map_err(|source| LoadError::Io {
            path: directory.to_owned(),
            doing: "list the files in it",
            source,
        })?;
        tracing::debug!(directory = %directory.display(), files = files.len(), "discovered");
        let mut warnings = rlibs_alone(directory, files.is_empty());
        let candidates: Vec<_> =
            files.into_iter().map(|path| request.peek(path).map(Peeked::close)).map(candidate).collect();
        warnings.extend(unknown_plugins(&self.0, directory, &select::names(&candidates)));
        let load = |peeked: Peeked| load(peeked, &mut request);
        let selected = select::best_of_each(candidates, load, announce);
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        Ok(Report::new(selected.into_iter().map(FileOutcome::from).collect(), warnings))
    }

    /// Looks at a library, as one of several builds. If it fits, the candidate has the names of its plugins of this
    /// interface.
    pub(crate) fn look<I: ?Sized + Interface>(&self, path: &Path) -> Result<Candidate<Vec<String>>, LoadError> {
        let mut request = Request::new::<I>(&self.0)?;
        let Candidate { path, plugins, looked } = candidate(request.peek(path.to_owned()));
        Ok(Candidate { path, plugins, looked: looked.map(|peeked| peeked.names(&request)) })
    }

    /// Loads the only plugin of this interface and this name in a library, and keeps the image, for further objects. `reached` is
    /// told each phase that begins.
    pub(crate) fn load_image<I: ?Sized + Interface>(
        &self,
        path: &Path,
        plugin: Option<&str>,
        reached: impl Fn(ReloadPhase),
    ) -> Result<(Loaded<I>, Bound), LoadError> {
        reached(ReloadPhase::Look);
        let mut request = Request::new::<I>(&self.0)?.of_plugin(plugin);
        let peeked = request.peek(path.to_owned()).map_err(|rejected| rejected.error)?.only_one(&request)?;
        reached(ReloadPhase::Stage);
        let staged = peeked.stage(&request)?;
        reached(ReloadPhase::Verdict);
        let judged = staged.judge(&mut request)?;
        reached(ReloadPhase::Map);
        let mapped = judged.map(&request)?;
        reached(ReloadPhase::Bind);
        let bound = mapped.bind()?;
        reached(ReloadPhase::Construct);
        let loaded = only(path, bound.construct(&request)?)?;
        Ok((loaded, bound))
    }

    /// Constructs a further object from an image that [`load_image`](Self::load_image) has returned.
    pub(crate) fn construct_again<I: ?Sized + Interface>(&self, image: &Bound) -> Result<Loaded<I>, LoadError> {
        only(&image.library.path, image.construct(&Request::new::<I>(&self.0)?)?)
    }

    fn load<I: ?Sized + Interface>(&self, path: &Path, single: bool) -> Result<Vec<Loaded<I>>, LoadError> {
        let load = || {
            let mut request = Request::new::<I>(&self.0)?;
            let peeked = request.peek(path.to_owned()).map_err(|rejected| rejected.error)?;
            load(if single { peeked.only_one(&request)? } else { peeked }, &mut request)
        };
        let outcome = load();
        announce(path, &outcome);
        outcome
    }
}

/// The only plugin of a library.
fn only<I: ?Sized>(path: &Path, mut loaded: Vec<Loaded<I>>) -> Result<Loaded<I>, LoadError> {
    match loaded.len() {
        1 => Ok(loaded.remove(0)),
        // The first look found one plugin, so the file was replaced since.
        _ => {
            let plugins = loaded.iter().map(|plugin| Loaded::info(plugin).name.clone()).collect();
            Err(LoadError::Several { path: path.to_owned(), plugins })
        }
    }
}

/// A library after the first look, as one of several builds.
fn candidate(looked: Result<Peeked, Rejected>) -> Candidate<Peeked> {
    match looked {
        Ok(peeked) => {
            Candidate { path: peeked.path().to_owned(), plugins: peeked.plugins().to_vec(), looked: Ok(peeked) }
        }
        Err(Rejected { path, plugins, error }) => Candidate { path, plugins, looked: Err(error) },
    }
}

/// Passes a library through all stations after the first look.
fn load<I: ?Sized + Interface>(peeked: Peeked, request: &mut Request<'_>) -> Result<Vec<Loaded<I>>, LoadError> {
    peeked.stage(request)?.judge(request)?.map(request)?.bind()?.construct(request)
}

/// A warning if a folder without libraries has Rust libraries.
fn rlibs_alone(directory: &Path, no_libraries: bool) -> Vec<Warning> {
    let files = if no_libraries { discover::rlibs(directory) } else { Vec::new() };
    if files.is_empty() { Vec::new() } else { vec![Warning::OnlyRlibs { folder: directory.to_owned(), files }] }
}

/// Logs the outcome for a library.
fn announce<I: ?Sized>(path: &Path, outcome: &Result<Vec<Loaded<I>>, LoadError>) {
    match outcome {
        Ok(plugins) => tracing::info!(path = %path.display(), plugins = plugins.len(), "loaded"),
        Err(error) if error.is_foreign() => tracing::debug!(path = %path.display(), "not a plugin"),
        Err(error) => tracing::warn!("{error}"),
    }
}

//! The loader: takes a plugin through all its steps.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugbox::Interface;
use semver::VersionReq;

use super::adapter::Adapters;
use super::pipeline::{Peeked, Request};
use super::report::Report;
use super::select;
use super::service::Service;
use super::settings::Settings;
use crate::discover;
use crate::errors::LoadError;
use crate::loaded::Loaded;
use crate::trust::Trust;

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
pub struct Loader(Settings);

impl Loader {
    /// A loader of what `trust` vouches for.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self(Settings {
            trust,
            versions: None,
            allow_panic_abort: false,
            in_place: false,
            allowed_libraries: BTreeSet::new(),
            configs: HashMap::new(),
            services: Vec::new(),
            data_dir: None,
            adapters: Adapters::default(),
        })
    }

    /// Takes only plugins that were built against these versions of the API, on top of what semver calls compatible.
    #[must_use]
    pub fn require_versions(mut self, versions: VersionReq) -> Self {
        self.0.versions = Some(versions);
        self
    }

    /// Takes plugins although they, or this host, were built with `panic = "abort"`: a panic of the one that was ends
    /// the process, wherever it is caught. By default such plugins are refused with
    /// [`panic-differs`](crate::Code::PanicDiffers).
    #[must_use]
    pub fn allow_panic_abort(mut self) -> Self {
        self.0.allow_panic_abort = true;
        self
    }

    /// Lets plugins need a shared library of this name, such as `libsqlite3.so.0`, and whatever that one needs itself. By
    /// default a plugin may need only what std links and what this process has loaded already; others are refused with
    /// [`not-trusted`](crate::Code::NotTrusted), because their initializers run with no verdict.
    ///
    /// A library of this name that lies beside the plugin is copied with it, so that a plugin that was linked with
    /// `-Wl,-rpath,$ORIGIN` finds it. (The system's loader maps each name once in a process: the first one serves all.)
    #[must_use]
    pub fn allow_library(mut self, name: impl Into<String>) -> Self {
        self.0.allowed_libraries.insert(name.into());
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
    pub fn without_staging(mut self) -> Self {
        self.0.in_place = true;
        self
    }

    /// Gives a configuration text to the constructor of the plugin of this name.
    #[must_use]
    pub fn configure(mut self, plugin: impl Into<String>, config: impl Into<String>) -> Self {
        self.0.configs.insert(plugin.into(), config.into());
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
        self.0.services.retain(|earlier| !earlier.is_of_the_interface_of(&service));
        self.0.services.push(service);
        self
    }

    /// Gives each plugin a folder of its own for its data, below this one and named after the plugin; see
    /// [`Context::data_dir`](plugbox::Context::data_dir). It is made before the plugin is constructed, and only this user
    /// may enter it. Where a plugin's name is no name of a file, such as `a/b` or `..`, bytes are written as `%2F`.
    /// Plugins of one name, in libraries that the host loads one by one, share theirs.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.data_dir = Some(path.into());
        self
    }

    /// Takes plugins of an earlier interface, such as that of an API's last major version, where `New` is asked for: the
    /// adapter makes what the host calls of what the plugin is.
    ///
    /// A plugin that fits `New` itself is not adapted. Otherwise the first adapter whose interface it fits takes it. A
    /// version that [`require_versions`](Self::require_versions) leaves out stays left out.
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
                let plugins = loaded.iter().map(|plugin| Loaded::info(plugin).name.clone()).collect();
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
    /// one that fits and has the highest version is loaded, and the others are [passed over](crate::FileOutcome::PassedOver).
    /// Builds are of the same plugin when the names of their plugins are the same.
    ///
    /// # Errors
    ///
    /// [`LoadError::Io`] where the directory cannot be listed, [`LoadError::Host`] where this process can load nothing;
    /// everything else stands in the report.
    pub fn load_dir<I: ?Sized + Interface>(&self, directory: impl AsRef<Path>) -> Result<Report<I>, LoadError> {
        let directory = directory.as_ref();
        let mut request = Request::new::<I>(&self.0)?;
        let files = discover::libraries(directory).map_err(|source| LoadError::Io {
            path: directory.to_owned(),
            doing: "list its files",
            source,
        })?;
        tracing::debug!(directory = %directory.display(), files = files.len(), "discovered");
        let candidates = files.into_iter().map(|path| request.peek(path).map(Peeked::close)).collect();
        let load = |peeked: Peeked| load(peeked, &mut request);
        Ok(Report::new(select::best_of_each(candidates, load, announce)))
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

/// Takes a library through all stations after the first look.
fn load<I: ?Sized + Interface>(peeked: Peeked, request: &mut Request<'_>) -> Result<Vec<Loaded<I>>, LoadError> {
    peeked.stage(request)?.judge(request)?.map(request)?.bind()?.construct(request)
}

/// Logs what became of a library.
fn announce<I: ?Sized>(path: &Path, outcome: &Result<Vec<Loaded<I>>, LoadError>) {
    match outcome {
        Ok(plugins) => tracing::info!(path = %path.display(), plugins = plugins.len(), "loaded"),
        Err(error) if error.is_foreign() => tracing::debug!(path = %path.display(), "no plugin"),
        Err(error) => tracing::warn!("{error}"),
    }
}

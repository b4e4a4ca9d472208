//! The handle of the plugins of a folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::builder::LiveBuilder;
use super::event::Events;
use super::live::Live;
use super::open_error::OpenError;
use super::set::Set;
use super::store::LiveInterface;
use super::watcher::{Watchable, Watcher};
use crate::errors::ReloadError;
use crate::loader::Loader;
use crate::watch::{Wakes, Watched};

/// The plugins of a folder, each of which reloads while it serves: plugins appear, reload and go with their files.
///
/// [`Loader::live_dir`](crate::Loader::live_dir) makes it. Each plugin is a [`Live`]. Of several builds of a plugin, the
/// best serves, as with [`Loader::load_dir`](crate::Loader::load_dir): a better one that comes takes over the state of
/// the one before. If the file of a plugin is gone, the next best build serves; if there is none, the plugin leaves the
/// set, and whoever still has its `Live` is served by the last generation.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// use plugbox_loader::{Loader, Trust};
/// // SAFETY: only we write to this directory (see `Trust::directory`).
/// let loader = Loader::new(unsafe { Trust::directory("plugins")? });
/// let plugins = loader.live_dir::<dyn Plugin>("plugins").watch()?;
/// for plugin in plugins.plugins() {
///     println!("{}", plugin.pin().name());
/// }
/// for event in plugins.events() {
///     println!("{event}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LiveDir<I: ?Sized + LiveInterface>(Arc<Set<I>>);

impl<I: ?Sized + LiveInterface> LiveDir<I> {
    /// The plugins that are there now, sorted by name.
    #[must_use]
    pub fn plugins(&self) -> Vec<Live<I>> {
        self.0.plugins()
    }

    /// The plugin with this name, if it is there now.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Live<I>> {
        self.plugins().into_iter().find(|plugin| plugin.info().name == name)
    }

    /// The folder, by the path that the host passed.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.0.settings.path()
    }

    /// Looks at the folder and its files, and loads on this thread what has changed, and is whole and settled; see
    /// [`Live::poll`]. What happens is an event.
    pub fn poll(&self) {
        self.0.poll();
    }

    /// Pauses the watcher: until [`resume`](Self::resume), neither [`poll`](Self::poll) nor the thread that watches
    /// changes anything.
    pub fn pause(&self) {
        self.0.is_paused.store(true, Ordering::Relaxed);
    }

    /// Ends the pause of [`pause`](Self::pause). What has changed meanwhile is loaded.
    pub fn resume(&self) {
        self.0.is_paused.store(false, Ordering::Relaxed);
        self.0.wakes.iter().for_each(|wakes| wakes.wake());
    }

    /// Subscribes to what happens to all plugins of the folder.
    #[must_use]
    pub fn events(&self) -> Events {
        self.0.hub.subscribe()
    }
}

impl Loader {
    /// Loads all plugins of this interface in a folder, and keeps them up to date: plugins appear, reload and go with
    /// their files.
    ///
    /// Of several builds of a plugin, the best serves, as with [`load_dir`](Self::load_dir). If a library has several
    /// plugins of the interface, each of them reloads for itself, as a generation of its own.
    pub fn live_dir<I: ?Sized + LiveInterface>(&self, folder: impl Into<PathBuf>) -> LiveBuilder<I, LiveDir<I>> {
        self.builder(folder.into())
    }
}

impl<I: ?Sized + LiveInterface> LiveBuilder<I, LiveDir<I>> {
    /// Considers only the libraries for which `count` returns true. Cargo's target folder, for example, has those of all
    /// packages.
    pub fn files(mut self, count: impl Fn(&Path) -> bool + Send + Sync + 'static) -> Self {
        self.settings_mut().files = Some(Arc::new(count));
        self
    }

    /// Loads the plugins. No thread of plugbox's is started: the host calls [`LiveDir::poll`].
    ///
    /// A file that cannot be loaded is an [event](LiveDir::events), and stops no other file.
    ///
    /// # Errors
    ///
    /// Returns a [`ReloadError`] if the folder cannot be listed, or if this process cannot load any plugin.
    pub fn open(self) -> Result<LiveDir<I>, ReloadError> {
        Ok(LiveDir(Arc::new(Set::open(self.into_settings(), None)?)))
    }

    /// Loads the plugins, and starts a thread that watches the folder. The thread ends when the last clone of the
    /// `LiveDir` is dropped.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the folder cannot be listed or watched, or if this process cannot load any plugin.
    pub fn watch(self) -> Result<LiveDir<I>, OpenError>
    where
        I::Access: Watchable<I>,
    {
        let settings = self.into_settings();
        let wakes = Wakes::new(Watched::Folder(settings.path()), settings.means).map_err(OpenError::Watch)?;
        let wakes = Arc::new(wakes);
        let set = Arc::new(Set::open(settings, Some(wakes.clone())).map_err(OpenError::Load)?);
        I::Access::start_dir(Watcher::new(&set, wakes)).map_err(OpenError::Thread)?;
        Ok(LiveDir(set))
    }
}

impl<I: ?Sized + LiveInterface> Clone for LiveDir<I> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<I: ?Sized + LiveInterface> fmt::Debug for LiveDir<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveDir").field("folder", &self.folder()).field("plugins", &self.plugins()).finish()
    }
}

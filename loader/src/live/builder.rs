//! The settings of a `Live`, before it is opened.

use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::event::Hub;
use super::inner::{Inner, Settings};
use super::live::Live;
use super::open_error::OpenError;
use super::probation::Probation;
use super::store::LiveInterface;
use super::watcher::{Watchable, Watcher};
use crate::errors::ReloadError;
use crate::loader::Loader;
use crate::watch::{Means, Wakes, Watched};

/// The settings of a [`Live`]; [`Loader::live`] makes it.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// use std::time::Duration;
/// use plugbox_loader::{Loader, Probation, Trust};
/// # // SAFETY: only we write to this directory (see `Trust::directory`).
/// # let loader = Loader::new(unsafe { Trust::directory("plugins")? });
/// let live = loader
///     .live::<dyn Plugin>("plugins/libshout.so")
///     .health(|plugin| if plugin.name().is_empty() { Err("it has no name".to_owned()) } else { Ok(()) })
///     .probation(Probation::new(100, Duration::from_secs(10)))
///     .open()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a `Live` is made by `open`"]
pub struct LiveBuilder<I: ?Sized + LiveInterface, Made = Live<I>>(Settings<I>, PhantomData<fn() -> Made>);

/// How long a reload waits for running calls, by default.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long a file must stand still, by default.
const QUIET: Duration = Duration::from_millis(100);

/// A century. Longer times count as this one, because the system's clock has an end.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Loader {
    /// Loads the only plugin of this interface in a library, and reloads it when the library changes.
    pub fn live<I: ?Sized + LiveInterface>(&self, path: impl Into<PathBuf>) -> LiveBuilder<I> {
        self.builder(path.into())
    }

    pub(super) fn builder<I: ?Sized + LiveInterface, Made>(&self, path: PathBuf) -> LiveBuilder<I, Made> {
        let settings = Settings {
            loader: self.clone(),
            path: Mutex::new(path),
            plugin: None,
            deadline: DEADLINE,
            health: None,
            probation: None,
            quiet: QUIET,
            means: Means::Events,
            files: None,
        };
        LiveBuilder(settings, PhantomData)
    }
}

impl<I: ?Sized + LiveInterface, Made> LiveBuilder<I, Made> {
    /// Sets how long the calls of an old generation may run. By default, it is five seconds.
    ///
    /// A reload that hands over the state fails if they run longer, with [`ReloadError::Drain`], because new calls wait
    /// meanwhile. After any other reload, an old generation that is held for longer is reported with
    /// [`LiveEvent::Late`](crate::LiveEvent::Late). Nothing is ever taken from a caller.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.deadline = deadline.min(LONGEST);
        self
    }

    /// Sets a check that each generation must pass before it serves, after it has taken over the state. It gets the new
    /// plugin; calls through the `Live` itself may be waiting for the check.
    pub fn health(mut self, check: impl Fn(&I) -> Result<(), String> + Send + Sync + 'static) -> Self {
        self.0.health = Some(Arc::new(check));
        self
    }

    /// Puts each new generation on probation: if it panics soon, the one before it serves again.
    pub fn probation(mut self, probation: Probation) -> Self {
        self.0.probation = Some(probation);
        self
    }

    /// Sets how long a changed file must stand still before it is loaded. By default, it is 100 ms; the least is 20 ms.
    ///
    /// The file must also be whole, and nobody may have it open for writing. If that does not come within twenty times
    /// this time, the file is tried all the same, and its verdict says what is missing.
    pub fn quiet(mut self, quiet: Duration) -> Self {
        self.0.quiet = quiet.min(LONGEST);
        self
    }

    /// Looks at the file again and again, after this time, instead of waiting for the system's events. Use it where
    /// there are no events, such as for changes that another machine makes on a network file system. Only for
    /// [`watch`](Self::watch).
    pub fn polling(mut self, interval: Duration) -> Self {
        self.0.means = Means::Polling(interval.min(LONGEST));
        self
    }

    pub(super) fn settings_mut(&mut self) -> &mut Settings<I> {
        &mut self.0
    }

    pub(super) fn into_settings(self) -> Settings<I> {
        self.0
    }
}

impl<I: ?Sized + LiveInterface> LiveBuilder<I> {
    /// Loads the plugin. No thread of plugbox's is started: the host calls [`Live::poll`] or [`Live::reload`].
    ///
    /// # Errors
    ///
    /// Returns a [`ReloadError`] with the phase that failed and all reasons.
    pub fn open(self) -> Result<Live<I>, ReloadError> {
        Ok(Live(opened(self.0, None)?))
    }

    /// Loads the plugin, and starts a thread that reloads it when the file changes. The thread ends when the last clone
    /// of the `Live` is dropped; a reload that it has begun then ends first.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] if the plugin cannot be loaded, or if the file cannot be watched.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
    /// # use plugbox_loader::{Loader, Trust};
    /// # // SAFETY: only we write to this directory (see `Trust::directory`).
    /// # let loader = Loader::new(unsafe { Trust::directory("plugins")? });
    /// let shout = loader.live::<dyn Plugin>("plugins/libshout.so").watch()?;
    /// for event in shout.events() {
    ///     println!("{event}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch(self) -> Result<Live<I>, OpenError>
    where
        I::Access: Watchable<I>,
    {
        let wakes = Wakes::new(Watched::File(self.0.path()), self.0.means).map_err(OpenError::Watch)?;
        let wakes = Arc::new(wakes);
        let inner = opened(self.0, Some(wakes.clone())).map_err(OpenError::Load)?;
        I::Access::start(Watcher::new(&inner, wakes)).map_err(OpenError::Thread)?;
        Ok(Live(inner))
    }
}

fn opened<I: ?Sized + LiveInterface>(
    settings: Settings<I>,
    wakes: Option<Arc<Wakes>>,
) -> Result<Arc<Inner<I>>, ReloadError> {
    let (inner, events) = Inner::open(settings, Hub::new(), wakes)?;
    events.into_iter().for_each(|event| inner.hub.emit(event));
    Ok(Arc::new(inner))
}

impl<I: ?Sized + LiveInterface, Made> fmt::Debug for LiveBuilder<I, Made> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { path, deadline, probation, .. } = &self.0;
        let mut shown = f.debug_struct("LiveBuilder");
        shown.field("path", path).field("deadline", deadline).field("probation", probation).finish_non_exhaustive()
    }
}

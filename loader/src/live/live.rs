//! The handle of a plugin that reloads.

use std::fmt;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::event::{Events, Reloaded};
use super::exclusive::LiveLock;
use super::inner::Inner;
use super::shared::LivePin;
use super::store::{LiveInterface, Locked, Pinned, Slot};
use crate::errors::ReloadError;
use crate::loaded::{CallError, Loaded};
use crate::panic::PluginInfo;

/// A plugin that reloads while it serves: the handle always serves the newest good generation of a file.
///
/// [`Loader::live`](crate::Loader::live) makes it. Clones share the plugin. It is `Send` and `Sync` as the trait object
/// allows.
///
/// How the plugin is called depends on its interface, which the compiler knows:
///
/// | the interface, with its supertraits, has | |
/// | --- | --- |
/// | only `&self` methods | [`pin`](Self::pin), any number at once, and [`call`](Self::call) |
/// | also `&mut self` methods | [`lock`](Self::lock), one at a time, [`call`](Self::call) and [`call_mut`](Self::call_mut) |
///
/// # A reload is a transaction
///
/// The file is staged, judged, mapped and bound, and the plugin is constructed, while the old generation serves. Then
/// the state is handed over if both generations are exported as [`dyn plugbox::State`](plugbox::State), the host's
/// health check runs, and one atomic swap makes the new generation serve. A failure or a panic in any phase leaves the
/// old generation serving, with its state.
///
/// The object of an old generation is dropped when nobody holds it, and never in somebody's call: on the thread that
/// reloads, [polls](Self::poll), [sweeps](Self::sweep) or watches, or that drops the last clone.
/// [`LiveEvent::Dropped`](crate::LiveEvent::Dropped) says how long that took. Its library stays mapped.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// use plugbox_loader::{Loader, Trust};
/// // SAFETY: only we write to this directory (see `Trust::directory`).
/// let loader = Loader::new(unsafe { Trust::directory("plugins")? });
/// let shout = loader.live::<dyn Plugin>("plugins/libshout.so").open()?;
/// println!("{}", shout.pin().name());
/// // After a new build:
/// match shout.reload() {
///     Ok(reloaded) => println!("{reloaded}"),
///     Err(error) => eprintln!("the old one serves: {error}"),
/// }
/// println!("{}", shout.pin().name());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Live<I: ?Sized + LiveInterface>(pub(super) Arc<Inner<I>>);

impl<I: ?Sized + LiveInterface> Live<I> {
    /// The facts about the plugin that serves now.
    #[must_use]
    pub fn info(&self) -> PluginInfo {
        self.0.slot.gate().facts().info.clone()
    }

    /// The file, by the path that the host passed. In a [`LiveDir`](crate::LiveDir), another file may have a better build
    /// later.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.settings.path()
    }

    /// Pins the generation that serves, for one call or a few that belong together. Only for interfaces without
    /// `&mut self` methods, because beside a `&mut dyn Trait` there may be no `&dyn Trait` of the same object.
    ///
    /// While a reload hands over the state, this waits.
    ///
    /// # Panics
    ///
    /// Panics inside a handover of the same plugin on this thread, such as in its `save`, because it would wait for
    /// itself.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
    /// # fn show(live: &plugbox_loader::Live<dyn Plugin>) {
    /// println!("{}", live.pin().name());
    /// # }
    /// ```
    ///
    /// An interface with `&mut self` methods cannot be pinned:
    ///
    /// ```compile_fail,E0277
    /// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; fn rename(&mut self); }
    /// # fn show(live: &plugbox_loader::Live<dyn Plugin>) {
    /// println!("{}", live.pin().name());
    /// # }
    /// ```
    #[inline]
    #[track_caller]
    pub fn pin(&self) -> LivePin<'_, I>
    where
        I::Access: Pinned,
    {
        I::Access::pin(&self.0.slot, Location::caller())
    }

    /// Locks the plugin that serves. Only for interfaces with `&mut self` methods.
    ///
    /// Waits for other locks, and while a reload hands over the state.
    ///
    /// # Panics
    ///
    /// Panics if this thread has a lock of the same plugin, or hands its state over: it would wait for itself.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send { fn count(&mut self) -> u64; }
    /// # fn show(live: &plugbox_loader::Live<dyn Plugin>) {
    /// println!("{}", live.lock().count());
    /// # }
    /// ```
    #[track_caller]
    pub fn lock(&self) -> LiveLock<'_, I>
    where
        I::Access: Locked,
    {
        I::Access::lock(&self.0.slot, Location::caller())
    }

    /// Calls the plugin that serves, and turns its panic into an error, like [`Loaded::call`]. The panic poisons the
    /// generation; a reload ends that.
    ///
    /// # Errors
    ///
    /// Returns a [`CallError`] with the panic of this call, or of the earlier call that poisoned the generation.
    ///
    /// # Panics
    ///
    /// Panics in the cases of [`pin`](Self::pin) or [`lock`](Self::lock). A panic that is not this plugin's continues.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
    /// # fn show(live: &plugbox_loader::Live<dyn Plugin>) {
    /// match live.call(|plugin| plugin.name()) {
    ///     Ok(name) => println!("{name}"),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// # }
    /// ```
    #[track_caller]
    pub fn call<R>(&self, call: impl FnOnce(&I) -> R) -> Result<R, CallError> {
        self.0.slot.visit(Location::caller(), |serving| Loaded::call(&serving.plugin, call))
    }

    /// Calls the plugin like [`call`](Self::call), for `&mut self` methods.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`call`](Self::call).
    ///
    /// # Panics
    ///
    /// Panics in the cases of [`lock`](Self::lock). A panic that is not this plugin's continues.
    #[track_caller]
    pub fn call_mut<R>(&self, call: impl FnOnce(&mut I) -> R) -> Result<R, CallError>
    where
        I::Access: Locked,
    {
        let mut lock = I::Access::lock(&self.0.slot, Location::caller());
        Loaded::call_mut(&mut lock.serving_mut().plugin, call)
    }

    /// Loads the file, and makes it serve, on this thread. Calls are served meanwhile.
    ///
    /// # Errors
    ///
    /// Returns a [`ReloadError`] with the phase that failed and all reasons. The old generation serves then.
    /// [`ReloadError::Held`] and [`ReloadError::Nested`] say that this thread cannot reload now.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
    /// # fn show(live: &plugbox_loader::Live<dyn Plugin>) {
    /// if let Err(error) = live.reload() {
    ///     eprintln!("{error}");
    /// }
    /// # }
    /// ```
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        self.0.reload()
    }

    /// Makes the last good generation before this one serve again: a new object of its library, which takes over the
    /// state of the generation that serves now.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`reload`](Self::reload), and [`ReloadError::NothingEarlier`] if there was none.
    pub fn rollback(&self) -> Result<Reloaded, ReloadError> {
        self.0.rollback()
    }

    /// Looks at the file, and reloads it on this thread if it has changed, and is whole and settled. As long as it has
    /// not changed, this costs one system call. For hosts with a loop of their own that do not want a thread of
    /// plugbox's; with [`LiveBuilder::watch`](crate::LiveBuilder::watch) nobody needs it.
    ///
    /// Also does what [`sweep`](Self::sweep) does. A file whose bytes have failed is not tried again. If the reason was
    /// not the file's and may pass, such as calls that did not finish in time, it is tried again later.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`reload`](Self::reload). [`ReloadError::Held`] leaves the file for the next call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin: Send { fn draw(&mut self); }
    /// # fn run(live: &plugbox_loader::Live<dyn Plugin>) {
    /// loop {
    ///     if let Err(error) = live.poll() {
    ///         eprintln!("{error}");
    ///     }
    ///     live.lock().draw();
    /// }
    /// # }
    /// ```
    pub fn poll(&self) -> Result<Option<Reloaded>, ReloadError> {
        self.0.poll().1.transpose()
    }

    /// Pauses the watcher: until [`resume`](Self::resume), neither [`poll`](Self::poll) nor the thread that watches
    /// reloads the plugin. A reload that runs is not affected, and [`reload`](Self::reload) works.
    pub fn pause(&self) {
        self.0.is_paused.store(true, Ordering::Relaxed);
    }

    /// Ends the pause of [`pause`](Self::pause). A file that has changed meanwhile is reloaded.
    pub fn resume(&self) {
        self.0.is_paused.store(false, Ordering::Relaxed);
        self.0.wake();
    }

    /// Drops the objects of old generations that nobody holds, on this thread, and reports those that are held for
    /// longer than the deadline.
    pub fn sweep(&self) {
        self.0.sweep();
    }

    /// Subscribes to what happens to this plugin.
    #[must_use]
    pub fn events(&self) -> Events {
        self.0.hub.subscribe()
    }
}

impl<I: ?Sized + LiveInterface> Clone for Live<I> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<I: ?Sized + LiveInterface> fmt::Debug for Live<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("path", &self.path()).field("serves", &self.info()).finish_non_exhaustive()
    }
}

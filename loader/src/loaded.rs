//! A loaded plugin, as a host holds it.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;

use semver::Version;

use crate::call::{CallError, Poison};
use crate::generation::Generation;
use crate::panic::PluginPanic;

/// A plugin that is loaded: it derefs to its trait, and owns its library.
///
/// It is `'static`, and `Send` or `Sync` exactly when the trait object is. The library stays mapped when the last
/// handle is gone.
///
/// # Panics
///
/// A panic of the plugin in one of the trait's methods is raised again in the host, with a [`PluginPanic`] as its
/// payload; [`call`](Self::call) makes it an error instead. A panic of the plugin's `Drop` is reported as a `tracing`
/// event of level `ERROR`.
pub struct Loaded<I: ?Sized> {
    // The object's code and its vtable lie in the library: fields are dropped in this order.
    object: Box<I>,
    generation: &'static Generation,
    info: PluginInfo,
    poison: Poison,
}

/// What is known of a loaded plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginInfo {
    /// The plugin's name.
    pub name: String,
    /// The package's version.
    pub version: Version,
    /// The package's description; may be empty.
    pub description: String,
    /// The package's authors; may be empty.
    pub authors: Vec<String>,
    /// The package's licence; may be empty.
    pub licence: String,
    /// The interface that it was loaded as, and the version that it was built against.
    pub interface: (String, Version),
    /// The compiler that built it, in the words of `rustc -V`.
    pub rustc: String,
    /// The library.
    pub path: PathBuf,
    /// The library's size, in bytes.
    pub size: u64,
    /// How long loading took: from opening the file until its constructor had returned.
    pub load_time: Duration,
}

impl<I: ?Sized> Loaded<I> {
    pub(crate) fn new(object: Box<I>, generation: &'static Generation, info: PluginInfo) -> Self {
        Self { object, generation, info, poison: Poison::default() }
    }

    /// What is known of the plugin.
    #[must_use]
    pub fn info(&self) -> &PluginInfo {
        &self.info
    }

    /// The number of the plugin's generation: each library that this process has mapped has another.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.number
    }

    /// Calls the plugin, with its panic as an error. After a panic the plugin is *poisoned*, as a `Mutex` would be: what
    /// it holds may be half changed, so further calls are refused until [`clear_poison`](Self::clear_poison).
    ///
    /// Only `call` and [`call_mut`](Self::call_mut) see and set this; a direct call of a method costs nothing more than
    /// the method, and raises the panic.
    ///
    /// # Errors
    ///
    /// [`CallError`], which holds the plugin's panic.
    ///
    /// # Panics
    ///
    /// A panic that is not this plugin's (of the closure itself, of the host's objects that the plugin calls, of another
    /// plugin) passes on.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// # fn call(plugin: &plugbox_loader::Loaded<dyn Plugin>) {
    /// match plugin.call(|plugin| plugin.name()) {
    ///     Ok(name) => println!("{name}"),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// # }
    /// ```
    pub fn call<R>(&self, call: impl FnOnce(&I) -> R) -> Result<R, CallError> {
        self.refuse_if_poisoned()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&self.object)));
        outcome.map_err(|payload| self.caught(payload))
    }

    /// The same as [`call`](Self::call), for `&mut self` methods.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    ///
    /// # Panics
    ///
    /// As for [`call`](Self::call).
    pub fn call_mut<R>(&mut self, call: impl FnOnce(&mut I) -> R) -> Result<R, CallError> {
        self.refuse_if_poisoned()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&mut self.object)));
        outcome.map_err(|payload| self.caught(payload))
    }

    /// The panic that poisoned the plugin: the first that [`call`](Self::call) saw.
    #[must_use]
    pub fn poison(&self) -> Option<PluginPanic> {
        self.poison.get().map(|panic| *panic)
    }

    /// Lets [`call`](Self::call) call again: the host knows that the plugin is still of use, or has mended it.
    pub fn clear_poison(&self) {
        self.poison.clear();
    }

    fn refuse_if_poisoned(&self) -> Result<(), CallError> {
        self.poison.get().map_or(Ok(()), |panic| Err(CallError::Poisoned(panic)))
    }

    /// A panic that left the plugin; one that is not its own passes on.
    fn caught(&self, payload: Box<dyn Any + Send>) -> CallError {
        match payload.downcast::<PluginPanic>() {
            Ok(panic) if self.raised(&panic) => {
                self.poison.set(&panic);
                CallError::Panicked(panic)
            }
            Ok(other) => resume_unwind(other),
            Err(payload) => resume_unwind(payload),
        }
    }

    fn raised(&self, panic: &PluginPanic) -> bool {
        // An object that the library lends does not say which of its plugins lent it.
        panic.generation == self.generation.number && (panic.version.is_none() || panic.plugin == self.info.name)
    }
}

impl<I: ?Sized> Deref for Loaded<I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.object
    }
}

impl<I: ?Sized> DerefMut for Loaded<I> {
    fn deref_mut(&mut self) -> &mut I {
        &mut self.object
    }
}

impl<I: ?Sized> fmt::Debug for Loaded<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("name", &self.info.name)
            .field("version", &self.info.version)
            .field("generation", &self.generation.number)
            .finish_non_exhaustive()
    }
}

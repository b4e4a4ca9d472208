//! A loaded plugin, as a host holds it.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use plugbox::__private::{BUILD, View};
use plugbox::Interface;
use semver::Version;

use super::call::{CallError, Poison};
use crate::manifest::{Exported, InterfaceVersion, Manifest, RecordCache};
use crate::map::{EntryTable, Generation};
use crate::panic::{Origin, PluginInfo, PluginPanic};
use crate::verdict::fits;

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
    /// None where the plugin is linked into the host.
    generation: Option<Arc<Generation>>,
    /// None where the object is the host's own, around the plugin's.
    faces: Option<Faces>,
    info: PluginInfo,
    poison: Poison,
}

/// The interfaces that a plugin's object has.
pub(crate) struct Faces {
    pub(crate) entry: EntryTable,
    pub(crate) exported: Vec<Exported>,
}

impl Faces {
    fn view<I: ?Sized + Interface>(&self) -> Option<View<I>> {
        let ours = RecordCache::of_this_process().exported::<I>();
        let theirs = self.exported.iter().find(|theirs| fits(&ours, theirs))?;
        self.entry.view::<I>(theirs)
    }
}

impl<I: ?Sized> Loaded<I> {
    pub(crate) fn new(
        object: Box<I>,
        generation: Option<Arc<Generation>>,
        faces: Option<Faces>,
        info: PluginInfo,
    ) -> Self {
        Self { object, generation, faces, info, poison: Poison::default() }
    }

    /// A plugin that is linked into the host, to stand in one list with those that are loaded.
    ///
    /// Its crate is an ordinary library, and `export!` is in another one beside it, of type `cdylib`: a host that links
    /// `export!` would have its allocator.
    ///
    /// There is no boundary, so nothing is checked, and nothing can be refused. A panic is an ordinary one; only
    /// [`call`](Self::call) makes a [`PluginPanic`] of it, which knows no method and no place, and is taken for the
    /// plugin's whatever host code the call has run. [`get`](Self::get) finds no other interface.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// # struct Shout;
    /// # impl Plugin for Shout { fn name(&self) -> String { "shout".to_owned() } }
    /// use plugbox_loader::{Loaded, Origin};
    /// let mut plugins: Vec<Loaded<dyn Plugin>> = Vec::new();
    /// plugins.push(Loaded::linked("shout", semver::Version::new(1, 0, 0), Box::new(Shout)));
    /// assert_eq!(plugins[0].name(), "shout");
    /// assert_eq!(Loaded::info(&plugins[0]).origin, Origin::Linked);
    /// ```
    #[must_use]
    pub fn linked(name: impl Into<String>, version: Version, object: Box<I>) -> Self
    where
        I: Interface,
    {
        let own = RecordCache::of_this_process().exported::<I>();
        let rustc =
            Manifest::of_memory(&[BUILD]).ok().and_then(|host| host.builds.first().map(|build| build.rustc.clone()));
        let info = PluginInfo {
            name: name.into(),
            version,
            description: String::new(),
            authors: Vec::new(),
            license: String::new(),
            interface: InterfaceVersion::new(&own.name, &own.version),
            rustc: rustc.unwrap_or_default(),
            origin: Origin::Linked,
            pinned: false,
            size: 0,
            load_time: Duration::ZERO,
        };
        Self::new(object, None, None, info)
    }

    /// The plugin inside an object of the host's.
    pub(crate) fn adapted<New: ?Sized>(this: Self, adapt: impl Fn(Self) -> Box<New>) -> Loaded<New> {
        let (generation, info) = (this.generation.clone(), this.info.clone());
        Loaded::new(adapt(this), generation, None, info)
    }

    /// What is known of the plugin.
    #[must_use]
    pub fn info(this: &Self) -> &PluginInfo {
        &this.info
    }

    /// The same object as another interface that the plugin is exported as: an API grows by further interfaces, and a
    /// host asks for them.
    ///
    /// `None` where the plugin does not have exactly this interface: its name, its fingerprint, and a version that is
    /// compatible with the host's, as in the verdict. Also where it came through an [adapter](crate::Loader::adapt):
    /// then the object is the host's.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// # #[plugbox::interface] pub trait Commands { fn commands(&self) -> Vec<String>; }
    /// # use plugbox_loader::Loaded;
    /// # fn call(plugin: &Loaded<dyn Plugin>) {
    /// if let Some(commands) = Loaded::get::<dyn Commands>(plugin) {
    ///     println!("{} knows {:?}", plugin.name(), commands.commands());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn get<J: ?Sized + Interface>(this: &Self) -> Option<&J> {
        let view = this.faces.as_ref()?.view::<J>()?;
        let object: *const I = &*this.object;
        // SAFETY: with faces, the box is what a constructor of this plugin made and the view is of the same plugin
        // (`Bound::construct`), all of whose rows `export!` writes for one type. The object is borrowed as long as `this` is,
        // and only read through.
        Some(unsafe { &*view(object.cast_mut().cast()) })
    }

    /// The same as [`get`](Self::get), for `&mut self` methods.
    #[must_use]
    pub fn get_mut<J: ?Sized + Interface>(this: &mut Self) -> Option<&mut J> {
        let view = this.faces.as_ref()?.view::<J>()?;
        let object: *mut I = &mut *this.object;
        // SAFETY: as in `get`; borrowed exclusively, as `this` is.
        Some(unsafe { &mut *view(object.cast()) })
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
    /// # use plugbox_loader::Loaded;
    /// # fn call(plugin: &Loaded<dyn Plugin>) {
    /// match Loaded::call(plugin, |plugin| plugin.name()) {
    ///     Ok(name) => println!("{name}"),
    ///     Err(error) => eprintln!("{error}"),
    /// }
    /// # }
    /// ```
    pub fn call<R>(this: &Self, call: impl FnOnce(&I) -> R) -> Result<R, CallError> {
        Self::refuse_if_poisoned(this)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&this.object)));
        outcome.map_err(|payload| Self::caught(this, payload))
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
    pub fn call_mut<R>(this: &mut Self, call: impl FnOnce(&mut I) -> R) -> Result<R, CallError> {
        Self::refuse_if_poisoned(this)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&mut this.object)));
        outcome.map_err(|payload| Self::caught(this, payload))
    }

    /// The panic that poisoned the plugin: the first that [`call`](Self::call) saw.
    #[must_use]
    pub fn poison(this: &Self) -> Option<PluginPanic> {
        this.poison.get().map(|panic| *panic)
    }

    /// Lets [`call`](Self::call) call again: the host knows that the plugin is still of use, or has mended it.
    pub fn clear_poison(this: &Self) {
        this.poison.clear();
    }

    fn refuse_if_poisoned(this: &Self) -> Result<(), CallError> {
        this.poison.get().map_or(Ok(()), |panic| Err(CallError::Poisoned(panic)))
    }

    /// A panic that left the plugin; one that is not its own passes on.
    fn caught(this: &Self, payload: Box<dyn Any + Send>) -> CallError {
        let panic = match payload.downcast::<PluginPanic>() {
            Ok(panic) if Self::has_raised(this, &panic) => panic,
            Ok(other) => resume_unwind(other),
            Err(payload) if this.generation.is_none() => Box::new(PluginPanic::linked(&this.info, payload)),
            Err(payload) => resume_unwind(payload),
        };
        this.poison.set(&panic);
        CallError::Panicked(panic)
    }

    fn has_raised(this: &Self, panic: &PluginPanic) -> bool {
        // An object that the library lends does not say which of its plugins lent it.
        panic.origin.generation() == this.info.origin.generation()
            && (panic.version.is_none() || panic.plugin == this.info.name)
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
            .field("origin", &self.info.origin)
            .finish_non_exhaustive()
    }
}

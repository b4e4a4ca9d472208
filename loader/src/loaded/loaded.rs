//! The handle of a loaded plugin.

use std::any::Any;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use plugbox::__private::{BUILD, View};
use plugbox::Interface;
use semver::Version;

use super::call::{CallError, Poison};
use crate::manifest::{Exported, InterfaceVersion, Manifest, RecordCache};
use crate::map::{EntryTable, Generation};
use crate::panic::{Origin, PluginInfo, PluginPanic};
use crate::verdict::fits;

/// A loaded plugin. The handle dereferences to the plugin's trait, and owns the library.
///
/// The handle is `'static`, and it is `Send` or `Sync` exactly if the trait object is. The library stays mapped after
/// the last handle is dropped.
///
/// # Panics
///
/// A panic of the plugin in one of the trait's methods is raised again in the host, with a [`PluginPanic`] as its
/// payload; [`call`](Self::call) turns it into an error instead. A panic of the plugin's `Drop` stays there, and is a
/// `tracing` event of level `ERROR`. The host's panic hook runs for each of them when it begins.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::Loaded;
///
/// fn show(plugin: &Loaded<dyn Plugin>) {
///     // A method of the trait, and a function of the handle.
///     println!("{} {}", plugin.name(), Loaded::info(plugin).version);
/// }
/// ```
pub struct Loaded<I: ?Sized> {
    // Fields are dropped in this order: the object first, because its code and its vtable are in the library.
    object: Box<I>,
    /// The library's generation; `None` if the plugin is linked into the host.
    generation: Option<Arc<Generation>>,
    /// The plugin's interfaces; `None` if the plugin is linked into the host, or if the object is an adapter's.
    faces: Option<Faces>,
    info: PluginInfo,
    poison: Poison,
}

/// The interfaces of a plugin's object.
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

    /// Creates a handle for a plugin that is linked into the host, so that it can be in one list with loaded plugins.
    ///
    /// The plugin's crate must be an ordinary library, with `export!` in a separate crate of type `cdylib`, because
    /// `export!` installs a global allocator, and a host that links `export!` would get it.
    ///
    /// There is no boundary, so nothing is checked or refused. A panic is an ordinary panic. Only [`call`](Self::call)
    /// turns it into a [`PluginPanic`], without a method and a location. `call` attributes every panic to the plugin,
    /// even a panic of host code that the plugin calls. [`get`](Self::get) finds no other interface.
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
        let interface = InterfaceVersion::new(&own.name, &own.version);
        let info = PluginInfo {
            rustc: rustc.unwrap_or_default(),
            ..PluginInfo::new(name, version, interface, Origin::Linked)
        };
        Self::new(object, None, None, info)
    }

    /// Wraps the plugin in an object of the host, made by an adapter.
    pub(crate) fn adapted<New: ?Sized>(this: Self, adapt: impl Fn(Self) -> Box<New>) -> Loaded<New> {
        let (generation, info) = (this.generation.clone(), this.info.clone());
        Loaded::new(adapt(this), generation, None, info)
    }

    /// Whether the plugin's interfaces are known: they are not if an adapter stands before it.
    pub(crate) fn has_faces(this: &Self) -> bool {
        this.faces.is_some()
    }

    /// The facts about the plugin, such as its name and its version.
    #[must_use]
    pub fn info(this: &Self) -> &PluginInfo {
        &this.info
    }

    /// Returns the same object as another interface as which the plugin is exported. An API grows by further
    /// interfaces, and a host asks for them with this function.
    ///
    /// Returns `None` if the plugin does not have this interface: the name and the fingerprint must be equal, and the
    /// version must be compatible with the host's, as in the verdict. Returns `None` too if the plugin came through an
    /// [adapter](crate::Loader::adapt), because the object is the host's then, or if the plugin is
    /// [linked](Self::linked) into the host.
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
        // SAFETY: *one object*: with faces, a constructor of this plugin made the box, and the view is from the same
        // plugin's table (`Construction::run`); `export!` writes all rows of a plugin for one type. The object is
        // borrowed as long as `this`, and only shared.
        Some(unsafe { &*view(object.cast_mut().cast()) })
    }

    /// Returns another interface like [`get`](Self::get), for `&mut self` methods.
    #[must_use]
    pub fn get_mut<J: ?Sized + Interface>(this: &mut Self) -> Option<&mut J> {
        let view = this.faces.as_ref()?.view::<J>()?;
        let object: *mut I = &mut *this.object;
        // SAFETY: *one object*: as in `get`; the object is borrowed exclusively, as `this` is.
        Some(unsafe { &mut *view(object.cast()) })
    }

    /// Calls the plugin, and turns a panic of the plugin into an error. A panic *poisons* the plugin, like a `Mutex`:
    /// its state may be half changed, so further calls return an error until [`clear_poison`](Self::clear_poison).
    ///
    /// Only `call` and [`call_mut`](Self::call_mut) check and set the poison. A direct call of a method has no
    /// additional cost, and raises the panic.
    ///
    /// # Errors
    ///
    /// Returns a [`CallError`] with the panic of this call, or of the earlier call that poisoned the plugin.
    ///
    /// # Panics
    ///
    /// A panic that is not this plugin's continues: a panic of the closure itself, of a host's object that the plugin
    /// calls, or of another plugin.
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

    /// Calls the plugin like [`call`](Self::call), for `&mut self` methods.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`call`](Self::call).
    ///
    /// # Panics
    ///
    /// Panics in the same cases as [`call`](Self::call).
    pub fn call_mut<R>(this: &mut Self, call: impl FnOnce(&mut I) -> R) -> Result<R, CallError> {
        Self::refuse_if_poisoned(this)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| call(&mut this.object)));
        outcome.map_err(|payload| Self::caught(this, payload))
    }

    /// The panic that poisoned the plugin: the first one in [`call`](Self::call) or [`call_mut`](Self::call_mut) since
    /// the last [`clear_poison`](Self::clear_poison). `None` if the plugin is not poisoned.
    #[must_use]
    pub fn poison(this: &Self) -> Option<PluginPanic> {
        this.poison.get().map(|panic| *panic)
    }

    /// Clears the poison, so that [`call`](Self::call) calls the plugin again. Use it if the plugin's state is known to
    /// be valid, or was repaired.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// use plugbox_loader::Loaded;
    /// # fn call(plugin: Loaded<dyn Plugin>) {
    /// if let Some(panic) = Loaded::poison(&plugin) {
    ///     eprintln!("used again after {panic}");
    ///     Loaded::clear_poison(&plugin);
    /// }
    /// # }
    /// ```
    pub fn clear_poison(this: &Self) {
        this.poison.clear();
    }

    fn refuse_if_poisoned(this: &Self) -> Result<(), CallError> {
        this.poison.get().map_or(Ok(()), |panic| Err(CallError::Poisoned(panic)))
    }

    /// Turns a panic of this plugin into an error, and lets any other panic continue.
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
        // Without a version, the panic comes from an object of the library that does not say which plugin lent it.
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

//! Panics of plugins, as the host receives them.

use std::any::Any;
use std::fmt;

use plugbox::__private::{drop_quietly, payload_text};
use semver::Version;

use super::info::{Origin, PluginInfo};
use super::location::PanicLocation;
use crate::map::Generation;

/// A panic that left a plugin: the payload that the host's `catch_unwind` returns.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # fn call(plugin: &plugbox_loader::Loaded<dyn Plugin>) {
/// use std::panic::{AssertUnwindSafe, catch_unwind};
/// if let Err(payload) = catch_unwind(AssertUnwindSafe(|| plugin.name())) {
///     if let Some(panic) = payload.downcast_ref::<plugbox_loader::PluginPanic>() {
///         eprintln!("{} failed: {}", panic.plugin, panic.message);
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginPanic {
    /// The plugin's name, or the library's path if the panic cannot be attributed to one plugin of the library.
    pub plugin: String,
    /// The plugin's version; `None` if the panic cannot be attributed to one plugin.
    pub version: Option<Version>,
    /// The source of the plugin.
    pub origin: Origin,
    /// The method that the host called, as `Trait::method`; `None` if the plugin is linked into the host.
    pub method: Option<String>,
    /// The panic's message.
    pub message: String,
    /// The location of the panic, if known.
    pub location: Option<PanicLocation>,
    /// The functions of the plugin that led to the panic, one or two lines each, if `RUST_BACKTRACE` is set, for the
    /// first 32 libraries that panic. It has at most some 16 KiB. [`Display`](fmt::Display) leaves it out.
    pub backtrace: Option<String>,
}

impl PluginPanic {
    /// Creates a panic of a plugin, with nothing known but its message, for the tests of a host.
    #[must_use]
    pub fn new(plugin: impl Into<String>, origin: Origin, message: impl Into<String>) -> Self {
        Self {
            plugin: plugin.into(),
            version: None,
            origin,
            method: None,
            message: message.into(),
            location: None,
            backtrace: None,
        }
    }

    /// A panic of this library; `plugin` is empty if the panic does not say which plugin's it is.
    pub(crate) fn of(generation: &Generation, plugin: &str, message: &str) -> Self {
        let known = generation.plugin(plugin);
        let name = known.map_or_else(|| generation.path.display().to_string(), |plugin| plugin.name.clone());
        let origin = Origin::Library { path: generation.path.clone(), generation: generation.number };
        Self { version: known.map(|plugin| plugin.version.clone()), ..Self::new(name, origin, message) }
    }

    /// Converts the payload of a plugin that is linked into the host.
    pub(crate) fn linked(info: &PluginInfo, payload: Box<dyn Any + Send>) -> Self {
        let message = payload_text(&*payload).into_owned();
        drop_quietly(payload);
        Self { version: Some(info.version.clone()), ..Self::new(&info.name, Origin::Linked, message) }
    }
}

impl fmt::Display for PluginPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin {}", self.plugin)?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        f.write_str(" panicked")?;
        if let Some(method) = &self.method {
            write!(f, " in {method}")?;
        }
        if let Some(location) = &self.location {
            write!(f, " at {location}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for PluginPanic {}

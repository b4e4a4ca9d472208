//! Panics of plugins, as the host sees them.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;

use plugbox::__private::{drop_quietly, payload_text};
use semver::Version;

use super::info::PluginInfo;
use super::pending::arrived;
use crate::map::Generation;

/// A panic that left a plugin: the payload that the host's `catch_unwind` finds.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # fn call(plugin: &plugbox_loader::Loaded<dyn Plugin>) {
/// /// if let Err(payload) = catch_unwind(AssertUnwindSafe(|| plugin.name())) {
///     if let Some(panic) = payload.downcast_ref::<plugbox_loader::PluginPanic>() {
///         eprintln!("{} failed in {}", panic.plugin, panic.method);
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginPanic {
    /// The plugin's name; the file's where the plugin is not known.
    pub plugin: String,
    /// The plugin's version, where the plugin is known.
    pub version: Option<Version>,
    /// The library; none where the plugin is linked into the host.
    pub path: Option<PathBuf>,
    /// The library's generation (see [`Loaded::generation`](crate::Loaded::generation)).
    pub generation: u64,
    /// The method that the host called, as `Trait::method`; empty where the plugin is linked into the host.
    pub method: String,
    /// What the plugin said.
    pub message: String,
    /// The source file, as the compiler of the plugin saw it; empty where the place is not known.
    pub file: String,
    /// The line, from 1; 0 where the place is not known.
    pub line: u32,
    /// The column, from 1; 0 where the place is not known.
    pub column: u32,
}

impl PluginPanic {
    pub(crate) fn new(generation: &Generation, plugin: &str, method: &str, message: &str) -> Self {
        let known = generation.plugin(plugin);
        let name = known.map_or_else(|| generation.path.display().to_string(), |(name, _)| name.clone());
        let place = arrived(message);
        let (file, line, column) = place.map(|note| (note.file, note.line, note.column)).unwrap_or_default();
        Self {
            plugin: name,
            version: known.map(|(_, version)| version.clone()),
            path: Some(generation.path.clone()),
            generation: generation.number,
            method: method.to_owned(),
            message: message.to_owned(),
            file,
            line,
            column,
        }
    }
}

impl PluginPanic {
    /// The panic of a plugin that is linked into the host, from its own payload.
    pub(crate) fn linked(info: &PluginInfo, payload: Box<dyn Any + Send>) -> Self {
        let message = payload_text(&*payload).to_owned();
        drop_quietly(payload);
        Self {
            plugin: info.name.clone(),
            version: Some(info.version.clone()),
            path: None,
            generation: 0,
            method: String::new(),
            message,
            file: String::new(),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for PluginPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin {}", self.plugin)?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        f.write_str(" panicked")?;
        if !self.method.is_empty() {
            write!(f, " in {}", self.method)?;
        }
        if !self.file.is_empty() {
            write!(f, " at {}:{}:{}", self.file, self.line, self.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for PluginPanic {}

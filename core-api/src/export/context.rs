//! What a constructor is given.

use std::path::Path;
use std::sync::Arc;

use crate::abi::RawContext;
use crate::interface::Interface;
use crate::record::words;
use crate::shape::{Direction, Reached, Shape, assert_crosses};

/// What the host gives to a plugin's constructor.
///
/// # Examples
///
/// ```
/// struct Abbrev { table: String }
///
/// impl Abbrev {
///     fn new(context: plugbox::Context) -> Result<Self, String> {
///         match context.config() {
///             "" => Err("abbrev needs a table in its configuration".to_owned()),
///             table => Ok(Self { table: table.to_owned() }),
///         }
///     }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Context<'a>(&'a RawContext);

impl<'a> Context<'a> {
    /// Wraps what the loader passes.
    pub(crate) const fn new(raw: &'a RawContext) -> Self {
        Self(raw)
    }

    /// The plugin's configuration text; empty when the host has none for it.
    #[must_use]
    pub fn config(&self) -> &'a str {
        // SAFETY: `RawContext::new` made it from a `&str`, which outlives the context (its obligation 2).
        unsafe { self.0.config.get() }
    }

    /// A service of the host: an object of this interface that the host gives to all plugins, guarded as every object
    /// that crosses. `None` where the host has none, or one of another version of the interface.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// #[plugbox::interface]
    /// pub trait Clock: Send + Sync {
    ///     fn seconds(&self) -> u64;
    /// }
    ///
    /// struct Stamp { clock: Arc<dyn Clock> }
    ///
    /// impl Stamp {
    ///     fn new(context: plugbox::Context) -> Result<Self, String> {
    ///         let clock = context.service::<dyn Clock>().ok_or("stamp needs a host with a clock")?;
    ///         Ok(Self { clock })
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn service<I: ?Sized + Interface + Send + Sync>(&self) -> Option<Arc<I>> {
        const { assert_crosses(<Arc<I> as Shape>::TYPE, &Reached::from(&[I::TYPE])) };
        // SAFETY: `RawContext::new` made address and number from a slice, which outlives the context (its obligation 2).
        let rows = unsafe { std::slice::from_raw_parts(self.0.services, self.0.services_len) };
        let row = rows.iter().find(|row| {
            // SAFETY: the row names an interface (obligation 1 of `RawContext::new`), for as long as the context lives.
            let name = unsafe { row.interface.get() };
            name == I::NAME && row.fingerprint == words(I::FINGERPRINT)
        })?;
        // SAFETY: the row has the address of an `Arc` of the interface that it names (obligation 1 of `RawContext::new`),
        // which by name and fingerprint is this one.
        let mut object = unsafe { &*row.object.cast::<Arc<I>>() }.clone();
        I::__cross_arc(&mut object, Direction::IntoPlugin);
        Some(object)
    }

    /// The folder that the host has for this plugin's data, and for nobody else's; it is there. None where the host has
    /// none for plugins.
    ///
    /// # Examples
    ///
    /// ```
    /// fn new(context: plugbox::Context) -> Result<usize, plugbox::Error> {
    ///     let Some(folder) = context.data_dir() else { return Ok(0) };
    ///     Ok(std::fs::read_to_string(folder.join("words"))?.lines().count())
    /// }
    /// ```
    #[must_use]
    pub fn data_dir(&self) -> Option<&'a Path> {
        // SAFETY: `RawContext::new` made it of a path, which outlives the context (its obligation 2); the verdict has
        // compared the compilers.
        unsafe { self.0.data_dir.get() }
    }

    /// The name that the plugin is loaded by.
    #[must_use]
    pub fn plugin(&self) -> &'a str {
        // SAFETY: as for `config`.
        unsafe { self.0.plugin.get() }
    }
}

impl std::fmt::Debug for Context<'_> {
    /// Leaves the configuration out: it may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("plugin", &self.plugin()).finish_non_exhaustive()
    }
}

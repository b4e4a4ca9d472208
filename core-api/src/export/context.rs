//! The argument of a constructor.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use crate::abi::RawContext;
use crate::interface::Interface;
use crate::record::words;
use crate::shape::{Direction, Reached, Shape, assert_crosses};

/// The host's argument for a plugin's constructor: configuration, services, a data folder, and the library's path.
///
/// In the plugin's own tests, a [`TestContext`](crate::TestContext) takes the place of the host.
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
pub struct Context<'a> {
    raw: RawContext,
    borrowed: PhantomData<&'a RawContext>,
}

impl<'a> Context<'a> {
    /// Wraps the context that the loader passes.
    pub(super) const fn new(raw: &'a RawContext) -> Self {
        Self { raw: *raw, borrowed: PhantomData }
    }

    /// Wraps a context that is made for a test.
    ///
    /// # Safety
    ///
    /// 1. All that `raw` borrows lives for `'a`.
    pub(super) const unsafe fn of_test(raw: RawContext) -> Self {
        Self { raw, borrowed: PhantomData }
    }

    /// Returns the plugin's configuration text; empty if the host has none for this plugin.
    #[must_use]
    pub fn config(&self) -> &'a str {
        // SAFETY: *for the call*: `RawContext::new` made it from a `&str` that outlives the context (its obligation 2).
        unsafe { self.raw.config.get() }
    }

    /// Returns a service of the host: an object of this interface that the host offers to all plugins.
    ///
    /// It is `None` if the host has no such service, or has it with a different fingerprint of the interface. Like
    /// every object that crosses, the service is guarded.
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
        // SAFETY: *for the call*: `RawContext::new` made address and length from a slice, which outlives the context
        // (its obligation 2).
        let rows = unsafe { std::slice::from_raw_parts(self.raw.services, self.raw.services_len) };
        let row = rows.iter().find(|row| {
            // SAFETY: *for the call*: the name was made from a `&str` (obligation 1 of `RawContext::new`), which
            // outlives the context (its obligation 2).
            let name = unsafe { row.interface.get() };
            name == I::NAME && row.fingerprint == words(I::FINGERPRINT)
        })?;
        // SAFETY: the row has the address of an `Arc` of the interface with its name and fingerprint (obligation 1 of
        // `RawContext::new`). These were compared with those of `I` above. *for the call*: the `Arc` outlives the
        // context (its obligation 2).
        let mut object = unsafe { &*row.object.cast::<Arc<I>>() }.clone();
        I::__cross_arc(&mut object, Direction::IntoPlugin);
        Some(object)
    }

    /// Returns the folder for this plugin's data, which no other plugin gets; `None` if the host has no folder for
    /// plugins.
    ///
    /// The folder exists.
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
        // SAFETY: *for the call*: `RawContext::new` made it from a path, which outlives the context (its obligation 2).
        // *verdict*: one compiler built both sides.
        unsafe { self.raw.data_dir.get() }
    }

    /// Returns the file of the plugin's library, with all links resolved; `None` if there is no such file, as in a test.
    ///
    /// A plugin that is installed with files of its own finds them beside this one. Use it in place of
    /// `std::env::current_exe`, which is the host's, and of the path that dladdr(3) gives, which may be that of a private
    /// copy.
    ///
    /// # Examples
    ///
    /// ```
    /// fn new(context: plugbox::Context) -> Result<usize, plugbox::Error> {
    ///     let library = context.library().ok_or_else(|| plugbox::Error::new("the words are beside the library"))?;
    ///     Ok(std::fs::read_to_string(library.with_file_name("words.txt"))?.lines().count())
    /// }
    /// ```
    #[must_use]
    pub fn library(&self) -> Option<&'a Path> {
        // SAFETY: *for the call*: `RawContext::new` made it from a path, which outlives the context (its obligation 2).
        // *verdict*: one compiler built both sides.
        unsafe { self.raw.library.get() }
    }

    /// Returns the name under which the plugin is loaded.
    #[must_use]
    pub fn plugin(&self) -> &'a str {
        // SAFETY: *for the call*: `RawContext::new` made it from a `&str` that outlives the context (its obligation 2).
        unsafe { self.raw.plugin.get() }
    }
}

impl std::fmt::Debug for Context<'_> {
    /// Omits the configuration, because it may contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("plugin", &self.plugin()).finish_non_exhaustive()
    }
}

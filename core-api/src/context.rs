//! What a constructor is given.

use crate::contract::RawText;

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
        // SAFETY: the loader makes `config` from a `&str` that outlives the constructor's call, and `'a` with it.
        unsafe { self.0.config.get() }
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

/// A context as it crosses; it grows at the end only.
#[repr(C)]
pub struct RawContext {
    /// `size_of::<RawContext>()` in the host.
    pub size: usize,
    /// The name that the plugin is loaded by.
    pub plugin: RawText,
    /// The plugin's configuration.
    pub config: RawText,
}

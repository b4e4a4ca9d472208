//! A context without a host, for the tests of constructors.
//!
//! Every function here is `#[inline]`, so it is compiled where it is called: in tests, and not once more for each plugin.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use super::context::Context;
use crate::abi::{RawContext, RawService, RawText};
use crate::interface::Interface;
use crate::record::words;

/// A context for a constructor in the plugin's own tests, where there is no host.
///
/// It owns what a host would lend: configuration, services, a data folder. Without settings it is the context of a host
/// that offers nothing.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use plugbox::{Context, TestContext};
///
/// #[plugbox::interface]
/// pub trait Clock: Send + Sync {
///     fn seconds(&self) -> u64;
/// }
///
/// struct Stamp {
///     prefix: String,
///     clock: Arc<dyn Clock>,
/// }
///
/// impl Stamp {
///     fn new(context: Context) -> Result<Self, String> {
///         let clock = context.service::<dyn Clock>().ok_or("stamp needs a host with a clock")?;
///         Ok(Self { prefix: context.config().to_owned(), clock })
///     }
/// }
///
/// struct Noon;
///
/// impl Clock for Noon {
///     fn seconds(&self) -> u64 {
///         12 * 60 * 60
///     }
/// }
///
/// let host = TestContext::new().config("at ").service::<dyn Clock>(Arc::new(Noon));
/// let stamp = Stamp::new(host.context()).unwrap();
/// assert_eq!((stamp.prefix.as_str(), stamp.clock.seconds()), ("at ", 43_200));
/// assert!(Stamp::new(TestContext::new().context()).is_err());
/// ```
#[derive(Default)]
#[must_use]
pub struct TestContext {
    plugin: String,
    config: String,
    data_dir: Option<PathBuf>,
    library: Option<PathBuf>,
    /// The `Arc` of each service. The addresses in `services` lead to them.
    objects: Vec<Arc<dyn Any>>,
    services: Vec<RawService>,
}

impl TestContext {
    /// Creates the context of a host that offers nothing. The plugin's name is empty.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name under which the plugin is loaded: [`Context::plugin`].
    #[inline]
    pub fn plugin(mut self, name: impl Into<String>) -> Self {
        self.plugin = name.into();
        self
    }

    /// Sets the configuration text: [`Context::config`].
    #[inline]
    pub fn config(mut self, config: impl Into<String>) -> Self {
        self.config = config.into();
        self
    }

    /// Sets the folder for the plugin's data: [`Context::data_dir`]. A host creates the folder, so it should exist.
    #[inline]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Sets the file of the plugin's library: [`Context::library`]. The file need not exist.
    #[inline]
    pub fn library(mut self, path: impl Into<PathBuf>) -> Self {
        self.library = Some(path.into());
        self
    }

    /// Offers a service: [`Context::service`]. A second object with the same interface replaces the first.
    ///
    /// The plugin calls the object directly, so a panic in it is an ordinary one.
    #[inline]
    pub fn service<I: ?Sized + Interface + Send + Sync>(mut self, object: Arc<I>) -> Self {
        let object = Arc::new(object);
        let row = RawService {
            interface: RawText::new(I::NAME),
            fingerprint: words(I::FINGERPRINT),
            object: Arc::as_ptr(&object).cast(),
        };
        self.objects.push(object);
        // The plugin gets the first that it finds.
        self.services.insert(0, row);
        self
    }

    /// Returns the argument for a constructor.
    #[inline]
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        // SAFETY: `service` made each row from the name and the fingerprint of an interface and the address of an `Arc`
        // of it, which `objects` keeps. All arguments are borrowed from `self`; so is the context that is returned.
        let raw = unsafe {
            RawContext::new(
                &self.plugin,
                &self.config,
                self.data_dir.as_deref(),
                self.library.as_deref(),
                &self.services,
            )
        };
        // SAFETY: all that `raw` borrows is borrowed from `self`, as the context is.
        unsafe { Context::of_test(raw) }
    }
}

impl std::fmt::Debug for TestContext {
    /// Omits the configuration, because it may contain secrets.
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestContext").field("plugin", &self.plugin).finish_non_exhaustive()
    }
}

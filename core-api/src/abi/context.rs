//! The context that the host passes to a constructor.

use std::path::Path;

use super::text::{RawPath, RawText};

/// A constructor's context as it crosses. A change of its fields raises `CONTRACT`: it is passed by reference, so a side
/// could not ask for its size first.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawContext {
    /// The name under which the plugin is loaded.
    pub(crate) plugin: RawText,
    /// The plugin's configuration.
    pub(crate) config: RawText,
    /// The folder for the plugin's data.
    pub(crate) data_dir: RawPath,
    /// The address of the first service of the host; never null.
    pub(crate) services: *const RawService,
    /// The number of services.
    pub(crate) services_len: usize,
    /// The file of the plugin's library.
    pub(crate) library: RawPath,
}

impl RawContext {
    /// Borrows a context for one call of a constructor.
    ///
    /// # Safety
    ///
    /// 1. Each row of `services` has the name and the fingerprint of some `dyn Interface`, and the address of an `Arc`
    ///    of that trait object.
    /// 2. All arguments, and each such `Arc`, outlive every use of the context.
    #[must_use]
    pub unsafe fn new(
        plugin: &str,
        config: &str,
        data_dir: Option<&Path>,
        library: Option<&Path>,
        services: &[RawService],
    ) -> Self {
        Self {
            plugin: RawText::new(plugin),
            config: RawText::new(config),
            data_dir: RawPath::new(data_dir),
            services: services.as_ptr(),
            services_len: services.len(),
            library: RawPath::new(library),
        }
    }
}

/// A service of the host as it crosses.
#[repr(C)]
pub struct RawService {
    /// The name of the service's interface.
    pub interface: RawText,
    /// The interface's fingerprint, lower word first.
    pub fingerprint: [u64; 2],
    /// The address of an `Arc<dyn Interface>` that outlives the constructor's call.
    pub object: *const (),
}

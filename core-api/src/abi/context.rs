//! What the host passes to a constructor.

use std::path::Path;

use super::text::{RawPath, RawText};

/// A context as it crosses; it grows at the end only.
#[repr(C)]
pub struct RawContext {
    /// `size_of::<RawContext>()` in the host.
    pub(crate) size: usize,
    /// The name that the plugin is loaded by.
    pub(crate) plugin: RawText,
    /// The plugin's configuration.
    pub(crate) config: RawText,
    /// The folder for the plugin's data.
    pub(crate) data_dir: RawPath,
    /// The host's services; never null.
    pub(crate) services: *const RawService,
    /// Their number.
    pub(crate) services_len: usize,
}

impl RawContext {
    /// What a constructor is given, for one call of it.
    ///
    /// # Safety
    ///
    /// 1. Each row of `services` names the interface and the fingerprint of some `dyn Interface`, and has the address of an
    ///    `Arc` of it.
    /// 2. All that is passed, and each such `Arc`, outlives every use of the context.
    #[must_use]
    pub unsafe fn new(plugin: &str, config: &str, data_dir: Option<&Path>, services: &[RawService]) -> Self {
        Self {
            size: size_of::<Self>(),
            plugin: RawText::new(plugin),
            config: RawText::new(config),
            data_dir: RawPath::new(data_dir),
            services: services.as_ptr(),
            services_len: services.len(),
        }
    }
}

/// A service of the host as it crosses.
#[repr(C)]
pub struct RawService {
    /// The name of its interface.
    pub interface: RawText,
    /// The interface's fingerprint, the lower word first.
    pub fingerprint: [u64; 2],
    /// The address of an `Arc<dyn Interface>` that outlives the constructor's call.
    pub object: *const (),
}

//! The traits, which host and plugin share.

#[macro_use]
#[path = "../../../further.rs"]
mod further;

further! { #[plugbox::interface(foreign(::bytes::Bytes))] }

/// The plugin's work.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Does as little as possible.
    fn tiny(&self, number: u64) -> u64;
    /// Makes many allocations, which the host frees.
    fn split(&self, text: &str) -> Vec<String>;
    /// Calls the host.
    fn callback(&self, host: &dyn Host, times: u64) -> u64;
    /// Emits `tracing` events without a subscriber for them.
    fn events(&self, times: u64);
    /// Emits `log` records without a logger for them.
    fn records(&self, times: u64);
}

/// The host's work.
#[plugbox::interface]
pub trait Host {
    /// Does as little as possible.
    fn add(&self, number: u64) -> u64;
}

//! The trait, as both sides see it.

/// What the plugin does.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// As little as possible.
    fn tiny(&self, number: u64) -> u64;
    /// Many allocations, which the host frees.
    fn split(&self, text: &str) -> Vec<String>;
    /// Calls the host.
    fn callback(&self, host: &dyn Host, times: u64) -> u64;
    /// Events of `tracing` that nobody wants.
    fn events(&self, times: u64);
    /// Records of `log` that nobody wants.
    fn records(&self, times: u64);
}

/// What the host does.
#[plugbox::interface]
pub trait Host {
    /// As little as possible.
    fn add(&self, number: u64) -> u64;
}

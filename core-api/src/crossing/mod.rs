//! Crossing the boundary: the wrappers for which `#[interface]` implements its trait.

mod crossing;
mod format;
mod guard;
mod proxy;
mod origin;
mod ownership;

pub use crossing::Crossing;
pub use guard::Guard;
pub use origin::Origin;
pub use ownership::Ownership;
pub use proxy::{HostProxy, PluginProxy};

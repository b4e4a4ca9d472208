//! Crossing the boundary: the types that `#[interface]` implements its trait for.

mod crossing;
mod guard;
mod proxy;
mod origin;
mod ownership;

pub use crossing::Crossing;
pub use guard::Guard;
pub use origin::Origin;
pub use ownership::Ownership;
pub use proxy::{HostProxy, PluginProxy};

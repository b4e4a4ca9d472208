//! Crossing the boundary: the wrappers for which `#[interface]` implements its trait, and those of closures.

mod crossing;
mod closures;
mod guard;
mod places;
mod proxy;
mod origin;
mod ownership;

pub use closures::{Captured, Closures};
pub use crossing::Crossing;
pub use guard::Guard;
pub use origin::Origin;
pub use ownership::Ownership;
pub use proxy::{HostProxy, PluginProxy};

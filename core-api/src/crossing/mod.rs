//! Crossing the boundary: the wrappers for which `#[interface]` implements its trait.

mod lend;
mod errors;
#[cfg(feature = "anyhow")]
mod anyhow;
mod error_proxy;
mod written;
mod sources;
mod crossing;
mod guard;
mod proxy;
mod origin;
mod ownership;

pub use crossing::Crossing;
pub use guard::Guard;
pub use lend::{Lend, LentError, ToHost, ToPlugin};
pub use origin::Origin;
pub use ownership::Ownership;
pub use proxy::{HostProxy, PluginProxy};
pub(crate) use sources::sources;

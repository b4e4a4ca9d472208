//! Crossing the boundary: the wrappers for which `#[interface]` implements its trait, and those of closures.

mod lend;
mod errors;
#[cfg(feature = "anyhow")]
mod anyhow;
mod error_proxy;
mod sources;
mod crossing;
mod format;
mod future;
mod lending;
mod closures;
mod guard;
mod made;
mod places;
mod proxy;
mod origin;
mod ownership;
mod polled;
mod returning;
mod side;
mod visit;
mod waker;

pub use closures::{Captured, Closures};
pub use crossing::Crossing;
pub use guard::Guard;
pub use lend::{Lend, LentError, ToHost, ToPlugin};
pub use lending::{Sent, SharedLoan, lend, lend_send};
pub use made::{Made, Making};
pub use origin::Origin;
pub use ownership::Ownership;
pub use proxy::{HostProxy, PluginProxy};
pub(crate) use sources::sources;
pub use visit::Visit;

//! Errors as plain data: the file, the value found, the value expected, and the fix.

mod host;
mod load;
mod reason;
mod refusal;
mod reload;
mod shown;

pub use host::HostError;
pub(crate) use load::STATIC_TLS;
pub use load::{LoadError, Resource};
pub(crate) use reason::SHARED_STD;
pub use reason::{Code, Difference, Reason};
pub use refusal::Refusal;
pub use reload::{Holder, Holders, ReloadError, ReloadPhase};
pub use shown::printable;
pub(crate) use shown::shown;

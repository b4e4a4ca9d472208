//! What goes wrong, as plain data: which file, what was found, what was expected, what to do.

mod host;
mod load;
mod reason;
mod refusal;
mod shown;

pub use host::HostError;
pub use load::LoadError;
pub(crate) use reason::SHARED_STD;
pub use reason::{Code, Difference, Reason};
pub use refusal::Refusal;
pub use shown::printable;
pub(crate) use shown::shown;

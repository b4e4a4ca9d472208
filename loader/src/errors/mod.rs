//! What goes wrong, as plain data: which file, what was found, what was expected, what to do.

mod host;
mod load;
mod reason;
mod refusal;

pub use host::HostError;
pub use load::LoadError;
pub use reason::{Code, Difference, Reason};
pub(crate) use reason::{SHARED_STD, said};
pub use refusal::Refusal;

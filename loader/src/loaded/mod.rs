//! What a host holds.

mod call;
mod loaded;

pub use call::CallError;
pub(crate) use loaded::Faces;
pub use loaded::Loaded;

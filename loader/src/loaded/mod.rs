//! The handles of loaded plugins.

mod call;
mod loaded;

pub use call::CallError;
pub(crate) use loaded::Faces;
pub use loaded::Loaded;

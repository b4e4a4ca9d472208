//! Trust: the host's promise about the origin of plugins, and the checks of it.

pub(crate) mod dependencies;
mod pins;
mod trust;

pub(crate) use pins::pinned;
pub use pins::{Pin, Pins};
pub use trust::Trust;

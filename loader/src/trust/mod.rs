//! Trust: what a host vouches for, and what is checked of it.

pub(crate) mod dependencies;
mod pins;
mod trust;

pub use pins::{Pin, Pins};
pub use trust::Trust;

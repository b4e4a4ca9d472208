//! The system: the one list of what a port has to write.

mod linux;

pub(crate) use linux::{MappedImage, at_exit, images};

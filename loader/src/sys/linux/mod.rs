//! Linux, with glibc or musl.

mod exit;
mod image;

pub(crate) use exit::at_exit;
pub(crate) use image::{MappedImage, images};

//! Reading: from the bytes of a file to its container and its records.

mod container;
mod dependencies;
mod elf;
mod error;
mod file;
mod image;
mod read;
mod macho;
mod pe;
mod sections;
mod window;

pub use container::Container;
pub use dependencies::{dependencies, dependencies_of};
pub use error::ReadError;
pub(crate) use file::Opened;
pub use image::Image;
pub(crate) use read::image_of_with;
pub use read::{image, image_of, image_with};

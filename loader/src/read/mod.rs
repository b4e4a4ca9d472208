//! Reading: from the bytes of a file to its container and its records.

mod container;
mod linkage;
mod dynamic;
mod imports;
mod dylibs;
mod needs;
mod elf;
mod error;
mod file;
mod image;
mod read;
mod macho;
mod other;
mod pe;
mod sections;
mod window;

pub use container::Container;
pub use error::ReadError;
pub(crate) use file::Opened;
pub use image::Image;
pub use linkage::{GlibcRelease, Linkage, linkage, linkage_of};
pub(crate) use read::image_of_with;
pub use read::{image, image_of, image_with};

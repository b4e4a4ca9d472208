//! The implementation for Linux.

mod exit;
mod file;
mod image;

pub(crate) use exit::at_exit;
pub(crate) use file::{
    Access, Stamp, create_private, create_private_folder, create_private_folders, lock, open, open_lock, path_of,
    read_at, runtime_folder, try_lock, user,
};
pub(crate) use image::{MappedImage, images};

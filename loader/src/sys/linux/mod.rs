//! The implementation for Linux.

mod barrier;
mod file;
mod file_system;
mod image;
mod keys;
mod lease;
mod libc;
mod limits;
mod memory;
mod process;

pub(crate) use self::libc::glibc;
pub(crate) use barrier::{heavy_barrier, light_barrier, prepare_barriers};
pub(crate) use file::{
    Access, FileId, Stamp, copy, create_private, create_private_folder, create_private_folders, folders_for_files,
    is_limit, largest_file, link_to, maps_users, open, path_of, read_at, try_lock, user,
};
pub(crate) use file_system::{Space, may_map_code, space, without_events, without_modes};
pub(crate) use image::{MappedImage, image_at, image_of};
pub(crate) use keys::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, PASSES, ThreadKey, keys_left, most_keys};
pub(crate) use lease::has_writer;
pub(crate) use limits::{files_up_to, mappings, most_files, most_mappings};
pub(crate) use memory::{create_in_memory, keep_open, seal, unique_path};
pub(crate) use process::{Process, at_exit, run_on_a_thread};

//! The port to Windows.

mod access;
mod barrier;
mod file;
mod folder;
mod image;
mod keys;
mod library;
mod limits;
mod path;
mod process;
mod security;

pub(crate) use super::others::*;
pub(crate) use access::Access;
pub(crate) use barrier::{heavy_barrier, light_barrier, prepare_barriers};
pub(crate) use file::{
    FileId, Stamp, Stat, copy, create_private, has_writer, is_limit, keep_open, link_to, open, read_at, sealed,
    try_lock,
};
pub(crate) use folder::{create_private_folder, create_private_folders, folders_for_files};
#[cfg(test)]
pub(crate) use image::image_at;
pub(crate) use keys::{KEYS_OF_AN_IMAGE, keys_left, most_keys};
pub(crate) use library::{Library, is_loaded, is_of_the_system, pin};
pub(crate) use limits::{files_up_to, largest_file, may_map_code, most_files, space, without_events};
pub(crate) use path::{canonicalize, path_of};
pub(crate) use process::{at_exit, run_on_a_thread, started};
pub(crate) use security::user;

pub(crate) const CAPABILITIES: super::Capabilities = super::Capabilities {
    tested: cfg!(all(target_env = "gnu", target_arch = "x86_64")),
    ..super::Capabilities::WINDOWS
};

//! What the ports to Unix systems share.

mod access;
mod file;
mod folder;
mod keys;
mod library;
mod limits;
mod process;

pub(crate) use access::{Access, Granted, user};
pub(crate) use file::{
    FileId, Stamp, Stat, canonicalize, create_private, is_limit, keep_open, link_to, open, read_at, sealed, try_lock,
};
pub(crate) use folder::{create_private_folder, create_private_folders, folders_for_files};
pub(crate) use keys::{keys_left, most_keys};
pub(crate) use library::{Library, is_loaded, is_of_the_system, pin};
pub(crate) use limits::{files_up_to, largest_file, most_files};
pub(crate) use process::at_exit;

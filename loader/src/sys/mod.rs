//! The operating system: everything that a port must implement, besides `map/map.rs`, which opens libraries.

mod linux;

/// The mapped images, their addresses, and the bytes of their notes.
pub(crate) use linux::{MappedImage, images};

/// The end of the process.
pub(crate) use linux::at_exit;

/// Files: opening without blocking, reading at an offset, the path of a handle, and stamps that detect changes.
pub(crate) use linux::{Stamp, open, path_of, read_at};

/// Files and folders that only this user may access, the folder for them, and locks between processes.
pub(crate) use linux::{
    create_private, create_private_folder, create_private_folders, lock, open_lock, runtime_folder, try_lock,
};

/// Owners, groups and modes of files.
pub(crate) use linux::{Access, user};

//! The system: the one list of what a port has to write, beside `map/map.rs`, which opens libraries.

mod linux;

/// Which images are mapped, where they lie, and the bytes of their notes.
pub(crate) use linux::{MappedImage, images};

/// The end of the process.
pub(crate) use linux::at_exit;

/// Files: opened without waiting, read at places, found again by their handle; what they were, and when they changed.
pub(crate) use linux::{Stamp, open, path_of, read_at};

/// Files and folders that only this user may enter, where they belong, and locks between processes.
pub(crate) use linux::{
    create_private, create_private_folder, create_private_folders, lock, open_lock, runtime_folder, try_lock,
};

/// Who may write to a file.
pub(crate) use linux::{Access, user};

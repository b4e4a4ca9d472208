//! The operating system: everything that a port must implement, besides `map/map.rs`, which opens libraries.

mod linux;

/// The mapped image of a handle or an address, and the bytes of its notes.
pub(crate) use linux::{MappedImage, image_at, image_of};

/// The system's keys for thread-local values, the numbers of their errors, and how many there are.
pub(crate) use linux::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, PASSES, ThreadKey, keys_left, most_keys};

/// What this process uses, and the most that it may use: mappings, open files, space.
pub(crate) use linux::{Space, files_up_to, mappings, most_files, most_mappings, space};

/// This process: its end, a thread then, and how another process sees that it has ended.
pub(crate) use linux::{Process, at_exit, run_on_a_thread};

/// A barrier that costs one side nothing, because the other side makes it for all threads.
pub(crate) use linux::{heavy_barrier, light_barrier, prepare_barriers};

/// The release of the C library.
pub(crate) use linux::glibc;

/// Files: opening without blocking, reading at an offset, copying, the path of a handle, and stamps that detect changes.
pub(crate) use linux::{Stamp, copy, keep_open, open, path_of, read_at};

/// Changes of files: who writes, where nobody says so, and why nobody can.
pub(crate) use linux::{FileId, has_writer, is_limit, without_events};

/// Files and folders that only this user may access, where they may be, and locks that show that a process is alive.
pub(crate) use linux::{
    create_private, create_private_folder, create_private_folders, folders_for_files, largest_file, link_to,
    may_map_code, try_lock,
};

/// Files in memory, for a user who has no folder.
pub(crate) use linux::{create_in_memory, seal, unique_path};

/// Owners, groups and modes of files, and where there are none.
pub(crate) use linux::{Access, maps_users, user, without_modes};

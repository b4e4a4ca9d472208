//! The operating system: everything that a port must write.
//!
//! A port is the folder of one system. It has a function for each one here, and the types below; `unix` has what Unix
//! systems share, and `others` what all share but Linux. Nothing else in the loader depends on the system. What a system
//! cannot do is one of its [`Capabilities`]; the function then says so with the value that its documentation names, and
//! does not fail.
//!
//! The types of a port, besides those that all ports share:
//!
//! - `Stat`: what the system says about a file: `of` an open file, `at` a path with or `of_link` without following the last
//!   link; `on_the_way` has all that stands at a component of a canonical path; `is_file`, `is_folder`, `access`, `id` and
//!   `stamp`.
//! - `Access`: who may change a file. `exposed` says how somebody who is not trusted may replace or change it. It must
//!   know every way in which the system lets somebody do that: *the check of trust relies on it*. `of_new_files` makes
//!   it say that of files that are not there yet. `is_private` and `lets_others_replace` are for the folders of copies;
//!   `trusted_owners` are those whom the system itself trusts.
//! - `FileId`: the identity of a file while it exists. `Stamp`: identity, size and times. Two equal stamps mean that the
//!   file did not change in between, if `last_change` is longer ago than the times are coarse; it is `None` where times
//!   are not kept so, and then *the copy is compared with a second reading*.
//! - `Library`: a library that is mapped, and never unmapped. `open` maps a file as a new image, runs its initializers and
//!   returns the image as it is mapped. `own_folder` says whether the folder of the file has
//!   nothing but what was judged with it, so that the system may search it for libraries; *`map` compares the image's notes with the judged ones*. `symbol` is the address
//!   of an exported symbol.
//! - `Process`: what tells a process from every other one, as text for other processes.
//! - `ThreadKey`: a thread-local key of the system whose destructors the system runs.

mod access;
mod capabilities;
mod image;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(target_os = "linux"))]
mod others;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as port;
#[cfg(target_os = "macos")]
use macos as port;
#[cfg(windows)]
use windows as port;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
compile_error!("plugbox-loader has ports to Linux, macOS and Windows; files of all systems can be read there");

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use access::Owner;
pub(crate) use access::{Exposed, Writers};
pub use capabilities::Capabilities;
pub(crate) use image::MappedImage;
pub(crate) use port::{Access, FileId, Library, Process, Stamp, Stat, ThreadKey};

/// The error of the system's loader.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What the system can do.
const CAPABILITIES: Capabilities = port::CAPABILITIES;

/// Opens a file for reading without blocking, even a pipe without a writer. Others may write, rename and remove it
/// meanwhile, if the system lets them.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    port::open(path)
}

/// Reads at an offset, independent of the file's cursor: two readers of one file do not disturb each other.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    port::read_at(file, bytes, at)
}

/// The absolute path of a file without links, in the form that the system shows to people.
pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    port::canonicalize(path)
}

/// The canonical path of an open file. *The check of trust looks at this path*, so it must be that of this very file.
/// `None` if the file has no path, or the system does not say.
pub(crate) fn path_of(file: &File) -> Option<PathBuf> {
    port::path_of(file)
}

/// Copies the first bytes of a file to the beginning of another, as many as there are. The cursors may be anywhere before
/// and after.
pub(crate) fn copy(from: &File, to: &File, size: u64) -> io::Result<()> {
    port::copy(from, to, size)
}

/// Creates a file that only this user may read and write, in a private folder. It must not exist.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    port::create_private(path)
}

/// Takes the new copy of a library at a path, and returns it open so that it can be mapped. *What is judged after this is
/// what is mapped.*
pub(crate) fn sealed(file: File, path: &Path) -> io::Result<File> {
    port::sealed(file, path)
}

/// Takes the lock of a file, or fails if it is held. The system releases it at the latest when the process ends. The
/// file can be read, renamed and removed meanwhile.
pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    port::try_lock(file)
}

/// Keeps a file open until the process ends.
pub(crate) fn keep_open(file: File) {
    port::keep_open(file);
}

/// Creates a symbolic link to a file. Some systems let only some users do that.
pub(crate) fn link_to(target: &Path, link: &Path) -> io::Result<()> {
    port::link_to(target, link)
}

/// Creates a folder that only this user may access, and those who may access everything. *Nobody else can replace a copy
/// between its verdict and its mapping.* The error is `AlreadyExists` if there is something.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    port::create_private_folder(path)
}

/// Creates a folder and its parents, if they do not exist. Only this user may access the new folders.
pub(crate) fn create_private_folders(path: &Path) -> io::Result<()> {
    port::create_private_folders(path)
}

/// The folders in which this user may keep files, the best one first.
pub(crate) fn folders_for_files() -> impl Iterator<Item = PathBuf> {
    port::folders_for_files()
}

/// Creates an empty file in memory. The name is only shown by the system. Fails without
/// [`Capabilities::copies_in_memory`].
pub(crate) fn create_in_memory(name: &Path) -> io::Result<File> {
    port::create_in_memory(name)
}

/// Makes the bytes of a file in memory permanent: nobody can change them afterwards.
pub(crate) fn seal(file: &File) -> io::Result<()> {
    port::seal(file)
}

/// A path of an open file in memory that no other file of this process has had. `number` is different for each call.
pub(crate) fn unique_path(file: &File, number: u64) -> PathBuf {
    port::unique_path(file, number)
}

/// Whether an error says that this process, or the system, can open nothing more.
pub(crate) fn is_limit(error: &io::Error) -> bool {
    port::is_limit(error)
}

/// Whether somebody has a file open for writing, or has it mapped so. `file` is open for reading only, by nobody else;
/// it was opened at `path`. `None` if the system does not say.
pub(crate) fn has_writer(file: &File, path: &Path) -> Option<bool> {
    port::has_writer(file, path)
}

/// The name of the file system of a folder, if changes that other machines make there are no events for this one.
pub(crate) fn without_events(path: &Path) -> Option<&'static str> {
    port::without_events(path)
}

/// Whether code in the files of a folder may be mapped.
pub(crate) fn may_map_code(folder: &Path) -> io::Result<bool> {
    port::may_map_code(folder)
}

/// The place for files in a file system.
pub(crate) struct Space {
    /// The bytes that are left for this user.
    pub(crate) left: u64,
    /// Whether the files are memory.
    pub(crate) is_memory: bool,
}

/// The space at a path; `None` if the system does not say.
pub(crate) fn space(path: &Path) -> Option<Space> {
    port::space(path)
}

/// The maximum size of the files that this process may write; `None` if there is no limit. Writing more may end the
/// process.
pub(crate) fn largest_file() -> Option<u64> {
    port::largest_file()
}

/// The number of open files up to this one, which was opened last.
pub(crate) fn files_up_to(file: &File) -> u64 {
    port::files_up_to(file)
}

/// The most files that this process may have open; `None` if there is no limit.
pub(crate) fn most_files() -> Option<u64> {
    port::most_files()
}

/// The number of mappings of this process; `None` if the system does not say.
pub(crate) fn mappings() -> Option<usize> {
    port::mappings()
}

/// The most mappings that a process may have; `None` if there is no limit, or the system does not say.
pub(crate) fn most_mappings() -> Option<usize> {
    port::most_mappings()
}

/// The user of this process, to whom its files belong.
pub(crate) fn user() -> Owner {
    port::user()
}

/// Whether the system's loader would use a library that is mapped already for this name or path. Nothing is mapped.
pub(crate) fn is_loaded(name: &OsStr) -> bool {
    port::is_loaded(name)
}

/// Whether a library of this name is part of the system, beyond those that every plugin needs.
pub(crate) fn is_of_the_system(name: &str) -> bool {
    port::is_of_the_system(name)
}

/// Ensures that the image with this address is never unmapped.
///
/// # Errors
///
/// Returns the reason why the image cannot be pinned.
pub(crate) fn pin(address: usize) -> Result<(), Cause> {
    port::pin(address)
}

/// Finds the mapped image that contains an address.
#[cfg(test)]
pub(crate) fn image_at(address: usize) -> Option<MappedImage> {
    port::image_at(address)
}

/// The release of the GNU C library in this process, such as `2.36`; `None` with another C library.
pub(crate) fn glibc() -> Option<String> {
    port::glibc()
}

/// Registers a function to be called when the process ends by `exit` or by a return from `main`, if the system has room
/// for it.
pub(crate) fn at_exit(function: extern "C" fn()) {
    port::at_exit(function);
}

/// Runs a function on a thread of its own, and waits until that thread has ended, but at most for `patience`. The thread
/// is not std's, which needs thread-locals of the thread that starts another one. Without a thread, nothing runs.
pub(crate) fn run_on_a_thread(run: extern "C" fn(), patience: Duration) {
    port::run_on_a_thread(run, patience);
}

/// Asks the system for its help with barriers, once. Call it before anything that is to be ordered exists.
pub(crate) fn prepare_barriers() {
    port::prepare_barriers();
}

/// The barrier of the side that runs often. What this thread has stored before it is seen after [`heavy_barrier`], or what
/// was stored before that one is seen by this thread after this one.
#[inline]
pub(crate) fn light_barrier() {
    port::light_barrier();
}

/// The barrier of the side that runs seldom. `false` if the system does not keep its promise.
#[must_use]
pub(crate) fn heavy_barrier() -> bool {
    port::heavy_barrier()
}

/// What the functions of [`ThreadKey`] return if no further key can be made, if there is no memory, and if there is no such
/// key; and how often a thread that ends runs the destructors of values that destructors have set.
pub(crate) use port::{NO_KEY_LEFT, NO_MEMORY, NO_SUCH_KEY, PASSES};

/// The number of keys that one image takes for itself, if the host does not serve them.
pub(crate) const KEYS_OF_AN_IMAGE: usize = port::KEYS_OF_AN_IMAGE;

/// The number of the system's keys that are free, but at most this one.
pub(crate) fn keys_left(most: usize) -> usize {
    port::keys_left(most)
}

/// The number of keys that a process may have.
pub(crate) fn most_keys() -> usize {
    port::most_keys()
}

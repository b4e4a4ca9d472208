//! The operating system: everything that a port of the bridge must write.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "linux", target_os = "android"))]
use linux as port;
#[cfg(target_os = "macos")]
use macos as port;
#[cfg(windows)]
use windows as port;

use std::io;
use std::ops::Range;
use std::path::Path;

use libloading::Library;

/// A region of this process's memory: all of its bytes can be read, or none; the same holds for running them.
pub(crate) struct Region {
    pub(crate) range: Range<usize>,
    pub(crate) readable: bool,
    pub(crate) executable: bool,
}

/// The regions of this process, sorted by address. Memory that is in none of them can neither be read nor run.
///
/// # Errors
///
/// The system does not list them.
pub(crate) fn regions() -> io::Result<Vec<Region>> {
    port::regions()
}

/// Maps a library as a new image. All of its symbols are found now, and none is given to other libraries.
///
/// # Errors
///
/// The system's loader fails.
///
/// # Safety
///
/// 1. The initializers of the library, and of the libraries that it needs, may do anything to this process.
pub(crate) unsafe fn open(path: &Path) -> Result<Library, libloading::Error> {
    // SAFETY: obligation 1.
    unsafe { port::open(path) }
}

/// Removes folders of copies that processes have left, if the system keeps files that are mapped. Their names begin
/// with `prefix`, and they lie in the folder for temporary files.
pub(crate) fn remove_left(prefix: &str) {
    port::remove_left(prefix);
}

//! What Unix systems share.

use std::path::Path;

use libloading::os::unix::{self, RTLD_LOCAL, RTLD_NOW};

/// # Safety
///
/// As for `sys::open`.
pub(super) unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: obligation 1 of `sys::open`.
    unsafe { unix::Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

/// A file that is mapped can be removed, so each process has removed its copies.
pub(super) fn remove_left(_prefix: &str) {}

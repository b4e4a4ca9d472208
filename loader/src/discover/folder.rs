//! The files of a folder that are libraries, by their names.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Lists the files of a folder that have the platform's suffix for libraries, sorted by name. Does not enter
/// sub-folders, and skips hidden files: editors, file systems and copying programs leave such files beside the real ones
/// (`.#libx.so`, `._libx.so`, `.libx.so.Ab12.so`).
///
/// # Errors
///
/// Returns the operating system's error if the folder cannot be listed.
pub(crate) fn libraries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    with_suffix(folder, std::env::consts::DLL_EXTENSION)
}

/// Whether a file counts as a library of its folder, by its name.
pub(crate) fn is_library(path: &Path) -> bool {
    has_suffix(path, std::env::consts::DLL_EXTENSION)
}

/// Lists the Rust libraries of a folder, which only rustc can use.
pub(crate) fn rlibs(folder: &Path) -> Vec<PathBuf> {
    with_suffix(folder, "rlib").unwrap_or_default()
}

fn with_suffix(folder: &Path, wanted: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if has_suffix(&path, wanted) && !path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn has_suffix(path: &Path, wanted: &str) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    // Where libraries have this suffix, names differ by more than the case of their letters.
    let is_wanted = |suffix: &OsStr| suffix == wanted || wanted == "dll" && suffix.eq_ignore_ascii_case(wanted);
    !hidden && path.extension().is_some_and(is_wanted)
}

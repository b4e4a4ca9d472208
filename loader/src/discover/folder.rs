//! Discovery: which files of a folder are libraries, by name.

use std::io;
use std::path::{Path, PathBuf};

/// The libraries in a folder: those with the platform's suffix, sorted by name. Sub-folders are not entered.
///
/// # Errors
///
/// The system's.
pub(crate) fn libraries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == std::env::consts::DLL_EXTENSION) && !path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

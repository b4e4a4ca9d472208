//! Folders that only this user may access.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

pub(crate) fn create_private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The folders of the session, of the system, of the user.
pub(crate) fn folders_for_files() -> impl Iterator<Item = PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = move || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let session = std::iter::once_with(move || variable("XDG_RUNTIME_DIR"));
    session.chain(std::iter::once_with(|| Some(std::env::temp_dir()))).chain(std::iter::once_with(cache)).flatten()
}

//! Folders that only this user may access, and those who may access everything.

use std::io;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::CreateDirectoryW;

use super::path::wide;
use super::security;

pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    let descriptor = security::private()?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    };
    let name = wide(path);
    // SAFETY: the name ends with a zero, and the descriptor outlives the call.
    match unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

pub(crate) fn create_private_folders(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_private_folders(parent)?;
    }
    match create_private_folder(path) {
        // Somebody else was first.
        Err(_) if path.is_dir() => Ok(()),
        created => created,
    }
}

/// The folder of the user's programs on this machine, and the one for temporary files.
pub(crate) fn folders_for_files() -> impl Iterator<Item = PathBuf> {
    let local = std::env::var_os("LOCALAPPDATA").map(PathBuf::from).filter(|path| path.is_absolute());
    local.into_iter().chain(std::iter::once_with(std::env::temp_dir))
}

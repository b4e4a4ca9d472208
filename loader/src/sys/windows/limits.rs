//! What this process may use. Windows has few limits, and says little.

use std::fs::File;
use std::io;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW;

use super::super::Space;
use super::path::wide;

pub(crate) fn space(path: &Path) -> Option<Space> {
    let (folder, mut left) = (wide(path), 0);
    // SAFETY: the name ends with a zero; the system stores a number at the address.
    let found = unsafe { GetDiskFreeSpaceExW(folder.as_ptr(), &raw mut left, null_mut(), null_mut()) };
    (found != 0).then_some(Space { left, is_memory: false })
}

pub(crate) fn may_map_code(_folder: &Path) -> io::Result<bool> {
    Ok(true)
}

pub(crate) fn without_events(_path: &Path) -> Option<&'static str> {
    None
}

pub(crate) fn largest_file() -> Option<u64> {
    None
}

pub(crate) fn files_up_to(_file: &File) -> u64 {
    0
}

pub(crate) fn most_files() -> Option<u64> {
    None
}

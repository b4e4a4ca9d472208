//! The port to Windows.

use std::env;
use std::ffi::c_void;
use std::fs;
use std::io;
use std::path::Path;
use std::ptr;
use std::time::Duration;

use libloading::os::windows::{LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, Library};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEMORY_BASIC_INFORMATION, PAGE_EXECUTE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
    PAGE_EXECUTE_WRITECOPY, PAGE_GUARD, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, VirtualQuery,
};

use super::Region;

const READABLE: u32 = PAGE_READONLY
    | PAGE_READWRITE
    | PAGE_WRITECOPY
    | PAGE_EXECUTE_READ
    | PAGE_EXECUTE_READWRITE
    | PAGE_EXECUTE_WRITECOPY;
const EXECUTABLE: u32 = PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;

/// The time from which on nobody is about to map a copy.
const OLD: Duration = Duration::from_secs(600);

pub(super) fn regions() -> io::Result<Vec<Region>> {
    let (mut regions, mut address) = (Vec::new(), 0);
    loop {
        let mut found = MEMORY_BASIC_INFORMATION::default();
        let at = ptr::without_provenance::<c_void>(address);
        // SAFETY: the address is not read; the system stores information of this size.
        let size = unsafe { VirtualQuery(at, &raw mut found, size_of::<MEMORY_BASIC_INFORMATION>()) };
        let start = found.BaseAddress.addr();
        // The system has no answer above the last address of the process.
        let Some(end) = start.checked_add(found.RegionSize).filter(|end| size != 0 && *end > address) else { break };
        // To read a page with a guard, such as the end of a stack, takes the guard away.
        let protection = if found.State == MEM_COMMIT && found.Protect & PAGE_GUARD == 0 { found.Protect } else { 0 };
        let (readable, executable) = (protection & READABLE != 0, protection & EXECUTABLE != 0);
        if readable || executable {
            regions.push(Region { range: start..end, readable, executable });
        }
        address = end;
    }
    if regions.is_empty() { Err(io::Error::last_os_error()) } else { Ok(regions) }
}

/// The folder of the copy has nothing else, so the system may search it.
///
/// # Safety
///
/// As for `sys::open`.
pub(super) unsafe fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // With the prefix `\\?\`, a path may be long.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let flags = LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR;
    // SAFETY: obligation 1 of `sys::open`.
    unsafe { Library::load_with_flags(path, flags) }.map(Into::into)
}

/// A file that is mapped cannot be removed, so the copies of processes that have ended are still there, and those of
/// others stay. A copy that is new may be about to be mapped.
pub(super) fn remove_left(prefix: &str) {
    let Ok(folders) = fs::read_dir(env::temp_dir()) else { return };
    for folder in folders.flatten().filter(|folder| folder.file_name().to_string_lossy().starts_with(prefix)) {
        let changed = folder.metadata().and_then(|found| found.modified()).ok();
        if changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > OLD) {
            // Fails if a process has mapped the copy.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

//! Libraries: LoadLibraryExW.

use std::ffi::OsStr;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::RawHandle;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::OnceLock;

use libloading::os::windows::{LOAD_LIBRARY_SEARCH_DEFAULT_DIRS, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, Library as Handle};
use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN,
    GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleExW,
};
use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;

use super::super::{Cause, MappedImage};
use super::image::image_of;
use super::path;

/// A library that is mapped.
pub(crate) struct Library(Handle);

impl Library {
    /// The system searches the folder of the library only if that has nothing but what was judged and allowed with it.
    /// Anybody may have put something in the folder of an original.
    ///
    /// # Safety
    ///
    /// As for the documentation of `sys`.
    pub(crate) unsafe fn open(path: &Path, own_folder: bool) -> Result<(Self, MappedImage), Cause> {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if !name.contains(&b'.') || name.ends_with(b".") {
            return Err(
                "its name has no dot inside, so the system would map the file with another name: rename it".into()
            );
        }
        let own = if own_folder { LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR } else { 0 };
        let name: std::ffi::OsString =
            std::os::windows::ffi::OsStringExt::from_wide(path::wide(path).split_last().map_or(&[], |(_, name)| name));
        // SAFETY: *trust*: the caller promises that the library's initializers are sound.
        let library = unsafe { Handle::load_with_flags(name, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | own) }?;
        // Nobody owns it if its headers cannot be read: its initializers have run, so it stays.
        let handle = library.into_raw();
        // SAFETY: the library was loaded as code, and is open.
        let image = unsafe { image_of(handle as RawHandle) }.ok_or("the library's headers in memory cannot be read")?;
        // SAFETY: the handle comes from `into_raw`, which gave up the only other owner.
        let library = unsafe { Handle::from_raw(handle) };
        Ok((Self(library), image))
    }

    pub(crate) fn symbol(&self, name: &str) -> Result<*const (), Cause> {
        // SAFETY: a raw pointer is a correct type for any symbol's address; nothing is read through it here.
        let symbol = unsafe { self.0.get::<*const ()>(name.as_bytes()) }?;
        Ok(*symbol)
    }
}

pub(crate) fn is_loaded(name: &OsStr) -> bool {
    let name: Vec<u16> = name.encode_wide().chain([0]).collect();
    let mut module: HMODULE = null_mut();
    let flags = GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    // SAFETY: the name ends with a zero; the system stores a handle at the address, and counts no user of it.
    unsafe { GetModuleHandleExW(flags, name.as_ptr(), &raw mut module) != 0 }
}

/// What lies in the system's own folder, which the system searches last.
pub(crate) fn is_of_the_system(name: &str) -> bool {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let mut text = [0_u16; 1024];
        // SAFETY: the buffer has this length.
        let len = unsafe { GetSystemDirectoryW(text.as_mut_ptr(), text.len() as u32) } as usize;
        let text = text.get(..len).filter(|text| !text.is_empty())?;
        Some(<std::ffi::OsString as std::os::windows::ffi::OsStringExt>::from_wide(text).into())
    });
    let is_name = !name.contains(['\\', '/', ':']) && !name.is_empty();
    is_name && folder.as_ref().is_some_and(|folder| folder.join(name).is_file())
}

/// The image that contains an address. Counts no user of it, but for what the flags say.
pub(super) fn module_at(address: usize, flags: u32) -> Option<HMODULE> {
    let mut module: HMODULE = null_mut();
    let by_address = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    let flags = by_address | if flags == 0 { GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT } else { flags };
    let name = std::ptr::without_provenance::<u16>(address);
    // SAFETY: with this flag the name is an address, which is not read; the system stores a handle.
    let found = unsafe { GetModuleHandleExW(flags, name, &raw mut module) };
    (found != 0).then_some(module)
}

pub(crate) fn pin(address: usize) -> Result<(), Cause> {
    match module_at(address, GET_MODULE_HANDLE_EX_FLAG_PIN) {
        Some(_) => Ok(()),
        None => Err("the host's table is not in any mapped image".into()),
    }
}

//! Libraries: dlopen(3).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libloading::os::unix::{Library as Handle, RTLD_LAZY, RTLD_LOCAL, RTLD_NOW};

use super::super::port::{image_at, image_of, mapped_instead_of};
use super::super::{Cause, MappedImage};

/// A library that is mapped.
pub(crate) struct Library(Handle);

impl Library {
    /// A library names the folders that the system searches itself (`$ORIGIN`).
    ///
    /// # Safety
    ///
    /// As for the documentation of `sys`.
    pub(crate) unsafe fn open(path: &Path, _own_folder: bool) -> Result<(Self, MappedImage), Cause> {
        if let Some(other) = mapped_instead_of(path) {
            let (other, variable) = (other.display(), "DYLD_LIBRARY_PATH");
            return Err(
                format!("the system would map {other}: take its folder out of the variable `{variable}`").into()
            );
        }
        // SAFETY: *trust*: the caller promises that the library's initializers are sound.
        let handle = unsafe { Handle::open(Some(path), RTLD_NOW | RTLD_LOCAL) }?.into_raw();
        // SAFETY: the handle is open.
        let image = unsafe { image_of(handle, path) }.ok_or("the system does not say where it mapped the library")?;
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
    // SAFETY: with RTLD_NOLOAD, no library is mapped and no initializer runs, says dlopen(3).
    unsafe { Handle::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD) }.is_ok()
}

pub(crate) fn pin(address: usize) -> Result<(), Cause> {
    let own = image_at(address).ok_or("the host's table is not in any mapped image")?;
    if own.name.is_empty() {
        // The program itself is never unmapped.
        return Ok(());
    }
    // The system's loader compares this name as text before it looks for a file. So the file may have moved, and a
    // relative name may have been relative to a different folder.
    let name = OsStr::from_bytes(own.name.to_bytes());
    // SAFETY: with RTLD_NOLOAD, no library is mapped and no initializer runs, says dlopen(3).
    let opened = unsafe { Handle::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) }?;
    // SAFETY: the handle is open, and stays so: `into_raw` gives up the owner that would close it.
    if unsafe { image_of(opened.into_raw(), name.as_ref()) }.as_ref() == Some(&own) {
        return Ok(());
    }
    Err(format!("the name `{}` belongs to a different image", own.name.to_string_lossy()).into())
}

/// No library beyond those of the verdict.
pub(crate) fn is_of_the_system(_name: &str) -> bool {
    false
}

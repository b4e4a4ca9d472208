//! Windows: a file has an access list, and attributes such as "hidden". Who saves it becomes its owner.

use std::ffi::c_void;
use std::fs::{self, File};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::MetadataExt;
use std::path::Path;
use std::ptr::null_mut;

use anyhow::Context;
use tempfile::NamedTempFile;
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, GetFileSecurityW, SetFileSecurityW};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_ARCHIVE, FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_NOT_CONTENT_INDEXED,
    FILE_ATTRIBUTE_SYSTEM, SetFileAttributesW,
};

/// The attributes that can be set, and that a file which can be written may have.
const ATTRIBUTES: u32 =
    FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED | FILE_ATTRIBUTE_SYSTEM;

/// What a file keeps when its text is replaced.
pub(super) struct Kept {
    attributes: u32,
    /// A security descriptor, with the alignment that the system requires.
    access: Vec<u64>,
}

impl Kept {
    pub(super) fn of(file: &File, path: &Path) -> anyhow::Result<Self> {
        let attributes = file.metadata().context("cannot read its attributes")?.file_attributes() & ATTRIBUTES;
        let access = access_of(path).context("cannot read its access list")?;
        Ok(Self { attributes, access })
    }

    pub(super) fn give_to(&self, new: &NamedTempFile) -> anyhow::Result<()> {
        let path = wide(new.path());
        let access = self.access.as_ptr().cast_mut().cast::<c_void>();
        // SAFETY: the path ends with a zero, and the system wrote the descriptor in `access_of`.
        let done = unsafe { SetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, access) };
        ok(done).context("cannot keep its access list")
    }

    /// The system replaces no file that this process has open, so the handles of both must be closed.
    pub(super) fn replace(self, new: NamedTempFile, target: &Path) -> anyhow::Result<()> {
        let new = new.into_temp_path();
        // In place of the attribute "temporary".
        let attributes = if self.attributes == 0 { FILE_ATTRIBUTE_NORMAL } else { self.attributes };
        // SAFETY: the path ends with a zero.
        let done = unsafe { SetFileAttributesW(wide(&new).as_ptr(), attributes) };
        ok(done).context("cannot keep its attributes")?;
        fs::rename(&new, target).context("cannot replace it")?;
        // Nothing is left to remove there.
        std::mem::forget(new);
        Ok(())
    }
}

/// The security descriptor of a file, with its access list alone.
fn access_of(path: &Path) -> io::Result<Vec<u64>> {
    let path = wide(path);
    let mut needed = 0;
    // SAFETY: the path ends with a zero; without room, the system stores only the size that it needs.
    unsafe { GetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, null_mut(), 0, &raw mut needed) };
    if needed == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut access = vec![0_u64; (needed as usize).div_ceil(size_of::<u64>())];
    let (room, to) = (needed, access.as_mut_ptr().cast());
    // SAFETY: the path ends with a zero, and there is this much room.
    ok(unsafe { GetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, to, room, &raw mut needed) })?;
    Ok(access)
}

/// A path for the system: UTF-16, with a zero at the end.
fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

fn ok(done: i32) -> io::Result<()> {
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::save;
    use super::*;

    fn attributes(path: &Path) -> u32 {
        fs::metadata(path).unwrap().file_attributes() & ATTRIBUTES
    }

    #[test]
    fn saving_keeps_attributes_and_the_access_list() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let hidden = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_ARCHIVE;
        // SAFETY: the path ends with a zero.
        ok(unsafe { SetFileAttributesW(wide(&path).as_ptr(), hidden) }).unwrap();
        let (attributes_before, access) = (attributes(&path), access_of(&path).unwrap());
        assert_ne!(attributes_before & FILE_ATTRIBUTE_HIDDEN, 0);
        save(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!((attributes(&path), access_of(&path).unwrap()), (attributes_before, access));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_somebody_has_open_without_sharing_is_not_replaced() {
        use std::os::windows::fs::OpenOptionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        // Others may read and write meanwhile, but not replace it: `FILE_SHARE_READ | FILE_SHARE_WRITE`.
        let open = File::options().read(true).share_mode(3).open(&path).unwrap();
        let error = format!("{:#}", save(&path, "new").unwrap_err());
        assert!(error.starts_with(&format!("{}: cannot replace it: ", path.display())), "{error}");
        drop(open);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        save(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn a_file_for_reading_only_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions.clone()).unwrap();
        if File::options().write(true).open(&path).is_ok() {
            eprintln!("SKIPPED: this user may write to all files");
            return;
        }
        let error = format!("{:#}", save(&path, "new").unwrap_err());
        assert!(error.starts_with(&format!("{}: cannot write it: ", path.display())), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        #[expect(clippy::permissions_set_readonly_false, reason = "on Windows this is one attribute")]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).unwrap();
    }
}

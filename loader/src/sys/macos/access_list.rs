//! Access control lists, which grant rights beyond a file's mode; see acl(3).

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;

use rustix::fs::{StatFs, fstatfs, statfs};

use super::super::unix::Granted;

/// From `sys/acl.h`.
const ACL_TYPE_EXTENDED: c_uint = 0x100;
const ACL_FIRST_ENTRY: c_int = 0;
const ACL_NEXT_ENTRY: c_int = -1;
const ACL_EXTENDED_DENY: c_uint = 2;
/// Writing and appending data, deleting, deleting what is in a folder, and changing list or owner: `ACL_WRITE_DATA`,
/// `ACL_DELETE`, `ACL_APPEND_DATA`, `ACL_DELETE_CHILD`, `ACL_WRITE_SECURITY` and `ACL_CHANGE_OWNER`.
const CHANGING: u64 = 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 12 | 1 << 13;

unsafe extern "C" {
    fn acl_get_fd_np(fd: c_int, kind: c_uint) -> *mut c_void;
    fn acl_get_file(path: *const c_char, kind: c_uint) -> *mut c_void;
    fn acl_get_link_np(path: *const c_char, kind: c_uint) -> *mut c_void;
    fn acl_get_entry(list: *mut c_void, which: c_int, entry: *mut *mut c_void) -> c_int;
    fn acl_get_tag_type(entry: *mut c_void, tag: *mut c_uint) -> c_int;
    fn acl_get_permset_mask_np(entry: *mut c_void, mask: *mut u64) -> c_int;
    fn acl_free(object: *mut c_void) -> c_int;
}

/// Whether the list of an open file, or its volume, grants somebody a right to change it.
pub(crate) fn granted_of(file: &File) -> io::Result<Granted> {
    if ignores_owners(&fstatfs(file)?) {
        return Ok(Granted::Everybody);
    }
    // SAFETY: the descriptor is open.
    granted(unsafe { acl_get_fd_np(file.as_raw_fd(), ACL_TYPE_EXTENDED) })
}

/// The same for the file at a path, or for a link there.
pub(crate) fn granted_at(path: &Path, follow: bool) -> io::Result<Granted> {
    if ignores_owners(&statfs(path)?) {
        return Ok(Granted::Everybody);
    }
    let path = CString::new(path.as_os_str().as_bytes())?;
    granted(match follow {
        // SAFETY: the path is a C string.
        true => unsafe { acl_get_file(path.as_ptr(), ACL_TYPE_EXTENDED) },
        // SAFETY: as above.
        false => unsafe { acl_get_link_np(path.as_ptr(), ACL_TYPE_EXTENDED) },
    })
}

/// Whether the volume is mounted with `noowners`, as external disks are: each file belongs to whoever looks.
fn ignores_owners(volume: &StatFs) -> bool {
    volume.f_flags & libc::MNT_IGNORE_OWNERSHIP as u32 != 0
}

fn granted(list: *mut c_void) -> io::Result<Granted> {
    if list.is_null() {
        let error = io::Error::last_os_error();
        // Most files have no list, and some file systems have none.
        let is_none = matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ENOTSUP | libc::EOPNOTSUPP));
        return if is_none { Ok(Granted::Nobody) } else { Err(error) };
    }
    let (mut which, mut is_granted) = (ACL_FIRST_ENTRY, false);
    loop {
        let mut entry = null_mut();
        // SAFETY: the list is ours until `acl_free`; the system stores the address of an entry in it.
        if unsafe { acl_get_entry(list, which, &raw mut entry) } != 0 {
            break;
        }
        which = ACL_NEXT_ENTRY;
        let (mut tag, mut mask) = (0, u64::MAX);
        // SAFETY: the entry is in the list.
        let has_tag = unsafe { acl_get_tag_type(entry, &raw mut tag) } == 0;
        // SAFETY: as above.
        let has_mask = unsafe { acl_get_permset_mask_np(entry, &raw mut mask) } == 0;
        let is_denied = has_tag && tag == ACL_EXTENDED_DENY;
        is_granted |= !is_denied && (!has_mask || mask & CHANGING != 0);
    }
    // SAFETY: the list was made for us, and is not used any more.
    unsafe { acl_free(list) };
    Ok(if is_granted { Granted::ByList } else { Granted::Nobody })
}

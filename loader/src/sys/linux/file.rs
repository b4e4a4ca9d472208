//! Files: what other Unix systems do not have.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::copy_file_range;

use super::super::unix::Granted;

/// From proc_pid_fd(5).
pub(crate) fn path_of(file: &File) -> Option<PathBuf> {
    let found = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    let is_there = found.is_absolute() && !found.as_os_str().as_bytes().ends_with(b" (deleted)");
    is_there.then_some(found)
}

pub(crate) fn copy(mut from: &File, mut to: &File, size: u64) -> io::Result<()> {
    let (mut read, mut written) = (0, 0);
    while read < size {
        let left = usize::try_from(size - read).unwrap_or(usize::MAX);
        match copy_file_range(from, Some(&mut read), to, Some(&mut written), left) {
            Ok(0) => break,
            Ok(_) => {}
            // Not between these file systems, says copy_file_range(2).
            Err(_) if read == 0 => {
                from.rewind()?;
                to.rewind()?;
                return io::copy(&mut from.take(size), &mut to).map(drop);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Nothing: a list's mask is in the group's bits of the mode; see acl(5).
pub(crate) fn granted_of(_file: &File) -> io::Result<Granted> {
    Ok(Granted::Nobody)
}

pub(crate) fn granted_at(_path: &Path, _follow: bool) -> io::Result<Granted> {
    Ok(Granted::Nobody)
}

/// Whether this process is in a user namespace, which does not know all users; see user_namespaces(7).
pub(crate) fn maps_users() -> bool {
    let all = |map: &str| map.split_whitespace().eq(["0", "0", "4294967295"]);
    std::fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| !all(&map))
}

//! Files, folders and their locks.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, copy_file_range, flock};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// Opens a file without blocking, even a pipe without a writer.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// Reads at an offset, independent of the file's cursor.
pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(bytes, at)
}

/// The canonical path of an open file; see proc_pid_fd(5). `None` if the file was deleted or has no path.
pub(crate) fn path_of(file: &File) -> Option<PathBuf> {
    let found = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()?;
    let is_there = found.is_absolute() && !found.as_os_str().as_bytes().ends_with(b" (deleted)");
    is_there.then_some(found)
}

/// Creates a file that only this user may read and write.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Takes the lock of a file; fails if it is held.
pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
}

/// Creates a symbolic link.
pub(crate) fn link_to(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Creates a folder that only this user may access.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Creates a folder and its parents, if they do not exist. Only this user may access the new folders.
pub(crate) fn create_private_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Copies the first bytes of a file to the beginning of another, as many as there are. The cursors may be anywhere before
/// and after.
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

/// The folders in which this user may keep files, the best one first: of the session, of the system, of the user.
pub(crate) fn folders_for_files() -> impl Iterator<Item = PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = move || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let session = std::iter::once_with(move || variable("XDG_RUNTIME_DIR"));
    session.chain(std::iter::once_with(|| Some(std::env::temp_dir()))).chain(std::iter::once_with(cache)).flatten()
}

/// The maximum size of the files that this process may write. Writing more ends the process; see getrlimit(2),
/// `RLIMIT_FSIZE`.
pub(crate) fn largest_file() -> Option<u64> {
    getrlimit(Resource::Fsize).current
}

/// The effective user ID of this process.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether this process is in a user namespace, which does not know all users; see user_namespaces(7).
pub(crate) fn maps_users() -> bool {
    let all = |map: &str| map.split_whitespace().eq(["0", "0", "4294967295"]);
    std::fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| !all(&map))
}

/// Whether an error says that this process, or the system, can open nothing more.
pub(crate) fn is_limit(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// The owner, the group and the permissions of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) owner: u32,
    pub(crate) group: u32,
    /// The twelve bits of chmod(2).
    pub(crate) mode: u32,
}

impl Access {
    pub(crate) fn of(file: &Metadata) -> Self {
        Self { owner: file.uid(), group: file.gid(), mode: file.mode() & 0o7777 }
    }

    /// Whether only this user may access the file.
    pub(crate) fn is_private(&self) -> bool {
        self.owner == user() && self.mode & 0o077 == 0
    }

    /// Whether users other than this one and root may replace files that this user keeps in the folder. In a folder
    /// with the sticky bit, they may add files only.
    pub(crate) fn lets_others_replace(&self) -> bool {
        let sticky = self.mode & 0o1000 != 0;
        ![0, user()].contains(&self.owner) || self.mode & 0o022 != 0 && !sticky
    }
}

/// The identity of a file: its device and its inode. An inode may be used again after its file is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    pub(crate) fn of(file: &Metadata) -> Self {
        Self { device: file.dev(), inode: file.ino() }
    }
}

/// The identity, the size and the times of a file. Two equal stamps whose times are old mean that the file did not
/// change in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: FileId,
    size: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

impl Stamp {
    pub(crate) fn of(file: &Metadata) -> Self {
        Self {
            file: FileId::of(file),
            size: file.len(),
            changed: (file.ctime(), file.ctime_nsec()),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }

    /// The size of the file, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The time of the last change to the file or to its metadata.
    pub(crate) fn last_change(&self) -> SystemTime {
        let (seconds, nanoseconds) = self.changed;
        UNIX_EPOCH + Duration::new(seconds.try_into().unwrap_or(0), nanoseconds as u32)
    }
}

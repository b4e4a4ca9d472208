//! Files: opening, reading, and what the system says about them.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::IntoRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::super::port::{granted_at, granted_of};
use super::access::{Access, Granted};

pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(bytes, at)
}

pub(crate) fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Nothing to do: a library may be mapped while it is open for writing. Only this user may write to the copy.
pub(crate) fn sealed(file: File, _path: &Path) -> io::Result<File> {
    Ok(file)
}

pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    Ok(flock(file, FlockOperation::NonBlockingLockExclusive)?)
}

pub(crate) fn link_to(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

pub(crate) fn keep_open(file: File) {
    let _ = file.into_raw_fd();
}

pub(crate) fn is_limit(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

/// What the system says about a file.
pub(crate) struct Stat {
    found: Metadata,
    granted: Granted,
}

impl Stat {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        Ok(Self { found: file.metadata()?, granted: granted_of(file).unwrap_or(Granted::ByList) })
    }

    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { found: path.metadata()?, granted: granted_at(path, true).unwrap_or(Granted::ByList) })
    }

    pub(crate) fn of_link(path: &Path) -> io::Result<Self> {
        Ok(Self { found: path.symlink_metadata()?, granted: granted_at(path, false).unwrap_or(Granted::ByList) })
    }

    /// The folder of a mounted file system stands for the folder below it.
    pub(crate) fn on_the_way(path: &Path) -> io::Result<Vec<Self>> {
        Ok(vec![Self::of_link(path)?])
    }

    pub(crate) fn is_file(&self) -> bool {
        self.found.is_file()
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.found.is_dir()
    }

    pub(crate) fn access(&self) -> Access {
        Access::of(&self.found, self.granted)
    }

    pub(crate) fn id(&self) -> FileId {
        FileId { device: self.found.dev(), inode: self.found.ino() }
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            file: self.id(),
            size: self.found.len(),
            changed: (self.found.ctime(), self.found.ctime_nsec()),
            modified: (self.found.mtime(), self.found.mtime_nsec()),
        }
    }
}

/// The identity of a file: its device and its inode. An inode may be used again after its file is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

/// The identity, the size and the times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: FileId,
    size: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

impl Stamp {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn last_change(&self) -> Option<SystemTime> {
        let (seconds, nanoseconds) = self.changed;
        Some(UNIX_EPOCH + Duration::new(seconds.try_into().unwrap_or(0), nanoseconds as u32))
    }
}

//! Files: opening, reading, locks, and what the system says about them.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::os::windows::io::{AsRawHandle, IntoRawHandle};
use std::path::Path;
use std::time::SystemTime;

use windows_sys::Win32::Foundation::{ERROR_NO_SYSTEM_RESOURCES, ERROR_SHARING_VIOLATION, ERROR_TOO_MANY_OPEN_FILES};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_REPARSE_POINT, FILE_BASIC_INFO,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_TYPE_DISK, FileBasicInfo, GetFileInformationByHandle, GetFileInformationByHandleEx, GetFileType,
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, READ_CONTROL, SECURITY_IDENTIFICATION,
};
use windows_sys::Win32::System::IO::OVERLAPPED;

use super::access::Access;

pub(crate) fn open(path: &Path) -> io::Result<File> {
    // A folder can be opened, and is told from a file later. The server of a pipe may not act for this user.
    let mut options = OpenOptions::new();
    let options =
        options.read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).security_qos_flags(SECURITY_IDENTIFICATION);
    let file = options.open(path)?;
    // SAFETY: the handle is open.
    match unsafe { GetFileType(file.as_raw_handle()) } {
        FILE_TYPE_DISK => Ok(file),
        _ => Err(io::Error::other("the path is not a regular file")),
    }
}

pub(crate) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(bytes, at)
}

pub(crate) fn copy(mut from: &File, mut to: &File, size: u64) -> io::Result<()> {
    from.rewind()?;
    to.rewind()?;
    io::copy(&mut from.take(size), &mut to).map(drop)
}

/// The file inherits the access list of its folder.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).open(path)
}

/// No library is mapped that somebody may write to. As long as this file is open, nobody can open it for writing.
pub(crate) fn sealed(file: File, path: &Path) -> io::Result<File> {
    drop(file);
    OpenOptions::new().read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE).open(path)
}

/// Locks one byte far behind the end. Locks are mandatory, so the bytes of the file can still be read.
pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    let mut place = OVERLAPPED::default();
    place.Anonymous.Anonymous.Offset = u32::MAX - 1;
    place.Anonymous.Anonymous.OffsetHigh = i32::MAX as u32;
    let flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    // SAFETY: the handle is open, and the place outlives the call, which does not wait.
    match unsafe { LockFileEx(file.as_raw_handle(), flags, 0, 1, 0, &raw mut place) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

pub(crate) fn keep_open(file: File) {
    let _ = file.into_raw_handle();
}

pub(crate) fn link_to(target: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}

pub(crate) fn is_limit(error: &io::Error) -> bool {
    let limits = [ERROR_TOO_MANY_OPEN_FILES, ERROR_NO_SYSTEM_RESOURCES];
    error.raw_os_error().is_some_and(|error| limits.contains(&(error as u32)))
}

/// Nobody can open a file to read it alone while somebody has it open for writing.
pub(crate) fn has_writer(_file: &File, path: &Path) -> Option<bool> {
    match OpenOptions::new().read(true).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE).open(path) {
        Ok(_) => Some(false),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION as i32) => Some(true),
        Err(_) => None,
    }
}

/// What the system says about a file.
pub(crate) struct Stat {
    attributes: u32,
    stamp: Stamp,
    access: Access,
}

impl Stat {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let mut found = BY_HANDLE_FILE_INFORMATION::default();
        // SAFETY: the handle is open, and the system stores the information at the address.
        if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let mut times = FILE_BASIC_INFO::default();
        let (to, size) = ((&raw mut times).cast::<c_void>(), size_of::<FILE_BASIC_INFO>() as u32);
        // SAFETY: the handle is open, and the system stores information of this size at the address.
        if unsafe { GetFileInformationByHandleEx(file.as_raw_handle(), FileBasicInfo, to, size) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let both = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let file_id =
            FileId { volume: found.dwVolumeSerialNumber, index: both(found.nFileIndexHigh, found.nFileIndexLow) };
        let stamp = Stamp {
            file: file_id,
            size: both(found.nFileSizeHigh, found.nFileSizeLow),
            changed: times.ChangeTime,
            modified: times.LastWriteTime,
        };
        let attributes = found.dwFileAttributes;
        Ok(Self { attributes, stamp, access: Access::of(file, attributes & FILE_ATTRIBUTE_DIRECTORY != 0) })
    }

    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        Self::of(&look_at(path, 0)?)
    }

    pub(crate) fn of_link(path: &Path) -> io::Result<Self> {
        Self::of(&look_at(path, FILE_FLAG_OPEN_REPARSE_POINT)?)
    }

    /// A folder on which a volume is mounted is a link that canonical paths keep. What is in the root of the volume may
    /// be replaced by whoever may do that there.
    pub(crate) fn on_the_way(path: &Path) -> io::Result<Vec<Self>> {
        let mut found = vec![Self::of_link(path)?];
        if found[0].is_link() {
            found.push(Self::at(path)?);
        }
        Ok(found)
    }

    fn is_link(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_REPARSE_POINT != 0
    }

    pub(crate) fn is_file(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_DIRECTORY == 0
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.attributes & FILE_ATTRIBUTE_DIRECTORY != 0 && !self.is_link()
    }

    pub(crate) fn access(&self) -> Access {
        self.access.clone()
    }

    pub(crate) fn id(&self) -> FileId {
        self.stamp.file
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// Opens a file or folder to ask about it. Nobody is kept from it meanwhile.
fn look_at(path: &Path, flags: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.access_mode(READ_CONTROL | FILE_READ_ATTRIBUTES);
    options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS | flags).security_qos_flags(SECURITY_IDENTIFICATION).open(path)
}

/// The identity of a file: its volume and its number there. A number may be used again after its file is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    volume: u32,
    index: u64,
}

/// The identity, the size and the times of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: FileId,
    size: u64,
    changed: i64,
    modified: i64,
}

impl Stamp {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The system may write the times only when a file is closed.
    pub(crate) fn last_change(&self) -> Option<SystemTime> {
        None
    }
}

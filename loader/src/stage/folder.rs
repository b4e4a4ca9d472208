//! The folder that a process keeps its copies in.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};

use crate::sys;

/// This process's folder, and the lock that tells others that it lives.
struct ProcessFolder {
    path: PathBuf,
    _lock: File,
}

static FOLDER: Mutex<Option<ProcessFolder>> = Mutex::new(None);

/// Removes this process's folder; a process that ends in another way leaves it to the next one.
extern "C" fn clean_up_at_exit() {
    if let Ok(folder) = FOLDER.try_lock() {
        let _ = folder.as_ref().map(|folder| fs::remove_dir_all(&folder.path));
    }
}

/// Where a user's processes keep what lives as long as they do.
pub(super) fn runtime_folder() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_dir())
        .unwrap_or_else(std::env::temp_dir)
}

/// The folder of this process; made, and the folders of dead processes removed, at the first call.
pub(super) fn process_folder() -> io::Result<PathBuf> {
    let mut folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = &*folder {
        return Ok(folder.path.clone());
    }
    let user = runtime_folder().join(format!("plugbox-{}", rustix::process::geteuid().as_raw()));
    private_folder(&user)?;
    // Nobody sweeps between the making of a folder and the locking of its lock.
    let one_at_a_time =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(user.join("lock"))?;
    flock(&one_at_a_time, FlockOperation::LockExclusive)?;
    sweep(&user);
    // Two processes of one number may share the folder, each in a container of its own.
    for attempt in 0..1000 {
        let name = match attempt {
            0 => std::process::id().to_string(),
            _ => format!("{}-{attempt}", std::process::id()),
        };
        let path = user.join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        let lock = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path.join("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        *folder = Some(ProcessFolder { path: path.clone(), _lock: lock });
        sys::at_exit(clean_up_at_exit);
        return Ok(path);
    }
    Err(io::Error::other("a thousand folders of this process's number are in use"))
}

/// Makes a folder that only this user may enter, or takes one that is just so.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(path)?;
    let own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
    if own {
        return Ok(());
    }
    let message = format!("{} belongs to somebody else, or others may enter it", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

/// Removes what dead processes have left: the lock of a living one is held.
fn sweep(user: &Path) {
    for entry in fs::read_dir(user).into_iter().flatten().flatten() {
        if !entry.path().is_dir() {
            continue;
        }
        // A folder without a lock was left by a process that died in the moment of making it.
        let dead = match File::open(entry.path().join("lock")) {
            Ok(lock) => flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if dead {
            tracing::debug!(folder = %entry.path().display(), "removing the copies of a process that has ended");
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

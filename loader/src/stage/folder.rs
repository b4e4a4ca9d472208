//! The folder for a process's staging copies.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::sys::{self, Access};

/// This process's folder, and the lock that shows other processes that this one is alive.
struct ProcessFolder {
    path: PathBuf,
    _lock: File,
}

static FOLDER: Mutex<Option<ProcessFolder>> = Mutex::new(None);

/// Removes this process's folder at exit. If the process ends in a different way, the next process removes the folder.
extern "C" fn clean_up_at_exit() {
    if let Ok(folder) = FOLDER.try_lock() {
        let _ = folder.as_ref().map(|folder| fs::remove_dir_all(&folder.path));
    }
}

/// The folder of this process. The first call creates it, and removes the folders of processes that have ended.
pub(super) fn process_folder() -> io::Result<PathBuf> {
    let mut folder = FOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = &*folder {
        return Ok(folder.path.clone());
    }
    let user = sys::runtime_folder().join(format!("plugbox-{}", sys::user()));
    private_folder(&user)?;
    // Under this lock, no other process can sweep between the creation of our folder and the locking of its lock.
    let one_at_a_time = sys::open_lock(&user.join("lock"))?;
    sys::lock(&one_at_a_time)?;
    sweep(&user);
    // Two processes in different containers may have the same ID and share the user's folder.
    for attempt in 0..1000 {
        let name = match attempt {
            0 => std::process::id().to_string(),
            _ => format!("{}-{attempt}", std::process::id()),
        };
        let path = user.join(name);
        match sys::create_private_folder(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        let lock = sys::create_private(&path.join("lock"))?;
        sys::try_lock(&lock)?;
        *folder = Some(ProcessFolder { path: path.clone(), _lock: lock });
        sys::at_exit(clean_up_at_exit);
        return Ok(path);
    }
    Err(io::Error::other("all thousand folder names for this process ID are in use"))
}

/// Creates a folder that only this user may access, or checks that the existing one is such a folder.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    match sys::create_private_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(path)?;
    let access = Access::of(&found);
    if found.is_dir() && access.owner == sys::user() && access.mode & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("{} is not a folder, another user owns it, or other users may access it", path.display());
    Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
}

/// Removes the folders of processes that have ended; a process that is alive holds the lock of its folder.
fn sweep(user: &Path) {
    for entry in fs::read_dir(user).into_iter().flatten().flatten() {
        if !entry.path().is_dir() {
            continue;
        }
        // A folder without a lock was left by a process that ended right after creating the folder.
        let dead = match File::open(entry.path().join("lock")) {
            Ok(lock) => sys::try_lock(&lock).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if dead {
            tracing::debug!(folder = %entry.path().display(), "removing the copies of a process that has ended");
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

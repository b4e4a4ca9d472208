//! Staging: the private copy that is judged and then mapped.
//!
//! `<runtime folder>/plugbox-<uid>/<process>/<generation>/libname.so`, folders of mode 0700. Each generation has a path
//! of its own, because the system's loader answers with the old image for a path, inode or link that it knows; and the
//! compiler may write to the original at any moment.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};

use crate::errors::LoadError;
use crate::opened::Opened;
use crate::read::ReadError;
use crate::sys;

/// What is judged and then mapped: a copy in a folder of its own, or the file itself.
pub(crate) struct Staged {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// It, opened.
    pub(crate) file: Opened,
    /// What goes when this is dropped: the folder of a copy that is not mapped.
    folder: Option<PathBuf>,
}

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

/// Copies a library into the folder of a generation.
pub(crate) fn stage(original: &mut Opened, canonical: &Path, generation: u64) -> Result<Staged, LoadError> {
    let process = process_folder().map_err(failed(&runtime_folder(), "make a private folder for copies in it"))?;
    let folder = process.join(generation.to_string());
    private_folder(&folder).map_err(failed(&folder, "make a private folder"))?;
    let path = folder.join(canonical.file_name().unwrap_or_default());
    match copied(original, canonical, &path) {
        Ok(file) => Ok(Staged { path, file, folder: Some(folder) }),
        Err(error) => {
            discard(&folder);
            Err(error)
        }
    }
}

/// Takes a library where it lies.
pub(crate) fn in_place(original: Opened, canonical: PathBuf) -> Staged {
    Staged { path: canonical, file: original, folder: None }
}

/// Opens a file that was a regular one, and says what the system says of it.
pub(crate) fn reopen(path: &Path) -> Result<(Opened, Metadata), LoadError> {
    Opened::regular(path).map_err(|error| {
        let error = match error {
            ReadError::Io(error) => error,
            other => io::Error::other(format!("{other} any more")),
        };
        failed(path, "open it")(error)
    })
}

fn failed(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> LoadError + use<> {
    let path = path.to_owned();
    move |source| LoadError::Io { path: path.clone(), doing, source }
}

/// Copies a file as it is at one moment.
fn copied(original: &mut Opened, canonical: &Path, path: &Path) -> Result<Opened, LoadError> {
    let mut copy = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed(path, "make a private copy"))?;
    for _ in 0..ATTEMPTS {
        if snapshot(&mut original.file, &mut copy).map_err(failed(canonical, "copy it to a private folder"))? {
            tracing::debug!(path = %canonical.display(), copy = %path.display(), "staged");
            return Opened::of(copy).map_err(failed(path, "look at this copy of it"));
        }
        // Not before it is needed: ext4 writes a file that was emptied to the disk when it is closed (auto_da_alloc).
        copy.set_len(0).map_err(failed(path, "empty this copy of it"))?;
    }
    Err(LoadError::Changing { path: canonical.to_owned() })
}

/// Removes a generation's folder; what cannot be removed now goes when the next process sweeps.
fn discard(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

/// How often a file that changes is copied before somebody is told.
const ATTEMPTS: u32 = 3;

/// Longer than the tick of a file system's clock.
const SETTLED: Duration = Duration::from_secs(2);

/// Copies a file as it is at one moment; `false` where it changed meanwhile: the copy may be half the one and half the
/// other, with the records of the one and the code of the other.
fn snapshot(source: &mut File, copy: &mut File) -> io::Result<bool> {
    let before = source.metadata()?;
    source.rewind()?;
    copy.rewind()?;
    io::copy(source, copy)?;
    let after = source.metadata()?;
    let stamp = |file: &Metadata| (file.len(), file.ctime(), file.ctime_nsec(), file.mtime(), file.mtime_nsec());
    if stamp(&before) != stamp(&after) {
        return Ok(false);
    }
    // Its last change is so long ago that another one would have shown in the time of it.
    let changed = UNIX_EPOCH + Duration::new(before.ctime().try_into().unwrap_or(0), before.ctime_nsec() as u32);
    if SystemTime::now().duration_since(changed).is_ok_and(|age| age > SETTLED) {
        return Ok(true);
    }
    // Otherwise it is read again: what is equal in both readings is what it was between them.
    source.rewind()?;
    copy.rewind()?;
    equal(source, copy)
}

/// Whether two files hold the same bytes from where they stand.
fn equal(one: &mut File, other: &mut File) -> io::Result<bool> {
    const BLOCK: u64 = 64 << 10;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    loop {
        ours.clear();
        theirs.clear();
        one.by_ref().take(BLOCK).read_to_end(&mut ours)?;
        other.by_ref().take(BLOCK).read_to_end(&mut theirs)?;
        if ours != theirs || ours.is_empty() {
            return Ok(ours == theirs);
        }
    }
}

impl Staged {
    /// Copies a library that this one needs to where it will be looked for; opens it where that is where it lies.
    ///
    /// Returns what is mapped then, and what the system says of the original.
    pub(crate) fn beside(&self, original: &Path) -> Result<(Opened, Metadata), LoadError> {
        let (mut opened, found) = reopen(original)?;
        Ok(match &self.folder {
            Some(folder) => {
                let copy = folder.join(original.file_name().unwrap_or_default());
                (copied(&mut opened, original, &copy)?, found)
            }
            None => (opened, found),
        })
    }

    /// Keeps the copy until the process ends: it is mapped.
    pub(crate) fn keep(&mut self) {
        self.folder = None;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.folder.iter().for_each(|folder| discard(folder));
    }
}

/// Where a user's processes keep what lives as long as they do.
fn runtime_folder() -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute() && path.is_dir())
        .unwrap_or_else(std::env::temp_dir)
}

/// The folder of this process; made, and the folders of dead processes removed, at the first call.
fn process_folder() -> io::Result<PathBuf> {
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
fn private_folder(path: &Path) -> io::Result<()> {
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

//! The folders for this process's copies.
//!
//! The folder is `<place>/plugbox-<uid>/<process>`, or `<place>/plugbox-<uid>-<process>` if somebody else has taken the
//! first name. A copy is in it, or in a folder `<generation>` in it, under its own name. Only this user may access these
//! folders.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::owner;
use super::sweep::sweep;
use crate::sys::{self, Capabilities, Owner, Stat};

/// The folder of a process in a place. A child by fork(2) has the list of its parent, and the folders stay its parent's.
#[derive(Clone)]
struct ProcessFolder {
    place: PathBuf,
    path: PathBuf,
    /// Whether the files in it are memory.
    is_memory: bool,
    process: u32,
    user: Owner,
}

impl ProcessFolder {
    /// Whether this process made the folder, as the user that it still is.
    fn is_ours(&self) -> bool {
        self.process == std::process::id() && self.user == sys::user()
    }
}

static FOLDERS: Mutex<Vec<ProcessFolder>> = Mutex::new(Vec::new());

/// A new file for a copy. Dropping it removes the file.
pub(super) struct CopyFile {
    pub(super) path: PathBuf,
    /// The folder of the generation, if the copy has one.
    pub(super) folder: Option<PathBuf>,
    /// Whether the file is memory.
    pub(super) is_memory: bool,
    process: u32,
    is_kept: bool,
}

impl CopyFile {
    /// Creates an empty file of this name in a place. If libraries will be copied to folders near it, `levels` is the
    /// number of folders above its own that these may have; if nothing will lie beside it, it is `None`.
    pub(super) fn create(
        place: &Path,
        name: &OsStr,
        generation: u64,
        levels: Option<usize>,
    ) -> io::Result<(Self, File)> {
        let process = process_folder(place)?;
        match Self::create_in(&process, name, generation, levels) {
            // The folder was removed, for example by a program that cleans `/tmp`.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                folders(|folders| folders.retain(|folder| folder.path != process.path));
                Self::create_in(&process_folder(place)?, name, generation, levels)
            }
            created => created,
        }
    }

    fn create_in(
        process: &ProcessFolder,
        name: &OsStr,
        generation: u64,
        levels: Option<usize>,
    ) -> io::Result<(Self, File)> {
        let ProcessFolder { path: process, is_memory, process: number, .. } = process;
        let new = |path, folder| Self { path, folder, is_memory: *is_memory, process: *number, is_kept: false };
        // A folder of its own costs as much time as the copy on some file systems, so the first copy of a name has none.
        if levels.is_none() && !name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
            let path = process.join(name);
            match sys::create_private(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => return created.map(|file| (new(path, None), file)),
            }
        }
        let folder = process.join(generation.to_string());
        sys::create_private_folder(&folder)?;
        let inner: PathBuf = std::iter::repeat_n("inner", levels.unwrap_or(0)).collect();
        let copy = new(folder.join(inner).join(name), Some(folder));
        sys::create_private_folders(copy.path.parent().unwrap_or(process))?;
        let file = sys::create_private(&copy.path)?;
        Ok((copy, file))
    }

    /// Keeps the file until the process ends, because it is mapped.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for CopyFile {
    fn drop(&mut self) {
        if !self.is_kept && self.process == std::process::id() {
            let _ = match &self.folder {
                Some(folder) => fs::remove_dir_all(folder),
                None => fs::remove_file(&self.path),
            };
        }
    }
}

/// Nothing but file operations may run here, and no subscriber of the host: it could load a plugin.
fn folders<T>(with: impl FnOnce(&mut Vec<ProcessFolder>) -> T) -> T {
    with(&mut FOLDERS.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The folder of this process in a place. The first call creates it, and removes what ended processes have left there.
fn process_folder(place: &Path) -> io::Result<ProcessFolder> {
    let (folder, others) = folders(|folders| -> io::Result<(_, Option<Others>)> {
        if let Some(known) = folders.iter().find(|folder| folder.place == place && folder.is_ours()) {
            return Ok((known.clone(), None));
        }
        let (path, others) = create_process_folder(place)?;
        let (process, user) = (std::process::id(), sys::user());
        let is_memory = sys::space(&path).is_some_and(|space| space.is_memory);
        let folder = ProcessFolder { place: place.to_owned(), path, is_memory, process, user };
        folders.push(folder.clone());
        Ok((folder, Some(others)))
    })?;
    static AT_EXIT: Once = Once::new();
    AT_EXIT.call_once(|| sys::at_exit(remove_at_exit));
    if let Some((others, prefix)) = others {
        sweep(&others, &prefix, &folder.path);
    }
    Ok(folder)
}

/// Removes this process's folders, or lets a later process remove them. It does that too if the process ends in a
/// different way, but not at once.
extern "C" fn remove_at_exit() {
    if let Ok(folders) = FOLDERS.try_lock() {
        for folder in folders.iter().filter(|folder| folder.is_ours()) {
            let _ = match Capabilities::of_this_system().copies_removed_at_exit {
                true => fs::remove_dir_all(&folder.path),
                false => owner::leave(&folder.path),
            };
        }
    }
}

/// Where the folders of this user's other processes are: in this folder, and their names begin so.
type Others = (PathBuf, String);

/// Creates a folder for this process in a place.
fn create_process_folder(place: &Path) -> io::Result<(PathBuf, Others)> {
    let place = sys::canonicalize(place)?;
    check(&place)?;
    create_in_canonical(&place)
}

fn create_in_canonical(place: &Path) -> io::Result<(PathBuf, Others)> {
    // No two processes have the same name, even in containers that share the place.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let process = format!("{}-{now:x}", std::process::id());
    let user = format!("plugbox-{}", sys::user());
    let (parent, prefix) = match user_folder(&place.join(&user))? {
        true => (place.join(user), String::new()),
        false => (place.to_owned(), user + "-"),
    };
    let path = parent.join(prefix.clone() + &process);
    sys::create_private_folder(&path)?;
    // On Windows, whoever may add files to an empty folder can turn it into a link. From now on the place is not empty.
    let written = owner::write(&path).and_then(|()| match sys::canonicalize(&path)? == path {
        true => Ok(()),
        false => Err(io::Error::other("the folder became a link")),
    });
    written.inspect_err(|_| drop(fs::remove_dir_all(&path)))?;
    Ok((path, (parent, prefix)))
}

/// Creates the folder of this user. Returns `false` if the name is taken by something that others may access.
fn user_folder(path: &Path) -> io::Result<bool> {
    match sys::create_private_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = Stat::of_link(path)?;
            Ok(found.is_folder() && found.access().is_private())
        }
        created => created.map(|()| true),
    }
}

/// Checks that nobody else could replace files in a place, and that their code may be mapped.
fn check(place: &Path) -> io::Result<()> {
    for folder in place.ancestors() {
        if Stat::on_the_way(folder)?.iter().any(|found| found.access().lets_others_replace()) {
            let which = if folder == place { "it".to_owned() } else { folder.display().to_string() };
            return Err(io::Error::other(format!("users other than this one and root may replace files in {which}")));
        }
    }
    match sys::may_map_code(place)? {
        true => Ok(()),
        false => Err(io::Error::other("it is on a file system that is mounted with `noexec`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_became_a_link_is_not_used() {
        let root = tempfile::tempdir().unwrap();
        let root = sys::canonicalize(root.path()).unwrap();
        let (other, place) = (root.join("other"), root.join("place"));
        fs::create_dir(&other).unwrap();
        assert!(create_in_canonical(&other).is_ok(), "the control");
        let _ = sys::link_to(&other, &place);
        if !place.is_dir() {
            eprintln!("SKIPPED: Windows makes such links for some users only, and Wine 8 none");
            return;
        }
        let user = other.join(format!("plugbox-{}", sys::user()));
        let processes = || fs::read_dir(&user).unwrap().count();
        let before = processes();
        let error = create_in_canonical(&place).unwrap_err().to_string();
        assert!(error.contains("became a link"), "{error}");
        assert_eq!(processes(), before, "nothing is left");
    }
}

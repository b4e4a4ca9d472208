//! Staging: the private copy that is judged and then mapped.
//!
//! `<runtime folder>/plugbox-<uid>/<process>/<generation>/libname.so`, folders of mode 0700. Each generation has a path
//! of its own, because the system's loader answers with the old image for a path, inode or link that it knows; and the
//! compiler may write to the original at any moment.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{private_folder, process_folder};
use super::snapshot::snapshot;
use crate::errors::LoadError;
use crate::read::{Opened, ReadError};
use crate::sys;

/// What is judged and then mapped: a copy in a folder of its own, or the file itself.
pub(crate) struct StagedFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// It, opened.
    pub(crate) file: Opened,
    /// What goes when this is dropped: the folder of a copy that is not mapped.
    folder: Option<PathBuf>,
}

/// Copies a library into the folder of a generation.
pub(crate) fn stage(original: &mut Opened, canonical: &Path, generation: u64) -> Result<StagedFile, LoadError> {
    let process = process_folder().map_err(failed(&sys::runtime_folder(), "make a private folder for copies in it"))?;
    let folder = process.join(generation.to_string());
    private_folder(&folder).map_err(failed(&folder, "make a private folder"))?;
    let path = folder.join(canonical.file_name().unwrap_or_default());
    match copied(original, canonical, &path) {
        Ok(file) => Ok(StagedFile { path, file, folder: Some(folder) }),
        Err(error) => {
            discard(&folder);
            Err(error)
        }
    }
}

/// Takes a library where it lies.
pub(crate) fn in_place(original: Opened, canonical: PathBuf) -> StagedFile {
    StagedFile { path: canonical, file: original, folder: None }
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

/// How often a file that changes is copied before somebody is told.
const ATTEMPTS: u32 = 3;

/// Copies a file as it is at one moment.
fn copied(original: &mut Opened, canonical: &Path, path: &Path) -> Result<Opened, LoadError> {
    let mut copy = sys::create_private(path).map_err(failed(path, "make a private copy"))?;
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

impl StagedFile {
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

impl Drop for StagedFile {
    fn drop(&mut self) {
        self.folder.iter().for_each(|folder| discard(folder));
    }
}

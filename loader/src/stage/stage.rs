//! Staging: the private copy that is judged and mapped.
//!
//! The path of a copy is `<runtime folder>/plugbox-<uid>/<process>/<generation>/libname.so`; its folders have mode
//! 0700. Each generation has a separate path, because the system's loader returns the old image for a path, an inode or
//! a link that it knows. A copy is needed, because the compiler may write to the original at any moment.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{private_folder, process_folder};
use super::snapshot::snapshot;
use crate::errors::LoadError;
use crate::read::{Opened, ReadError};
use crate::sys;

/// The file that is judged and mapped: a copy in a separate folder, or the original.
pub(crate) struct StagedFile {
    /// The path of the file.
    pub(crate) path: PathBuf,
    /// The open file.
    pub(crate) file: Opened,
    /// The folder of a copy that is not mapped; removed on drop.
    folder: Option<PathBuf>,
}

/// Copies a library into the folder of a generation.
pub(crate) fn stage(original: &mut Opened, canonical: &Path, generation: u64) -> Result<StagedFile, LoadError> {
    let process =
        process_folder().map_err(failed(&sys::runtime_folder(), "create a folder for private copies in it"))?;
    let folder = process.join(generation.to_string());
    private_folder(&folder).map_err(failed(&folder, "create this private folder"))?;
    let path = folder.join(canonical.file_name().unwrap_or_default());
    match copied(original, canonical, &path) {
        Ok(file) => Ok(StagedFile { path, file, folder: Some(folder) }),
        Err(error) => {
            discard(&folder);
            Err(error)
        }
    }
}

/// Uses the original file of a library, without a copy.
pub(crate) fn in_place(original: Opened, canonical: PathBuf) -> StagedFile {
    StagedFile { path: canonical, file: original, folder: None }
}

/// Opens a file that was a regular file before, and returns its metadata too.
pub(crate) fn reopen(path: &Path) -> Result<(Opened, Metadata), LoadError> {
    Opened::regular(path).map_err(|error| {
        let error = match error {
            ReadError::Io(error) => error,
            other => io::Error::other(format!("the file was replaced: {other}")),
        };
        failed(path, "open the file")(error)
    })
}

fn failed(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> LoadError + use<> {
    let path = path.to_owned();
    move |source| LoadError::Io { path: path.clone(), doing, source }
}

/// The maximum number of attempts to copy a file that changes.
const ATTEMPTS: u32 = 3;

/// Copies a file's bytes at one moment to `path`, and returns the open copy.
fn copied(original: &mut Opened, canonical: &Path, path: &Path) -> Result<Opened, LoadError> {
    let mut copy = sys::create_private(path).map_err(failed(path, "create this private copy"))?;
    for _ in 0..ATTEMPTS {
        if snapshot(&mut original.file, &mut copy).map_err(failed(canonical, "copy the file to a private folder"))? {
            tracing::debug!(path = %canonical.display(), copy = %path.display(), "staged");
            return Opened::of(copy).map_err(failed(path, "read the size of this private copy"));
        }
        // Only before a further attempt: ext4 writes a file that was truncated to 0 to disk on close (auto_da_alloc).
        copy.set_len(0).map_err(failed(path, "empty this private copy"))?;
    }
    Err(LoadError::Changing { path: canonical.to_owned() })
}

/// Removes a generation's folder. The next process that sweeps removes the files that cannot be removed now.
fn discard(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

impl StagedFile {
    /// Copies a library that this library needs to the folder of this copy, where the system's loader will search for
    /// it. If this library is not a copy, opens the original.
    ///
    /// Returns the file that will be mapped, and the metadata of the original.
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

    /// Keeps the copy until the process ends, because it is mapped.
    pub(crate) fn keep(&mut self) {
        self.folder = None;
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        self.folder.iter().for_each(|folder| discard(folder));
    }
}

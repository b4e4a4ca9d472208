//! Staging: the private copy that is judged and mapped.
//!
//! A copy is needed, because the compiler may write to the original at any moment. Each generation has a separate path,
//! because the system's loader returns the old image for a path, an inode or a link that it knows.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::CopyFile;
use super::snapshot::snapshot;
use crate::errors::LoadError;
use crate::read::{Opened, ReadError};
use crate::sys;

/// Where the copies of libraries are kept.
#[derive(Clone, Debug, Default)]
pub(crate) enum Staging {
    /// In the first suitable folder, or in memory.
    #[default]
    Anywhere,
    /// In this folder.
    In(PathBuf),
    /// Nowhere: the original is mapped.
    InPlace,
}

/// The file that is judged and mapped.
pub(crate) struct StagedFile {
    /// The path of the file.
    pub(crate) path: PathBuf,
    /// The open file.
    pub(crate) file: Opened,
    kind: Kind,
}

enum Kind {
    /// The file is the original.
    Original,
    /// The file is a copy in a folder.
    InFolder(CopyFile),
    /// The file is a copy in memory.
    InMemory,
}

/// Why there is no copy.
enum CopyError {
    /// The original changed during each attempt.
    Changing,
    /// The system reported an error.
    Io(io::Error),
}

impl From<io::Error> for CopyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Uses a library's file itself, or copies the library. `alone` means that no library will be copied beside it.
pub(crate) fn stage(
    mut original: Opened,
    canonical: &Path,
    generation: u64,
    staging: &Staging,
    alone: bool,
) -> Result<StagedFile, LoadError> {
    let places = match staging {
        Staging::InPlace => {
            return Ok(StagedFile { path: canonical.to_owned(), file: original, kind: Kind::Original });
        }
        Staging::In(folder) => {
            // If this fails, the reason is that of the copy.
            let _ = sys::create_private_folders(folder);
            vec![folder.clone()]
        }
        Staging::Anywhere => sys::folders_for_files(),
    };
    let (size, largest) = (original.size(), sys::largest_file().unwrap_or(u64::MAX));
    if size > largest {
        let why = format!(
            "anywhere: it has {size} bytes, and this process may write files of at most {largest} bytes (`ulimit -f`)"
        );
        return Err(LoadError::NoPlace { path: canonical.to_owned(), tried: vec![why] });
    }
    let mut tried = Vec::new();
    let mut failed = |place: &str, error: CopyError| match error {
        CopyError::Changing => Err(LoadError::Changing { path: canonical.to_owned() }),
        CopyError::Io(error) => {
            tracing::debug!(path = %canonical.display(), place, %error, "no copy");
            tried.push(format!("{place}: {error}"));
            Ok(())
        }
    };
    let debug_info = debug_info(canonical);
    for place in &places {
        match copy_to_folder(&mut original, canonical, generation, place, alone, &debug_info) {
            Ok(copy) => return Ok(copy),
            Err(error) => failed(&place.display().to_string(), error)?,
        }
    }
    if matches!(staging, Staging::Anywhere) {
        match copy_to_memory(&mut original, canonical, generation) {
            Ok(copy) => return Ok(copy),
            Err(error) => failed("memory", error)?,
        }
    }
    Err(LoadError::NoPlace { path: canonical.to_owned(), tried })
}

/// Opens a file that was a regular file before, and returns its metadata too.
pub(crate) fn reopen(path: &Path) -> Result<(Opened, Metadata), LoadError> {
    Opened::regular(path).map_err(|error| {
        let source = match error {
            ReadError::Io(error) => error,
            other => io::Error::other(format!("the file was replaced: {other}")),
        };
        LoadError::Io { path: path.to_owned(), doing: "open the file", source }
    })
}

fn copy_to_folder(
    original: &mut Opened,
    canonical: &Path,
    generation: u64,
    place: &Path,
    alone: bool,
    debug_info: &[PathBuf],
) -> Result<StagedFile, CopyError> {
    let name = canonical.file_name().unwrap_or_default();
    let (copy, file) = CopyFile::create(place, name, generation, alone && debug_info.is_empty())?;
    let file = Opened::of(copy_to(original, file)?)?;
    for original in debug_info {
        sys::link_to(original, &copy.path.with_file_name(original.file_name().unwrap_or_default()))?;
    }
    tracing::debug!(path = %canonical.display(), copy = %copy.path.display(), "staged");
    Ok(StagedFile { path: copy.path.clone(), file, kind: Kind::InFolder(copy) })
}

fn copy_to_memory(original: &mut Opened, canonical: &Path, generation: u64) -> Result<StagedFile, CopyError> {
    let file = sys::create_in_memory(Path::new(canonical.file_name().unwrap_or_default()))?;
    let file = copy_to(original, file)?;
    sys::seal(&file)?;
    let path = sys::unique_path(&file, generation);
    // The file system with the paths of open files may be missing.
    path.metadata()?;
    tracing::debug!(path = %canonical.display(), copy = %path.display(), "staged in memory");
    Ok(StagedFile { path, file: Opened::of(file)?, kind: Kind::InMemory })
}

/// The files with a library's debug information. Debuggers and backtraces search for them beside the copy.
fn debug_info(canonical: &Path) -> Vec<PathBuf> {
    let mut files =
        vec![canonical.with_extension("debug"), add_suffix(canonical, ".debug"), add_suffix(canonical, ".dwp")];
    files.retain(|file| file.is_file());
    files
}

fn add_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The maximum number of attempts to copy a file that changes.
const ATTEMPTS: u32 = 3;

/// Copies a file's bytes at one moment to a new file.
fn copy_to(original: &mut Opened, mut copy: File) -> Result<File, CopyError> {
    for attempt in 1..=ATTEMPTS {
        if attempt > 1 {
            // Only now: ext4 writes a file that was truncated to 0 to disk on close (auto_da_alloc).
            copy.set_len(0)?;
        }
        if snapshot(&mut original.file, &mut copy)? {
            return Ok(copy);
        }
    }
    Err(CopyError::Changing)
}

impl StagedFile {
    /// Copies a library that this library needs to the folder of this copy, where the system's loader will search for
    /// it. If this library is not a copy, opens the original.
    ///
    /// Returns the file that will be mapped, and the metadata of the original.
    pub(crate) fn beside(&self, original: &Path) -> Result<(Opened, Metadata), LoadError> {
        let (mut opened, found) = reopen(original)?;
        let copied = match &self.kind {
            Kind::Original => return Ok((opened, found)),
            Kind::InFolder(copy) => {
                let folder = copy.folder().ok_or_else(|| io::Error::other("the copy has no folder of its own"));
                folder
                    .and_then(|folder| sys::create_private(&folder.join(original.file_name().unwrap_or_default())))
                    .map_err(CopyError::Io)
                    .and_then(|copy| copy_to(&mut opened, copy))
                    .and_then(|copy| Ok((Opened::of(copy)?, found)))
            }
            Kind::InMemory => Err(CopyError::Io(io::Error::other(
                "the library that needs it is in memory, and the system's loader searches for it in a folder",
            ))),
        };
        copied.map_err(|error| match error {
            CopyError::Changing => LoadError::Changing { path: original.to_owned() },
            CopyError::Io(error) => {
                let place = self.path.parent().unwrap_or(&self.path);
                let tried = vec![format!("{}: {error}", place.display())];
                LoadError::NoPlace { path: original.to_owned(), tried }
            }
        })
    }

    /// Whether the file is a copy.
    pub(crate) fn is_copy(&self) -> bool {
        !matches!(self.kind, Kind::Original)
    }

    /// Keeps a copy until the process ends, because it is mapped. Returns its path.
    pub(crate) fn keep(self) -> PathBuf {
        match self.kind {
            Kind::Original => {}
            Kind::InFolder(copy) => copy.keep(),
            // A debugger and a backtrace open it by the path of its descriptor.
            Kind::InMemory => sys::keep_open(self.file.file),
        }
        self.path
    }
}

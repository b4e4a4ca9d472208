//! Staging: the private copy that is judged and mapped.
//!
//! A copy is needed, because the compiler may write to the original at any moment. Each generation has a separate path,
//! because the system's loader returns the old image for a path, an inode or a link that it knows.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::folder::CopyFile;
use super::snapshot::snapshot;
use super::space::{Occupied, explain};
use crate::errors::LoadError;
use crate::read::{Opened, ReadError};
use crate::sys::{self, Stat};

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
    InFolder(CopyFile, Occupied),
    /// The file is a copy in memory.
    InMemory(Occupied),
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

/// Uses a library's file itself, or copies the library. `levels` is the number of folders above its own in which the
/// system's loader searches for libraries that it needs; it is `None` if no library will be copied with it. All copies in
/// memory have at most `most_in_memory` bytes.
pub(crate) fn stage(
    mut original: Opened,
    canonical: &Path,
    generation: u64,
    staging: &Staging,
    levels: Option<usize>,
    most_in_memory: u64,
) -> Result<StagedFile, LoadError> {
    let only = match staging {
        Staging::InPlace => {
            return Ok(StagedFile { path: canonical.to_owned(), file: original, kind: Kind::Original });
        }
        Staging::In(folder) => {
            // If this fails, the reason is that of the copy.
            let _ = sys::create_private_folders(folder);
            Some(folder)
        }
        Staging::Anywhere => None,
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
    let levels = levels.or_else(|| (!debug_info.is_empty()).then_some(0));
    let usual = only.is_none().then(sys::folders_for_files);
    for place in only.cloned().into_iter().chain(usual.into_iter().flatten()) {
        match copy_to_folder(&mut original, canonical, generation, (&place, most_in_memory), levels, &debug_info) {
            Ok(copy) => return Ok(copy),
            Err(error) => failed(&place.display().to_string(), error)?,
        }
    }
    if only.is_none() {
        match copy_to_memory(&mut original, canonical, generation, most_in_memory) {
            Ok(copy) => return Ok(copy),
            Err(error) => failed("memory", error)?,
        }
    }
    Err(LoadError::NoPlace { path: canonical.to_owned(), tried })
}

/// A path without `..`. It leads to the same file where there are no links, as in the folders of copies.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

/// Opens a file that was a regular file before, and returns what the system says about it too.
pub(crate) fn reopen(path: &Path) -> Result<(Opened, Stat), LoadError> {
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
    (place, most_in_memory): (&Path, u64),
    levels: Option<usize>,
    debug_info: &[PathBuf],
) -> Result<StagedFile, CopyError> {
    let name = canonical.file_name().unwrap_or_default();
    let (copy, file) = CopyFile::create(place, name, generation, levels)?;
    let occupied = Occupied::in_folder(copy.is_memory, original.size(), most_in_memory)?;
    let file = copy_to(original, file).map_err(|error| match error {
        CopyError::Io(error) => CopyError::Io(explain(error, place, original.size())),
        changing => changing,
    })?;
    let file = Opened::of(sys::sealed(file, &copy.path)?)?;
    for original in debug_info {
        // Two of them may have one name, and a file system may have no links. Nothing but a debugger misses them.
        let _ = sys::link_to(original, &copy.path.with_file_name(original.file_name().unwrap_or_default()));
    }
    tracing::debug!(path = %canonical.display(), copy = %copy.path.display(), "staged");
    Ok(StagedFile { path: copy.path.clone(), file, kind: Kind::InFolder(copy, occupied) })
}

fn copy_to_memory(
    original: &mut Opened,
    canonical: &Path,
    generation: u64,
    most_in_memory: u64,
) -> Result<StagedFile, CopyError> {
    let file = sys::create_in_memory(Path::new(canonical.file_name().unwrap_or_default()))?;
    let occupied = Occupied::by_file(&file, original.size(), most_in_memory)?;
    let file = copy_to(original, file)?;
    sys::seal(&file)?;
    let path = sys::unique_path(&file, generation);
    // The file system with the paths of open files may be missing.
    path.metadata()?;
    tracing::debug!(path = %canonical.display(), copy = %path.display(), "staged in memory");
    Ok(StagedFile { path, file: Opened::of(file)?, kind: Kind::InMemory(occupied) })
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
    /// Copies a library that this library needs to `copy`, where the system's loader will search for it.
    ///
    /// Returns the file that will be mapped, what the system says about the original, and its canonical path.
    pub(crate) fn beside(&mut self, original: &Path, copy: &Path) -> Result<(Opened, Stat, PathBuf), LoadError> {
        let (mut opened, found) = reopen(original)?;
        let copied = || {
            let canonical = opened.canonical(original)?;
            let file = self.new_file_at(copy, opened.size())?;
            Ok((Opened::of(sys::sealed(copy_to(&mut opened, file)?, &plain(copy))?)?, found, canonical))
        };
        copied().map_err(|error| match error {
            CopyError::Changing => LoadError::Changing { path: original.to_owned() },
            CopyError::Io(error) => {
                LoadError::NoPlace { path: original.to_owned(), tried: vec![format!("{}: {error}", copy.display())] }
            }
        })
    }

    /// The folder that is only for this copy and for what is copied with it, or for this process.
    pub(crate) fn private_folder(&self) -> &Path {
        match &self.kind {
            Kind::InFolder(CopyFile { folder: Some(own), .. }, _) => own,
            _ => self.path.parent().unwrap_or(&self.path),
        }
    }

    /// Creates a file for this many bytes at a path in the folder of this copy.
    fn new_file_at(&mut self, path: &Path, size: u64) -> io::Result<File> {
        let Kind::InFolder(CopyFile { folder: Some(own), .. }, occupied) = &mut self.kind else {
            let why = "the library that needs it is in memory, and the system's loader searches for it in a folder";
            return Err(io::Error::other(why));
        };
        let file = plain(path);
        if !file.starts_with(&*own) {
            let why = "the library that needs it searches further up than the plugin does: link the plugin with a run path that \
                       leads as far up (with one `..` for each folder)";
            return Err(io::Error::other(why));
        }
        occupied.add(size)?;
        // Also those that the path leaves by `..`: the system follows each step.
        for folder in path.ancestors().skip(1).map(plain).filter(|folder| folder.starts_with(&*own)) {
            sys::create_private_folders(&folder)?;
        }
        sys::create_private(&file)
    }

    /// Whether the file is a copy.
    pub(crate) fn is_copy(&self) -> bool {
        !matches!(self.kind, Kind::Original)
    }

    /// Whether the file is a copy in a folder that has nothing but what was copied with it.
    pub(crate) fn has_own_folder(&self) -> bool {
        matches!(&self.kind, Kind::InFolder(CopyFile { folder: Some(_), .. }, _))
    }

    /// Keeps a copy until the process ends, because it is mapped. Returns its path.
    pub(crate) fn keep(self) -> PathBuf {
        match self.kind {
            Kind::Original => {}
            Kind::InFolder(copy, occupied) => {
                occupied.keep();
                copy.keep();
            }
            // A debugger and a backtrace open it by the path of its descriptor.
            Kind::InMemory(occupied) => {
                occupied.keep();
                sys::keep_open(self.file.file);
            }
        }
        self.path
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Debug information helps if it is there. A library `x` and one `x.debug` have no place for a link of that name.
    #[test]
    fn a_file_for_debuggers_that_cannot_be_linked_prevents_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        ["x", "x.debug"].iter().for_each(|name| fs::write(root.join(name), name).unwrap());
        let staged = ["x", "x.debug"].map(|name| {
            let original = root.join(name);
            let opened = reopen(&original).unwrap().0;
            let staged = stage(opened, &original, 7, &Staging::In(root.join("place")), None, u64::MAX);
            staged.map(|staged| fs::read_to_string(&staged.path).unwrap()).map_err(|error| error.to_string())
        });
        assert_eq!(staged, [Ok("x".to_owned()), Ok("x.debug".to_owned())]);
    }

    #[test]
    fn what_is_copied_with_a_library_stays_in_the_folder_of_its_generation() {
        let root = tempfile::tempdir().unwrap();
        let (original, place) = (root.path().join("libx.so"), root.path().join("place"));
        fs::write(&original, "text").unwrap();
        let opened = || reopen(&original).unwrap().0;
        let mut staged = stage(opened(), &original, 1, &Staging::In(place.clone()), Some(1), u64::MAX).unwrap();
        let folder = staged.path.parent().unwrap().to_owned();
        let outcomes = ["../liby.so", "../lib/./libz.so", "../../liby.so", "../lib/../../../liby.so"]
            .map(|path| staged.beside(&original, &folder.join(path)).map(drop).map_err(|error| error.to_string()));
        let process = folder.ancestors().nth(2).unwrap().to_owned();
        let left = |folder: &Path| fs::read_dir(folder).unwrap().count();
        let before = left(&process);
        drop(staged);
        let after = left(&process);
        assert_eq!((&outcomes[0], &outcomes[1]), (&Ok(()), &Ok(())));
        for outcome in &outcomes[2..] {
            assert!(outcome.as_ref().unwrap_err().contains("searches further up"), "{outcome:?}");
        }
        assert_eq!((before, after), (2, 1), "the generation's folder is removed, and the owner's file stays");
    }
}

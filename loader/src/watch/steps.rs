//! The steps to a file: the names that lead to it, and the folders in which they are. Whoever replaces one of these
//! names replaces the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::discover::{self, Step};
use crate::sys::{FileId, Stat};

/// What is watched.
#[derive(Clone, Debug)]
pub(crate) enum Watched {
    /// One library.
    File(PathBuf),
    /// All libraries of a folder, also those to come.
    Folder(PathBuf),
}

/// The names whose changes concern what is watched.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Steps {
    /// The folders with the names of the steps.
    folders: BTreeMap<PathBuf, Folder>,
    /// The folder in which every library counts.
    all_in: Option<PathBuf>,
    /// The files themselves: they may be written through a link in another folder.
    files: BTreeSet<PathBuf>,
}

/// A folder on the way.
#[derive(Debug, PartialEq)]
struct Folder {
    id: Option<FileId>,
    names: BTreeSet<OsString>,
    /// Whether a name in it is a symbolic link, the last one, or missing. Folders further up are seldom replaced, and
    /// other programs may be busy in them: `/tmp` is one.
    is_watched: bool,
}

impl Watched {
    pub(crate) fn path(&self) -> &Path {
        let (Self::File(path) | Self::Folder(path)) = self;
        path
    }

    /// The steps to it, as they are now.
    pub(super) fn steps(&self) -> io::Result<Steps> {
        let mut steps = Steps::default();
        match self {
            Self::File(path) => steps.add_file(path)?,
            Self::Folder(folder) => {
                steps.all_in = steps.add(folder)?;
                for file in discover::libraries(folder).unwrap_or_default() {
                    steps.add_file(&file)?;
                }
            }
        }
        Ok(steps)
    }
}

impl Steps {
    /// What has to be watched: folders, and the files.
    pub(super) fn places(&self) -> BTreeSet<&Path> {
        let folders = self.folders.iter().filter(|(_, folder)| folder.is_watched).map(|(path, _)| path);
        folders.chain(&self.all_in).chain(&self.files).map(PathBuf::as_path).collect()
    }

    /// Whether a change at a path concerns what is watched.
    pub(super) fn concern(&self, path: &Path) -> bool {
        if self.folders.contains_key(path) || self.files.contains(path) || self.all_in.as_deref() == Some(path) {
            return true;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
        let is_step = self.folders.get(folder).is_some_and(|folder| folder.names.contains(name));
        is_step || self.all_in.as_deref() == Some(folder) && discover::is_library(path)
    }

    fn add_file(&mut self, path: &Path) -> io::Result<()> {
        let file = self.add(path)?;
        self.files.extend(file);
        Ok(())
    }

    /// Adds the steps of a path, and returns where it leads to; `None` if there is nothing.
    fn add(&mut self, path: &Path) -> io::Result<Option<PathBuf>> {
        discover::walk(path, |folder, name, step| {
            let folder = self.folder(folder);
            folder.names.insert(name.to_owned());
            folder.is_watched |= step != Step::Folder;
        })
    }

    fn folder(&mut self, path: &Path) -> &mut Folder {
        self.folders.entry(path.to_owned()).or_insert_with(|| {
            let id = Stat::at(path).ok().map(|found| found.id());
            Folder { id, names: BTreeSet::new(), is_watched: false }
        })
    }
}

//! The report on a folder: every file, loaded or refused, and why.

use std::fmt;
use std::path::PathBuf;

use crate::error::LoadError;
use crate::loaded::Loaded;

/// What became of every library in a folder, in the order of their names.
///
/// It displays as a text of several lines: what was loaded, what was refused with every reason, what is no plugin.
#[derive(Debug)]
#[must_use]
pub struct Report<I: ?Sized> {
    files: Vec<Verdicts<I>>,
}

/// What became of one library.
#[derive(Debug)]
#[non_exhaustive]
pub enum Verdicts<I: ?Sized> {
    /// Its plugins are loaded.
    Loaded(PathBuf, Vec<Loaded<I>>),
    /// It was refused, or could not be loaded.
    Refused(LoadError),
    /// It is a library without any record of plugbox (`no-manifest`): somebody else's.
    Foreign(PathBuf),
}

impl<I: ?Sized> Report<I> {
    pub(crate) fn new(files: Vec<Verdicts<I>>) -> Self {
        Self { files }
    }

    /// Every library, in the order of their names.
    #[must_use]
    pub fn files(&self) -> &[Verdicts<I>] {
        &self.files
    }

    /// Every library, in the order of their names, to keep.
    #[must_use]
    pub fn into_files(self) -> Vec<Verdicts<I>> {
        self.files
    }

    /// The plugins that are loaded.
    pub fn loaded(&self) -> impl Iterator<Item = &Loaded<I>> {
        self.files.iter().flat_map(|file| match file {
            Verdicts::Loaded(_, plugins) => plugins.as_slice(),
            _ => &[],
        })
    }

    /// The plugins that are loaded, to keep; the rest of the report is dropped.
    #[must_use]
    pub fn into_loaded(self) -> Vec<Loaded<I>> {
        let loaded = self.files.into_iter().filter_map(|file| match file {
            Verdicts::Loaded(_, plugins) => Some(plugins),
            _ => None,
        });
        loaded.flatten().collect()
    }

    /// What was refused or could not be loaded, with every reason.
    pub fn refused(&self) -> impl Iterator<Item = &LoadError> {
        self.files.iter().filter_map(|file| match file {
            Verdicts::Refused(error) => Some(error),
            _ => None,
        })
    }

    /// Libraries without any record of plugbox.
    pub fn foreign(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter_map(|file| match file {
            Verdicts::Foreign(path) => Some(path),
            _ => None,
        })
    }
}

impl<I: ?Sized> fmt::Display for Report<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, file) in self.files.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match file {
                Verdicts::Loaded(path, plugins) => {
                    let names =
                        plugins.iter().map(|plugin| format!("{} {}", plugin.info().name, plugin.info().version));
                    write!(f, "{}: loaded {}", path.display(), names.collect::<Vec<_>>().join(", "))?;
                }
                Verdicts::Refused(error) => error.fmt(f)?,
                Verdicts::Foreign(path) => write!(f, "{}: no plugin (no-manifest)", path.display())?,
            }
        }
        Ok(())
    }
}

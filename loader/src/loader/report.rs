//! The report on a folder: every file, loaded or refused, and why.

use std::fmt;
use std::path::PathBuf;

use semver::Version;

use crate::errors::{LoadError, Reason};
use crate::loaded::Loaded;

/// What became of every library in a folder, in the order of their names.
///
/// It displays as a text of several lines: what was loaded, what was refused with every reason, what was passed over for
/// another build, what is no plugin.
#[must_use]
pub struct Report<I: ?Sized> {
    files: Vec<Verdicts<I>>,
}

/// What became of one library.
#[non_exhaustive]
pub enum Verdicts<I: ?Sized> {
    /// Its plugins are loaded.
    Loaded(PathBuf, Vec<Loaded<I>>),
    /// It was refused, or could not be loaded.
    Refused(LoadError),
    /// It is another build of plugins that were taken from another file.
    PassedOver(PassedOver),
    /// It is a library without any record of plugbox (`no-manifest`): somebody else's.
    Foreign(PathBuf),
}

// Not derived: `dyn Trait` need not be `Debug`.
impl<I: ?Sized> fmt::Debug for Verdicts<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded(path, plugins) => f.debug_tuple("Loaded").field(path).field(plugins).finish(),
            Self::Refused(error) => f.debug_tuple("Refused").field(error).finish(),
            Self::PassedOver(passed_over) => f.debug_tuple("PassedOver").field(passed_over).finish(),
            Self::Foreign(path) => f.debug_tuple("Foreign").field(path).finish(),
        }
    }
}

impl<I: ?Sized> fmt::Debug for Report<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Report").field(&self.files).finish()
    }
}

/// A library that was not loaded because another build of the same plugins in the folder was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// The file.
    pub path: PathBuf,
    /// The names and versions of its plugins, sorted.
    pub plugins: Vec<(String, Version)>,
    /// The file that was taken.
    pub chosen: PathBuf,
    /// Why it does not fit; empty where it does, and the other one's version is not lower.
    pub reasons: Vec<Reason>,
}

impl fmt::Display for PassedOver {
    /// One line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: passed over for {}: ", self.path.display(), self.chosen.display())?;
        let plugins: Vec<String> = self.plugins.iter().map(|(name, version)| format!("{name} {version}")).collect();
        f.write_str(&plugins.join(", "))?;
        if self.reasons.is_empty() {
            return f.write_str(" is not the highest version that fits, or not the first such file");
        }
        f.write_str(" was built for others")?;
        for (index, reason) in self.reasons.iter().enumerate() {
            write!(f, "{} {}: {}", if index == 0 { ":" } else { ";" }, reason.code, reason.plugin)?;
        }
        Ok(())
    }
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

    /// Builds of plugins that were taken from another file: for other compilers, targets or versions of the API, or of
    /// a lower version.
    pub fn passed_over(&self) -> impl Iterator<Item = &PassedOver> {
        self.files.iter().filter_map(|file| match file {
            Verdicts::PassedOver(passed_over) => Some(passed_over),
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
                    if !plugins.iter().all(|plugin| plugin.info().pinned) {
                        f.write_str(" (not pinned)")?;
                    }
                }
                Verdicts::Refused(error) => error.fmt(f)?,
                Verdicts::PassedOver(passed_over) => passed_over.fmt(f)?,
                Verdicts::Foreign(path) => write!(f, "{}: no plugin (no-manifest)", path.display())?,
            }
        }
        Ok(())
    }
}

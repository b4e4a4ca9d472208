//! The verdicts on a folder, as `Loader::load_dir` comes to them, without loading anything.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::report::PassedOver;
use super::select::{self, Candidate, Selected};
use crate::discover;
use crate::errors::{LoadError, Reason, Refusal};
use crate::manifest::RecordCache;
use crate::read::{self, ReadError};
use crate::sys;
use crate::trust::{Pins, pinned};
use crate::verdict::{HostProfile, Requirements, judge};

/// The outcome for one library of a folder.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileVerdict {
    /// The host would load the library.
    #[non_exhaustive]
    Fits {
        /// The file.
        path: PathBuf,
    },
    /// The host would refuse the library, or cannot read it.
    Failed(LoadError),
    /// The host would load a different build of the same plugins.
    PassedOver(PassedOver),
    /// The library has no plugbox records ([`no-manifest`](crate::Code::NoManifest)), so it is not a plugin.
    #[non_exhaustive]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// Judges all libraries in a folder, in the order of their names, as [`Loader::load_dir`](crate::Loader::load_dir) does:
/// of several builds of one plugin, only the best fits. `refuse` returns further reasons against a library that fits, such
/// as those of [`judge_linkage`](crate::inspect::judge_linkage) and of [`refuse_unpinned`].
///
/// It does not check who may write to the files, and sees nothing of what shows only after mapping.
///
/// # Errors
///
/// Returns [`LoadError::Io`] if the folder cannot be listed. The errors of `refuse` are in the verdicts.
pub fn judge_folder(
    host: &HostProfile,
    folder: &Path,
    requirements: &Requirements,
    mut refuse: impl FnMut(&Path) -> io::Result<Vec<Reason>>,
) -> Result<Vec<FileVerdict>, LoadError> {
    let cannot = |path: &Path, doing| {
        let path = path.to_owned();
        move |source| LoadError::Io { path, doing, source }
    };
    let files = discover::libraries(folder).map_err(cannot(folder, "list the files in it"))?;
    let cache = RecordCache::new();
    let look = |path: PathBuf| {
        let read = read::image_with(&path, &cache);
        let reasons = judge(host, read.as_ref(), requirements).into_reasons();
        let (plugins, looked) = match read {
            Err(ReadError::Io(source)) => (Vec::new(), Err(cannot(&path, "read the file")(source))),
            read => {
                let looked =
                    if reasons.is_empty() { Ok(path.clone()) } else { Err(Refusal::new(&path, reasons).into()) };
                (read.ok().and_then(|image| image.manifest.ok()).unwrap_or_default().plugins, looked)
            }
        };
        Candidate { path, plugins, looked }
    };
    let admit = |path: PathBuf| match refuse(&path) {
        Ok(reasons) if reasons.is_empty() => Ok(()),
        Ok(reasons) => Err(Refusal::new(path, reasons).into()),
        Err(source) => Err(cannot(&path, "read the file")(source)),
    };
    let selected = select::best_of_each(files.into_iter().map(look).collect(), admit, |_, _| ());
    Ok(selected.into_iter().map(FileVerdict::from).collect())
}

/// Compares a library with its pin. Returns the reason why its bytes are not trusted; `None` if they are those of the
/// pin.
///
/// # Errors
///
/// Returns the operating system's error if the file cannot be read.
pub fn refuse_unpinned(pins: &Pins, library: &Path) -> io::Result<Option<Reason>> {
    pinned(Some(pins), true, &sys::canonicalize(library)?, &mut File::open(library)?).map(Result::err)
}

impl From<Selected<()>> for FileVerdict {
    fn from(selected: Selected<()>) -> Self {
        match selected {
            Selected::Chosen { path, .. } => Self::Fits { path },
            Selected::Failed(error) => Self::Failed(error),
            Selected::PassedOver(passed_over) => Self::PassedOver(passed_over),
            Selected::Foreign { path } => Self::Foreign { path },
        }
    }
}

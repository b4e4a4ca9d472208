//! Why a plugin was not loaded: which file, what was found, what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::host::HostError;
use super::reason::{Code, Reason};
use super::refusal::Refusal;

/// Why a plugin was not loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// This process cannot load plugins at all.
    Host(HostError),
    /// The library was refused; nothing of it ran, unless the reason is one that shows only after mapping.
    Refused(Refusal),
    /// The system did not let us read, copy or list something.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What we were doing, as in `cannot copy it`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The file was written to while it was copied, several times in a row.
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// The system's loader did not open the library.
    Map {
        /// The file.
        path: PathBuf,
        /// What the system's loader said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The library that the system's loader opened is not the one that was judged.
    OtherImage {
        /// The file.
        path: PathBuf,
        /// What shows it.
        found: String,
    },
    /// The plugin's constructor returned an error or panicked.
    Construct {
        /// The file.
        path: PathBuf,
        /// The plugin.
        plugin: String,
        /// The error's message, then those of its sources; never empty.
        failure: Vec<String>,
    },
    /// The library exports several plugins for the interface, and one was asked for.
    Several {
        /// The file.
        path: PathBuf,
        /// Their names.
        plugins: Vec<String>,
    },
    /// So many libraries were loaded that std would soon end the process.
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many may be loaded.
        limit: usize,
    },
}

impl LoadError {
    /// The file or folder that it is about; none where it is this process.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Host(_) => None,
            Self::Refused(refused) => Some(&refused.path),
            Self::Io { path, .. }
            | Self::Changing { path }
            | Self::Map { path, .. }
            | Self::OtherImage { path, .. }
            | Self::Construct { path, .. }
            | Self::Several { path, .. }
            | Self::TooMany { path, .. } => Some(path),
        }
    }

    /// The reasons, where the library was refused.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Refused(refused) => &refused.reasons,
            _ => &[],
        }
    }

    /// Whether it is about a library of somebody else's: no record of ours, and nothing else to say of it.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.reasons(), [only] if only.code == Code::NoManifest)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(unfit) => unfit.fmt(f),
            Self::Refused(refused) => refused.fmt(f),
            Self::Io { path, doing, source } => write!(f, "{}: cannot {doing}: {source}", path.display()),
            Self::Changing { path } => write!(
                f,
                "{}: it changed whenever it was copied; load it when what writes it has finished, and have that write \
                 another file and rename it",
                path.display()
            ),
            Self::Map { path, source } => write!(f, "{}: the system cannot open it: {source}", path.display()),
            Self::OtherImage { path, found } => {
                write!(f, "{}: what was mapped is not what was judged: {found}", path.display())
            }
            Self::Construct { path, plugin, failure } => {
                write!(f, "{}: plugin {plugin} could not be constructed: {}", path.display(), failure.join(": "))
            }
            Self::Several { path, plugins } => write!(
                f,
                "{}: it exports several plugins ({}); load them all with `load_library`",
                path.display(),
                plugins.join(", ")
            ),
            Self::TooMany { path, limit } => write!(
                f,
                "{}: {limit} libraries have been loaded by this process, and each keeps a thread-local key of the 1024 \
                 that there are; restart the process to load more",
                path.display()
            ),
        }
    }
}

/// The text says it all: hosts print refusals with `{}`, and nothing must be lost.
impl std::error::Error for LoadError {}

impl From<HostError> for LoadError {
    fn from(unfit: HostError) -> Self {
        Self::Host(unfit)
    }
}

impl From<Refusal> for LoadError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

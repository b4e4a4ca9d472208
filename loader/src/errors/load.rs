//! The error for a plugin that was not loaded: the file, the finding, and the fix.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::host::HostError;
use super::reason::{Code, Reason};
use super::refusal::Refusal;
use super::shown::shown;

/// The ways out if the block for static thread-local variables is full.
pub(crate) const STATIC_TLS: &str = "Compile C code with `-ftls-model=global-dynamic` (for jemalloc, the feature \
    `disable_initial_exec_tls`) and Rust code without `-Z tls-model`, or start the host with \
    `GLIBC_TUNABLES=glibc.rtld.optional_static_tls=BYTES`";

/// The reason why a plugin was not loaded.
///
/// # Examples
///
/// ```no_run
/// use plugbox_loader::{Code, LoadError};
/// # fn show(error: LoadError) {
/// match &error {
///     LoadError::Refused(refusal) if refusal.reasons.iter().any(|reason| reason.code == Code::CompilerDiffers) => {
///         eprintln!("{}: update the plugin", refusal.path.display());
///     }
///     LoadError::Construct { plugin, failure, .. } => eprintln!("{plugin}: {}", failure.join(": ")),
///     other => eprintln!("{other}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// This process cannot load any plugin.
    Host(HostError),
    /// The library was refused. None of its code ran, unless the reason can be detected only after mapping.
    Refused(Refusal),
    /// The operating system reported an error about a file or a folder.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operation that failed, in words that follow `cannot`, such as `read the file`.
        doing: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file was modified during each of several attempts to copy it.
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// There is no place for the private copy of the library.
    NoPlace {
        /// The file.
        path: PathBuf,
        /// The places that were tried, each with the reason, such as `/tmp: No space left on device`.
        tried: Vec<String>,
    },
    /// The system's loader could not open the library.
    Map {
        /// The file.
        path: PathBuf,
        /// The error from the system's loader.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The library that the system's loader opened is not the library that was judged.
    OtherImage {
        /// The file.
        path: PathBuf,
        /// The evidence, as a clause.
        found: String,
    },
    /// The plugin's constructor returned an error or panicked.
    Construct {
        /// The file.
        path: PathBuf,
        /// The plugin's name.
        plugin: String,
        /// The message of the error, followed by the messages of its sources; never empty.
        failure: Vec<String>,
    },
    /// The library exports several plugins for the interface, and the host requested exactly one.
    Several {
        /// The file.
        path: PathBuf,
        /// The names of the plugins.
        plugins: Vec<String>,
    },
    /// The process has too little left of something that libraries occupy until the process ends. Without it, the
    /// process could not go on.
    TooMany {
        /// The file.
        path: PathBuf,
        /// What there is too little of.
        resource: Resource,
        /// The number that the process uses, and of [keys](Resource::Keys) also those that are kept for libraries which have
        /// not taken theirs yet.
        used: usize,
        /// The number that it may use.
        limit: usize,
    },
}

/// Something that libraries occupy until the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// Thread-local keys of the C library. An initializer needs one if it uses the current thread, and so does a library
    /// whose keys the host cannot serve.
    Keys,
    /// Mappings of the process's memory; on Linux their number is limited by `vm.max_map_count`.
    Mappings,
}

impl LoadError {
    /// The file or folder that caused the error; `None` if the process itself is the cause.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Host(_) => None,
            Self::Refused(refused) => Some(&refused.path),
            Self::Io { path, .. }
            | Self::Changing { path }
            | Self::NoPlace { path, .. }
            | Self::Map { path, .. }
            | Self::OtherImage { path, .. }
            | Self::Construct { path, .. }
            | Self::Several { path, .. }
            | Self::TooMany { path, .. } => Some(path),
        }
    }

    /// The reasons of the refusal; empty if the error is not a refusal.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Refused(refused) => &refused.reasons,
            _ => &[],
        }
    }

    /// Whether the library belongs to another program: the missing plugbox records are the only reason.
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
                "{}: the file changed during every attempt to copy it; load it after the program that writes it has \
                 finished, and let that program write a temporary file and rename it",
                path.display()
            ),
            Self::NoPlace { path, tried } => {
                write!(f, "{}: there is no place for the private copy that would be mapped", path.display())?;
                tried.iter().try_for_each(|why| write!(f, "\n  {}", shown(why)))?;
                f.write_str(
                    "\n  fix: name a folder with `Loader::stage_in`, on a file system with space and without `noexec`, \
                     or map the original with `Loader::without_staging`",
                )
            }
            Self::Map { path, source } => {
                let source = source.to_string();
                write!(f, "{}: the system's loader cannot open the library: {source}", path.display())?;
                if source.contains("static TLS block") { write!(f, ". {STATIC_TLS}") } else { Ok(()) }
            }
            Self::OtherImage { path, found } => {
                write!(f, "{}: the mapped library is not the library that was judged: {found}", path.display())
            }
            Self::Construct { path, plugin, failure } => {
                write!(f, "{}: plugin {plugin} could not be constructed: {}", path.display(), failure.join(": "))
            }
            Self::Several { path, plugins } => write!(
                f,
                "{}: the library exports several plugins ({}) for the interface; load all of them with `load_library`",
                path.display(),
                shown(plugins.join(", "))
            ),
            Self::TooMany { path, resource, used, limit } => {
                let (what, fix) = match resource {
                    Resource::Keys => (
                        "thread-local keys are in use or kept for libraries",
                        "the library may need some that the host cannot serve; restart the process, or load fewer such \
                         libraries (on Linux, those with initializers or with C code that takes keys)",
                    ),
                    Resource::Mappings => (
                        "mappings are in use",
                        "a library occupies some until the process ends; restart the process, or raise the limit \
                         (`sysctl vm.max_map_count`)",
                    ),
                };
                write!(f, "{}: {used} of {limit} {what}, and the rest of the process needs some: {fix}", path.display())
            }
        }
    }
}

/// `source` returns `None`, because the `Display` text contains the sources: hosts print refusals with `{}`.
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

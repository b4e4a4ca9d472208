//! The error for a path whose changes are not seen.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::sys;

/// The reason why changes at a path are not seen as they happen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchError {
    /// The file or the folder.
    pub path: PathBuf,
    /// The cause: the system's error, or a limit.
    pub why: String,
    /// The fix.
    pub remedy: &'static str,
}

const POLL: &str = "choose polling, which needs no events";

impl WatchError {
    /// Creates an error from the path, the cause and the fix.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, why: impl Into<String>, remedy: &'static str) -> Self {
        Self { path: path.into(), why: why.into(), remedy }
    }

    pub(super) fn of(path: &Path, error: &notify::Error) -> Self {
        let (why, remedy) = match &error.kind {
            notify::ErrorKind::MaxFilesWatch => (
                "the system's limit of watches for this user is reached".to_owned(),
                "raise `fs.inotify.max_user_watches`, or choose polling, which needs none",
            ),
            notify::ErrorKind::Io(error) if sys::is_limit(error) => (
                format!("this process cannot have one more instance of inotify: {error}"),
                "raise `fs.inotify.max_user_instances` or the limit of open files (`ulimit -n`), or choose polling, \
                 which needs neither",
            ),
            notify::ErrorKind::Io(error) => (error.to_string(), POLL),
            _ => (error.to_string(), POLL),
        };
        Self::new(path, why, remedy)
    }

    pub(super) fn no_events(path: &Path, system: &str) -> Self {
        let why = format!("its file system, {system}, does not report what other machines change");
        Self::new(path, why, POLL)
    }

    pub(super) fn ended(path: &Path) -> Self {
        let why = "the thread that receives the system's events has ended".to_owned();
        Self::new(path, why, POLL)
    }

    pub(super) fn moving(path: &Path) -> Self {
        let why = "the folders on its way change faster than they can be watched".to_owned();
        Self::new(path, why, POLL)
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: changes are not seen: {}; {}", self.path.display(), self.why, self.remedy)
    }
}

impl std::error::Error for WatchError {}

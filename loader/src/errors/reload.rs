//! The error for a reload that did not happen: the phase, and all reasons.

use std::fmt;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::load::LoadError;
use super::reason::Reason;
use super::shown::shown;

/// A phase of a reload, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ReloadPhase {
    /// The first look at the file, with a provisional verdict.
    Look,
    /// The private copy is made.
    Stage,
    /// The copy is judged.
    Verdict,
    /// The copy is mapped, and its initializers run.
    Map,
    /// The library gets its host.
    Bind,
    /// The plugin's constructor runs.
    Construct,
    /// Running calls of the old generation finish, and new calls wait.
    Drain,
    /// The old generation saves its state.
    Save,
    /// The new generation restores the state.
    Restore,
    /// The host's health check runs.
    Health,
}

impl fmt::Display for ReloadPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Look => "look",
            Self::Stage => "stage",
            Self::Verdict => "verdict",
            Self::Map => "map",
            Self::Bind => "bind",
            Self::Construct => "construct",
            Self::Drain => "drain",
            Self::Save => "save",
            Self::Restore => "restore",
            Self::Health => "health",
        })
    }
}

/// The reason why a reload did not happen. The old generation serves as before, with its state.
///
/// # Examples
///
/// ```
/// use plugbox_loader::ReloadError;
/// # fn show(error: ReloadError) {
/// match error.phase() {
///     Some(phase) => eprintln!("the reload failed in phase {phase}: {error}"),
///     None => eprintln!("there was no reload: {error}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReloadError {
    /// This thread holds a pin or a lock of some [`Live`](crate::Live), and a reload may have to wait for it.
    Held {
        /// The number of pins and locks that the thread holds.
        count: u32,
    },
    /// A reload runs on this thread already: the plugin's code, the host's health check or a log subscriber asked for
    /// another.
    Nested,
    /// There is no earlier generation to roll back to.
    NothingEarlier {
        /// The file.
        path: PathBuf,
    },
    /// The library was not loaded.
    Load {
        /// The phase.
        phase: ReloadPhase,
        /// The error, with all reasons if the library was refused.
        error: Arc<LoadError>,
    },
    /// Running calls of the old generation did not finish before the deadline.
    Drain {
        /// The file.
        path: PathBuf,
        /// The deadline.
        deadline: Duration,
        /// Who held the old generation when the deadline had passed.
        holders: Holders,
    },
    /// A plugin failed, or the host's code that was called for it did.
    Failed {
        /// The file.
        path: PathBuf,
        /// The phase.
        phase: ReloadPhase,
        /// The plugin, with its version.
        plugin: String,
        /// The message, followed by the messages of its sources; never empty.
        failure: Vec<String>,
    },
}

impl ReloadError {
    /// The phase that failed; `None` if the reload was not begun.
    #[must_use]
    pub fn phase(&self) -> Option<ReloadPhase> {
        match self {
            Self::Held { .. } | Self::Nested | Self::NothingEarlier { .. } => None,
            Self::Load { phase, .. } | Self::Failed { phase, .. } => Some(*phase),
            Self::Drain { .. } => Some(ReloadPhase::Drain),
        }
    }

    /// The file; `None` if the reload was not begun because of this thread.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Held { .. } | Self::Nested => None,
            Self::NothingEarlier { path } | Self::Drain { path, .. } | Self::Failed { path, .. } => Some(path),
            Self::Load { error, .. } => error.path(),
        }
    }

    /// The reasons of the refusal; empty if the error is not a refusal of the library.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Load { error, .. } => error.reasons(),
            _ => &[],
        }
    }
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { count } => write!(
                f,
                "this thread holds {count} pins or locks, and a reload may have to wait for them; drop them first, or \
                 reload on a different thread"
            ),
            Self::Nested => f.write_str(
                "a reload runs on this thread already; a plugin's constructor, `save` and `restore`, the health check and \
                 log subscribers must not start another; start it on a different thread, or later",
            ),
            Self::NothingEarlier { path } => {
                write!(f, "{}: there is no earlier generation to roll back to", path.display())
            }
            Self::Load { error, .. } => error.fmt(f),
            Self::Drain { path, deadline, holders } => write!(
                f,
                "{}: calls of the old generation have not finished within {deadline:?}: it is held by {holders}",
                path.display()
            ),
            Self::Failed { path, phase, plugin, failure } => {
                let doing = match phase {
                    ReloadPhase::Save => "could not save its state",
                    ReloadPhase::Restore => "could not restore the state",
                    ReloadPhase::Health => "did not pass the host's health check",
                    ReloadPhase::Construct => "could not be constructed",
                    _ => "could not be loaded",
                };
                write!(f, "{}: plugin {plugin} {doing}: {}", path.display(), shown(failure.join(": ")))
            }
        }
    }
}

/// `source` returns `None`, because the `Display` text contains the sources.
impl std::error::Error for ReloadError {}

/// Who holds a generation: its pins, locks and running calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holders {
    /// The number of pins, locks and running calls.
    pub count: usize,
    /// Where they were made. Empty if `plugbox-loader` was built without debug assertions.
    pub places: Vec<Holder>,
}

/// A pin, a lock or a running call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Holder {
    /// The host's line that made it.
    pub location: &'static Location<'static>,
    /// The thread's name, or its number if it has none.
    pub thread: String,
}

impl Holders {
    /// Creates the holders of a generation.
    #[must_use]
    pub fn new(count: usize, places: Vec<Holder>) -> Self {
        Self { count, places }
    }
}

impl Holder {
    /// Creates a holder: a line of the host, and a thread's name.
    #[must_use]
    pub fn new(location: &'static Location<'static>, thread: impl Into<String>) -> Self {
        Self { location, thread: thread.into() }
    }

    /// The holder at this location, on this thread.
    #[cfg(debug_assertions)]
    pub(crate) fn here(location: &'static Location<'static>) -> Self {
        let thread = std::thread::current();
        Self::new(location, thread.name().map_or_else(|| format!("{:?}", thread.id()), str::to_owned))
    }
}

impl fmt::Display for Holders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, if self.count == 1 { "pin, lock or call" } else { "pins, locks or calls" })?;
        if self.count > 0 && self.places.is_empty() {
            return f.write_str(" (a debug build says where)");
        }
        self.places.iter().try_for_each(|holder| write!(f, "\n  {} on thread {}", holder.location, holder.thread))
    }
}

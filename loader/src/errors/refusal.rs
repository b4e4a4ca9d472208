//! Refusals: a library and every reason against it.

use std::fmt;
use std::path::PathBuf;

use super::reason::Reason;

/// A library that was refused, with every reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The file.
    pub path: PathBuf,
    /// Every reason.
    pub reasons: Vec<Reason>,
}

impl Refusal {
    /// Creates a refusal of the file at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, reasons: Vec<Reason>) -> Self {
        Self { path: path.into(), reasons }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: refused", self.path.display())?;
        for reason in &self.reasons {
            write!(f, "\n  {}", reason.to_string().replace('\n', "\n  "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

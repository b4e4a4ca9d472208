//! Failures and their exit codes.

use std::fmt::Display;
use std::process::ExitCode;

use anyhow::anyhow;

/// Why the client does not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    pub(crate) error: anyhow::Error,
}

/// The exit codes: see the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unsuccessful = 1,
    Usage = 2,
    NoResponse = 3,
    Plugin = 4,
    File = 5,
    Interrupted = 130,
}

impl Failure {
    /// The server has answered with an error status.
    pub(crate) fn unsuccessful(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Unsuccessful, error: error.into() }
    }

    /// The arguments are wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Usage, error: error.into() }
    }

    /// There is no complete answer.
    pub(crate) fn no_response(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::NoResponse, error: error.into() }
    }

    /// A plugin failed or was refused.
    pub(crate) fn plugin(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Plugin, error: error.into() }
    }

    /// A file could not be read or written.
    pub(crate) fn file(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::File, error: error.into() }
    }

    /// The user has pressed Ctrl-C.
    pub(crate) fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, error: anyhow!("interrupted") }
    }

    /// Adds a message in front.
    pub(crate) fn context(self, message: impl Display + Send + Sync + 'static) -> Self {
        Self { error: self.error.context(message), ..self }
    }

    /// The exit code after these failures.
    pub(crate) fn exit_code(all: &[Self]) -> ExitCode {
        all.iter().map(|failure| failure.kind).max().map_or(ExitCode::SUCCESS, |kind| (kind as u8).into())
    }
}

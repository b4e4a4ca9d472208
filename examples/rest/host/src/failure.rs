//! Failures and their exit codes.

use std::fmt::Display;
use std::process::ExitCode;

/// Why there is no result to show.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    pub(crate) error: anyhow::Error,
}

/// The exit codes: see the help.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Usage = 2,
    NoResponse = 3,
    Plugin = 4,
    File = 5,
}

impl Failure {
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

    /// Adds a message in front.
    pub(crate) fn context(self, message: impl Display + Send + Sync + 'static) -> Self {
        Self { error: self.error.context(message), ..self }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        (self.kind as u8).into()
    }
}

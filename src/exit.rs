//! Exit codes: a part of the interface, like the words of the command line.

use std::process::ExitCode;

/// How a run ended; of several files the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// All files were read, every library that was checked fits, and two that were compared are the same.
    Fits = 0,
    /// At least one library was refused, or two that were compared differ.
    Refused = 1,
    /// At least one file could not be read, or the command line was wrong. (clap ends with the same number.)
    Unreadable = 2,
}

impl Outcome {
    const ALL: [(Self, &str); 3] = [
        (Self::Fits, "all files were read; all that were checked fit, or the two that were compared are the same"),
        (Self::Refused, "at least one library was refused, or the two differ"),
        (Self::Unreadable, "a file could not be read, or the arguments are wrong"),
    ];
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// The exit codes as `--help` and the man pages show them.
pub(crate) fn help() -> String {
    let lines = Outcome::ALL.map(|(outcome, meaning)| format!("\n  {}  {meaning}", outcome as u8));
    format!("Exit codes:{}", lines.concat())
}

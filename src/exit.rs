//! Exit codes. They are part of the command's interface, like its options.

use std::process::ExitCode;

/// How a run ended. With several files, the worst outcome counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// All files were read; every checked library fits, or the two compared files have no differences.
    Fits = 0,
    /// At least one library was refused, or the two compared files differ.
    Refused = 1,
    /// A file could not be read or written, or the arguments are wrong. (clap exits with the same number.)
    Unreadable = 2,
}

impl Outcome {
    const ALL: [(Self, &str); 3] = [
        (Self::Fits, "all files were read; every checked library fits, or the two compared files have no differences"),
        (Self::Refused, "at least one library was refused, or the two compared files differ"),
        (Self::Unreadable, "a file could not be read or written, or the arguments are wrong"),
    ];
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// The exit codes, as shown in `--help` and in the man pages.
pub(crate) fn help() -> String {
    let lines = Outcome::ALL.map(|(outcome, meaning)| format!("\n  {}  {meaning}", outcome as u8));
    format!("Exit codes:{}", lines.concat())
}

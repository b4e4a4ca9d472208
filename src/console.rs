//! The two streams: data on stdout, everything else on stderr.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use plugbox_loader::inspect::printable;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::args::Color;
use crate::exit::Outcome;

/// What is looked for first.
pub(crate) const STRONG: Style = Style::new().bold();
/// A library that fits.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A library that was refused, and errors.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Where the command writes.
pub(crate) struct Console {
    stdout: ColorChoice,
    stderr: ColorChoice,
}

impl Console {
    pub(crate) fn new(color: Color) -> Self {
        let (stdout, stderr) = match color {
            Color::Auto => (AutoStream::choice(&io::stdout()), AutoStream::choice(&io::stderr())),
            Color::Always => (ColorChoice::Always, ColorChoice::Always),
            Color::Never => (ColorChoice::Never, ColorChoice::Never),
        };
        Self { stdout, stderr }
    }

    /// Writes text for people; its styles are left out where they are not wanted.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        AutoStream::new(io::stdout().lock(), self.stdout).write_all(text.as_bytes())
    }

    /// Writes what programs read, as it is.
    pub(crate) fn data(&self, data: &[u8]) -> io::Result<()> {
        io::stdout().lock().write_all(data)
    }

    /// Says what is wrong with a file, with all causes.
    pub(crate) fn error(&self, file: &Path, error: &dyn Error) {
        let mut message = format!("{}: {error}", file.display());
        let mut source = error.source();
        while let Some(cause) = source {
            _ = write!(message, ": {cause}");
            source = cause.source();
        }
        self.complain(&message);
    }

    /// Says on stderr that something is wrong. There is nowhere to say that this failed.
    pub(crate) fn complain(&self, message: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.stderr);
        _ = writeln!(stderr, "{BAD}error{BAD:#}: {}", printable(message));
    }

    /// The end of a run. A reader who has seen enough and closed the pipe is no error.
    pub(crate) fn finish(&self, done: io::Result<Outcome>) -> Outcome {
        match done.and_then(|outcome| io::stdout().flush().map(|()| outcome)) {
            Ok(outcome) => outcome,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Outcome::Fits,
            Err(error) => {
                self.complain(&format!("cannot write to stdout: {error}"));
                Outcome::Unreadable
            }
        }
    }
}

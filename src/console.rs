//! The output streams: results go to stdout, everything else to stderr.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use plugbox_loader::inspect::printable;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::args::Color;
use crate::exit::Outcome;

/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();
/// A library that fits.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A refused library, or an error.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// The streams that the command writes to, with the choice of colors for each.
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

    /// Writes text for people, without its styles if colors are off.
    pub(crate) fn text(&self, text: &str) -> io::Result<()> {
        AutoStream::new(io::stdout().lock(), self.stdout).write_all(text.as_bytes())
    }

    /// Writes data for programs, unchanged.
    pub(crate) fn data(&self, data: &[u8]) -> io::Result<()> {
        io::stdout().lock().write_all(data)
    }

    /// Reports an error about a file, with all its causes.
    pub(crate) fn error(&self, file: &Path, error: &dyn Error) {
        let mut message = format!("{}: {error}", file.display());
        let mut source = error.source();
        while let Some(cause) = source {
            _ = write!(message, ": {cause}");
            source = cause.source();
        }
        self.complain(&message);
    }

    /// Reports an error on stderr. If this fails, there is nowhere left to report that.
    pub(crate) fn complain(&self, message: &str) {
        self.say(&format!("{BAD}error{BAD:#}"), message);
    }

    /// Reports what is no error for everybody.
    pub(crate) fn warn(&self, message: &str) {
        self.say("warning", message);
    }

    fn say(&self, what: &str, message: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.stderr);
        _ = writeln!(stderr, "{what}: {}", printable(message));
    }

    /// Ends a run. It is not an error if the reader has closed the pipe.
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

//! Messages on standard error. They are colored only on a terminal, and not if `NO_COLOR` is set.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

/// Whether only problems are reported.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Reports only problems from now on, if the user has asked for that.
pub fn start(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

/// Reports an error, with its causes.
pub fn error(error: &anyhow::Error) {
    say("error", AnsiColor::Red.on_default().bold(), format_args!("{error:#}"));
}

/// Reports a problem after which the program continues.
pub fn warning(text: impl Display) {
    say("warning", AnsiColor::Yellow.on_default().bold(), text);
}

/// Reports a fact.
pub fn note(text: impl Display) {
    if !is_quiet() {
        anstream::eprintln!("{text}");
    }
}

/// Whether only problems are reported.
#[must_use]
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

fn say(kind: &str, style: Style, text: impl Display) {
    anstream::eprintln!("{style}{kind}{style:#}: {text}");
}

//! Messages on standard error. They are colored only on a terminal, and not if `NO_COLOR` is set.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

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
    anstream::eprintln!("{text}");
}

fn say(kind: &str, style: Style, text: impl Display) {
    anstream::eprintln!("{style}{kind}{style:#}: {text}");
}

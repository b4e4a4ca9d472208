//! What is said on standard error; colors come through on a terminal only, and not against `NO_COLOR`.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Why something could not be done, with the causes.
pub fn error(error: &anyhow::Error) {
    say("error", AnsiColor::Red.on_default().bold(), format_args!("{error:#}"));
}

/// Something that went wrong and is got over.
pub fn warning(text: impl Display) {
    say("warning", AnsiColor::Yellow.on_default().bold(), text);
}

/// Something to know.
pub fn note(text: impl Display) {
    anstream::eprintln!("{text}");
}

fn say(kind: &str, style: Style, text: impl Display) {
    anstream::eprintln!("{style}{kind}{style:#}: {text}");
}

//! The output of `plugbox diff`: `-` marks the side of A, `+` the side of B.

use std::fmt::Write;
use std::path::Path;

use plugbox_loader::inspect::printable;

use anstyle::{AnsiColor, Style};

use crate::console::STRONG;
use crate::diff::Comparison;

const A: Style = AnsiColor::Red.on_default();
const B: Style = AnsiColor::Green.on_default();

/// Lists the differences: the place of each, and the text on each side that has one.
pub(super) fn page(comparison: &Comparison<'_>) -> String {
    let name = |file: &Path| printable(&file.display().to_string()).into_owned();
    let (a, b) = (name(comparison.a), name(comparison.b));
    if comparison.differences.is_empty() {
        return format!("{a} and {b}: no difference\n");
    }
    let mut page = format!("{A}--- {a}{A:#}\n{B}+++ {b}{B:#}\n");
    let mut part = "";
    for difference in &comparison.differences {
        // Writing to a `String` does not fail.
        if part != difference.part.as_str() {
            part = difference.part.as_str();
            _ = writeln!(page, "\n{STRONG}{part}{STRONG:#}");
        }
        _ = writeln!(page, "  {}: {}", printable(&difference.at), difference.change.as_str());
        side(&mut page, '-', A, &difference.a);
        side(&mut page, '+', B, &difference.b);
    }
    page
}

/// Writes the text of one side; nothing if the side has none.
fn side(page: &mut String, mark: char, style: Style, text: &str) {
    for line in printable(text).lines() {
        _ = writeln!(page, "    {style}{mark} {line}{style:#}");
    }
}

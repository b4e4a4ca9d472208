//! Troubles with plugins. The editor ignores the plugin's edits, and keeps the text.

use std::fmt;

use edit_api::{BadEdits, Document, Failure};
use plugbox_loader::PluginPanic;

/// A trouble with a plugin.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It reported a failure.
    Failed { plugin: String, occasion: String, failure: Failure, place: Option<Place> },
    /// Its edits do not fit the text, or the edits of another plugin.
    BadEdits { plugin: String, occasion: String, bad: BadEdits },
    /// It answers edits with edits endlessly.
    Endless { plugin: String, rounds: usize },
    /// It panicked.
    Panicked(Box<PluginPanic>),
}

impl Trouble {
    pub(crate) fn failed(plugin: String, occasion: String, failure: Failure, document: &dyn Document) -> Self {
        let place = failure.at.and_then(|at| Place::of(at, document));
        Self::Failed { plugin, occasion, failure, place }
    }
}

impl fmt::Display for Trouble {
    /// The text that follows the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { plugin, occasion, failure, place } => {
                if let Some(Place { line, column }) = place {
                    write!(f, ":{line}:{column}")?;
                }
                write!(f, ": plugin {plugin} failed {occasion}: {failure}")
            }
            Self::BadEdits { plugin, occasion, bad } => {
                write!(f, ": the edits of plugin {plugin} {occasion} are ignored: {bad}")
            }
            Self::Endless { plugin, rounds } => {
                write!(
                    f,
                    ": plugin {plugin} still answers edits with edits after {rounds} rounds; further edits are ignored"
                )
            }
            Self::Panicked(panic) => write!(f, ": {panic}; it is not called again"),
        }
    }
}

/// A place for people: line and column are counted from 1, columns in characters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// `None` if the document has no such place.
    fn of(at: usize, document: &dyn Document) -> Option<Self> {
        let index = document.line_at(at);
        let start = document.line(index).map_or(0, |line| line.start);
        let before = document.text().get(start..at)?;
        Some(Self { line: index + 1, column: before.chars().count() + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    #[test]
    fn places_are_counted_from_one() {
        let buffer = Buffer::new("one\nzwölf\n");
        assert_eq!(Place::of(0, &buffer), Some(Place { line: 1, column: 1 }));
        assert_eq!(Place::of(8, &buffer), Some(Place { line: 2, column: 4 }));
        assert_eq!(Place::of(7, &buffer), None);
        assert_eq!(Place::of(70, &buffer), None);
        assert_eq!(Place::of(0, &Buffer::new("")), Some(Place { line: 1, column: 1 }));
    }
}

//! What went wrong in a plugin: its part is left out, and the text is kept.

use std::fmt;

use edit_api::{BadEdits, Document, Failure};
use plugbox_loader::PluginPanic;

/// What went wrong in a plugin.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It said so itself.
    Failed { plugin: String, occasion: String, failure: Failure, place: Option<Place> },
    /// Its edits do not fit the text, or those of another plugin.
    BadEdits { plugin: String, occasion: String, bad: BadEdits },
    /// It would answer edits with edits for ever.
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
    /// To be written behind the file's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { plugin, occasion, failure, place } => {
                if let Some(Place { line, column }) = place {
                    write!(f, ":{line}:{column}")?;
                }
                write!(f, ": plugin {plugin} failed {occasion}: {failure}")
            }
            Self::BadEdits { plugin, occasion, bad } => {
                write!(f, ": the edits of plugin {plugin} {occasion} are left out: {bad}")
            }
            Self::Endless { plugin, rounds } => {
                write!(
                    f,
                    ": plugin {plugin} still answers edits with edits after {rounds} rounds; the last are left out"
                )
            }
            Self::Panicked(panic) => write!(f, ": {panic}; it is not called again"),
        }
    }
}

/// A place as people name it: both are counted from 1, columns in characters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// None where there is no such place in the document.
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

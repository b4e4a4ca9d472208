//! Errors in a table of abbreviations.

use std::fmt;

/// An error in a table, with its line, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TableError {
    NoEquals { line: usize, text: String },
    NoAbbreviation { line: usize },
    NoExpansion { line: usize, abbreviation: String },
    SeveralWords { line: usize, abbreviation: String },
    Twice { line: usize, first: usize, abbreviation: String },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEquals { line, text } => {
                write!(f, "line {line} of the table is `{text}`, expected `abbreviation = expansion`")
            }
            Self::NoAbbreviation { line } => write!(f, "line {line} of the table has no abbreviation before the `=`"),
            Self::NoExpansion { line, abbreviation } => {
                write!(f, "line {line} of the table has no expansion for `{abbreviation}`")
            }
            Self::SeveralWords { line, abbreviation } => {
                write!(f, "line {line} of the table has an abbreviation of several words: `{abbreviation}`")
            }
            Self::Twice { line, first, abbreviation } => {
                write!(f, "line {line} of the table repeats `{abbreviation}` from line {first}")
            }
        }
    }
}

impl std::error::Error for TableError {}

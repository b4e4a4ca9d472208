//! Edits, and what is wrong with bad ones.

use std::fmt;
use std::ops::Range;

/// One change of a text: at a place, some bytes go and a text comes.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Edit {
    /// Where, in bytes from the start of the text.
    pub at: usize,
    /// How many bytes go.
    pub removed: usize,
    /// What comes in their place.
    pub inserted: String,
}

impl Edit {
    /// An edit that inserts.
    #[must_use]
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }

    /// An edit that removes.
    #[must_use]
    pub fn remove(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }

    /// An edit that replaces.
    #[must_use]
    pub fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { at: range.start, removed: range.len(), inserted: text.into() }
    }

    /// Where the removed text ends, before the edit; none behind the largest place that there is.
    #[must_use]
    pub fn end(&self) -> Option<usize> {
        self.at.checked_add(self.removed)
    }

    /// Where the inserted text lies, after the edit.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.inserted.len()
    }
}

/// Why edits cannot be applied to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadEdits {
    /// An edit reaches behind the end of the text.
    OutOfRange {
        /// The edit.
        edit: Edit,
        /// The text's length.
        length: usize,
    },
    /// An edit begins or ends inside a character.
    SplitsCharacter {
        /// The edit.
        edit: Edit,
        /// The place inside the character.
        at: usize,
    },
    /// Two edits change the same text.
    Overlap {
        /// The edit that begins first.
        first: Edit,
        /// The one that begins before the first has ended.
        second: Edit,
    },
}

impl fmt::Display for BadEdits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { edit, length } => {
                write!(f, "an edit at {} that removes {} bytes reaches behind the text's ", edit.at, edit.removed)?;
                write!(f, "end at {length}")
            }
            Self::SplitsCharacter { edit, at } => {
                write!(f, "an edit at {} that removes {} bytes splits the character ", edit.at, edit.removed)?;
                write!(f, "around {at}")
            }
            Self::Overlap { first, second } => {
                write!(f, "an edit at {} that removes {} bytes overlaps another ", first.at, first.removed)?;
                write!(f, "at {} that removes {} bytes", second.at, second.removed)
            }
        }
    }
}

impl std::error::Error for BadEdits {}

//! Edits, and the errors in them.

use std::fmt;
use std::ops::Range;

/// One change to a text: at a place, some bytes are removed and a text is inserted.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Edit {
    /// The place, in bytes from the start of the text.
    pub at: usize,
    /// The number of bytes to remove.
    pub removed: usize,
    /// The text to insert in their place.
    pub inserted: String,
}

impl Edit {
    /// An edit that inserts a text.
    #[must_use]
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }

    /// An edit that removes a range.
    #[must_use]
    pub fn remove(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }

    /// An edit that replaces a range.
    #[must_use]
    pub fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        Self { at: range.start, removed: range.len(), inserted: text.into() }
    }

    /// The end of the removed text, before the edit. `None` if the end does not fit into a `usize`.
    #[must_use]
    pub fn end(&self) -> Option<usize> {
        self.at.checked_add(self.removed)
    }

    /// The range of the inserted text, after the edit.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.at..self.at + self.inserted.len()
    }
}

/// Why edits cannot be applied to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadEdits {
    /// An edit extends beyond the end of the text.
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
        /// The edit that begins before the first one ends.
        second: Edit,
    },
}

impl fmt::Display for BadEdits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { edit, length } => {
                write!(f, "an edit at {} that removes {} bytes extends beyond the ", edit.at, edit.removed)?;
                write!(f, "end of the text at {length}")
            }
            Self::SplitsCharacter { edit, at } => {
                write!(f, "an edit at {} that removes {} bytes splits the character ", edit.at, edit.removed)?;
                write!(f, "around {at}")
            }
            Self::Overlap { first, second } => {
                write!(f, "an edit at {} that removes {} bytes overlaps an edit ", first.at, first.removed)?;
                write!(f, "at {} that removes {} bytes", second.at, second.removed)
            }
        }
    }
}

impl std::error::Error for BadEdits {}

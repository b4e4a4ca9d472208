//! The lines of records and of canonical text.

/// A line: a key and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The whole line, without its line feed.
    pub text: &'a str,
    /// The first word.
    pub key: &'a str,
    /// The text after the first space.
    pub value: &'a str,
}

impl<'a> Line<'a> {
    /// Splits a line into key and value.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let (key, value) = text.split_once(' ').unwrap_or((text, ""));
        Self { text, key, value }
    }

    /// Returns the lines of a text. Only a line feed ends a line.
    pub fn all(text: &'a str) -> impl Iterator<Item = Self> {
        text.split_terminator('\n').map(Self::new)
    }
}

//! The lines of records and of canonical text.

/// A line: a key and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The whole line, without its line feed.
    pub text: &'a str,
    /// The first word.
    pub key: &'a str,
    /// What follows the first blank.
    pub value: &'a str,
}

impl<'a> Line<'a> {
    /// Takes a line apart.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let (key, value) = text.split_once(' ').unwrap_or((text, ""));
        Self { text, key, value }
    }

    /// The lines of a text; only line feeds end one.
    pub fn all(text: &'a str) -> impl Iterator<Item = Self> {
        text.split_terminator('\n').map(Self::new)
    }
}

//! The location of a panic.

use std::fmt;

/// A location in a plugin's source, as recorded by the plugin's compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PanicLocation {
    /// The source file.
    pub file: String,
    /// The line number, from 1.
    pub line: u32,
    /// The column number, from 1.
    pub column: u32,
}

impl PanicLocation {
    /// Creates a location from a file, a line and a column, both from 1.
    #[must_use]
    pub fn new(file: impl Into<String>, line: u32, column: u32) -> Self {
        Self { file: file.into(), line, column }
    }
}

impl fmt::Display for PanicLocation {
    /// Writes `file:line:column`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

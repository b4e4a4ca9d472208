//! Where a panic began.

use std::fmt;

/// A place in a plugin's source, as the compiler of the plugin saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PanicLocation {
    /// The source file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl PanicLocation {
    /// A place; none where the file is not known.
    pub(crate) fn new(file: &str, line: u32, column: u32) -> Option<Self> {
        (!file.is_empty()).then(|| Self { file: file.to_owned(), line, column })
    }
}

impl fmt::Display for PanicLocation {
    /// `file:line:column`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

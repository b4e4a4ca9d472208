//! The API in its third year: lines have numbers, plugins may fail, and some plugins print a summary.

/// A plugin that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Returns the lines that replace a line: any number of them.
    ///
    /// # Errors
    ///
    /// Why the plugin failed. The line stays unchanged.
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error>;
}

/// A plugin with a summary of all lines. This is a separate interface, added after [`Plugin`], so plugins without it
/// continue to work.
#[plugbox::interface]
pub trait Summary {
    /// The summary to print at the end.
    fn summary(&self) -> String;
}

/// A line.
#[derive(Debug, Clone, plugbox::Shape)]
pub struct Line {
    /// The number, counted from 1.
    pub number: usize,
    /// The text.
    pub text: String,
}

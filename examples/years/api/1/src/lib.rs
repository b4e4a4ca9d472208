//! The API in its first year.

/// A plugin that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Returns the new text of a line.
    fn apply(&self, line: &str) -> String;
}

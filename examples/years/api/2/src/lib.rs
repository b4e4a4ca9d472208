//! The API in its second year: a plugin may also remove a line.

/// A plugin that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Returns the new text of a line, or `None` to remove it.
    fn apply(&self, line: &str) -> Option<String>;
}

//! The API in its first year.

/// Something that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// What the line becomes.
    fn apply(&self, line: &str) -> String;
}

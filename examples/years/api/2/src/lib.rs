//! The API in its second year: a plugin may take a line out.

/// Something that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// What the line becomes, if it stays.
    fn apply(&self, line: &str) -> Option<String>;
}

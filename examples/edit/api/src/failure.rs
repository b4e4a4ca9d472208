//! Failures of plugins.

use std::fmt;

/// Why a call of a plugin failed. It is plain data, because only the library that made an error object could downcast
/// it.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Failure {
    /// The message, without the plugin's name.
    pub message: String,
    /// The place in the document, if the failure concerns one.
    pub at: Option<usize>,
}

impl Failure {
    /// A failure that concerns the document as a whole.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// A failure at a place in the document.
    #[must_use]
    pub fn at(at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), at: Some(at) }
    }

    /// The plugin has no command with this name.
    #[must_use]
    pub fn no_command(name: &str) -> Self {
        Self::new(format!("there is no command `{name}`"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

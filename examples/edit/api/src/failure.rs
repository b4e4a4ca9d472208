//! Why a plugin could not do its part.

use std::fmt;

/// Why a plugin could not do its part: an error as data, since an error object would be recognized by its maker only.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Failure {
    /// What went wrong, without the plugin's name.
    pub message: String,
    /// Where in the document, if it is somewhere.
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

    /// The plugin has no command of this name.
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

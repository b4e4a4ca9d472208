//! Commands that a plugin offers.

/// A command, as it is listed for the user.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Command {
    /// The name of the command: one word, unique within the plugin.
    pub name: String,
    /// The title: a few words for a menu.
    pub title: String,
    /// The description: one sentence.
    pub description: String,
}

impl Command {
    /// A command with this name.
    #[must_use]
    pub fn new(name: &str, title: &str, description: &str) -> Self {
        Self { name: name.to_owned(), title: title.to_owned(), description: description.to_owned() }
    }
}

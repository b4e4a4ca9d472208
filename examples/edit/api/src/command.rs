//! Commands that a plugin offers.

/// A command, as the user finds it in a list.
#[derive(Debug, Clone, PartialEq, Eq, plugbox::Shape)]
pub struct Command {
    /// The name to run it by: one word, unique within the plugin.
    pub name: String,
    /// The title: a few words for a menu.
    pub title: String,
    /// What it does: one sentence.
    pub description: String,
}

impl Command {
    /// A command of this name.
    #[must_use]
    pub fn new(name: &str, title: &str, description: &str) -> Self {
        Self { name: name.to_owned(), title: title.to_owned(), description: description.to_owned() }
    }
}

//! Messages from plugins to the user.

/// A plugin's output to the user. Plugins do not print themselves.
#[plugbox::interface]
pub trait Console: Send {
    /// Shows a line, preceded by the plugin's name.
    fn say(&mut self, line: &str);
}

/// For a plugin's tests.
impl Console for Vec<String> {
    fn say(&mut self, line: &str) {
        self.push(line.to_owned());
    }
}

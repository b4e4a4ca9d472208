//! What a plugin has to say.

/// Where a plugin says something to the user: plugins do not print.
#[plugbox::interface]
pub trait Console {
    /// Shows a line, with the plugin's name before it.
    fn say(&mut self, line: &str);
}

/// For a plugin's tests.
impl Console for Vec<String> {
    fn say(&mut self, line: &str) {
        self.push(line.to_owned());
    }
}

//! The API in its third year: a line has a number, a plugin may fail, and some plugins have more to say.

/// Something that changes lines.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// What the line becomes: any number of lines.
    ///
    /// # Errors
    ///
    /// The plugin's own: the line stays as it is.
    fn apply(&self, line: &Line) -> Result<Vec<String>, plugbox::Error>;
}

/// Something that has seen all lines. It came later than [`Plugin`], and is an interface of its own: plugins that lack it
/// stay what they are.
#[plugbox::interface]
pub trait Summary {
    /// What is to be said in the end.
    fn summary(&self) -> String;
}

/// A line.
#[derive(Debug, Clone, plugbox::Shape)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
}

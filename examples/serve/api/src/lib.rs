//! The API between a web server and the plugins that write its pages.

/// A plugin that writes pages. The server calls it on many threads at once.
#[plugbox::interface]
pub trait Pages: Send + Sync {
    /// Returns the text of the page at a path such as `/visits`; `None` if the plugin has no such page.
    fn page(&self, path: &str) -> Option<String>;
}

//! The API crate, which host and plugin share.

/// A plugin that greets guests.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Returns a greeting.
    fn greet(&self, guest: &Guest) -> String;
}

/// A guest to greet.
#[derive(Debug, plugbox::Shape)]
pub struct Guest {
    /// The guest's name.
    pub name: String,
    /// The number of visits.
    pub visits: u32,
}

//! The API crate: what host and plugin agree on.

/// Something that greets.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Greets somebody.
    fn greet(&self, guest: &Guest) -> String;
}

/// Somebody to greet.
#[derive(Debug, plugbox::Shape)]
pub struct Guest {
    /// The name to use.
    pub name: String,
    /// How often they were here.
    pub visits: u32,
}

//! What the application and its plugins share.

/// A plugin of the application.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// Returns a greeting for the guest.
    fn greet(&self, guest: &Guest) -> String;
}

/// A guest to greet.
#[derive(Clone, Debug, plugbox::Shape)]
pub struct Guest {
    /// The guest's name.
    pub name: String,
    /// The number of visits.
    pub visits: u32,
}

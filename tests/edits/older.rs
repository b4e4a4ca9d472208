//! The crate below in an earlier version, which the API has beside the later one.

/// Where something is poured into.
#[plugbox::interface]
pub trait Sink: Send + Sync {
    /// Takes a drop.
    fn pour(&self, size: u32) -> u32;
    /// How much there is room for.
    fn room(&self) -> u32;
}

/// A leaf.
#[derive(plugbox::Shape)]
pub struct Leaf {
    /// How wide it is.
    pub width: u16,
    /// How long it is.
    pub length: u16,
}

//! A crate below the API, with an interface and types of its own.

/// Where something is poured into.
#[plugbox::interface]
pub trait Sink: Send + Sync {
    /// How much there is room for.
    fn room(&self) -> u32;
    /// Takes a drop.
    fn pour(&self, drop: &Drip) -> u32;
}

/// A drop.
#[derive(plugbox::Shape)]
pub struct Drip {
    /// How large it is.
    pub size: u32,
    /// How far it falls.
    pub fall: u32,
}

/// A leaf.
#[derive(plugbox::Shape)]
pub struct Leaf {
    /// How long it is.
    pub length: u16,
    /// How wide it is.
    pub width: u16,
}

//! The direction in which a value crosses.

/// The direction in which a value crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the host to the plugin.
    IntoPlugin,
    /// From the plugin to the host.
    OutOfPlugin,
}

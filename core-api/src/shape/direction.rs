//! The direction in which a value crosses.

/// Which way a value crosses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The host gives it to the plugin.
    IntoPlugin,
    /// The plugin gives it to the host.
    OutOfPlugin,
}

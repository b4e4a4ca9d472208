//! Panics of plugins, and the plugins that they name.

mod info;
mod panic;
mod pending;

pub use info::PluginInfo;
pub use panic::PluginPanic;
pub(crate) use pending::{Note, arrived, begun};

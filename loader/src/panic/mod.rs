//! Panics of plugins, and the facts about plugins that they carry.

mod panic;
mod info;
mod pending;
mod location;

pub use info::{Origin, PluginInfo};
pub use location::PanicLocation;
pub use panic::PluginPanic;
pub(crate) use pending::{Note, arrived, begun};

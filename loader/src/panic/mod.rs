//! Panics of plugins, and the facts about plugins that they carry.

mod hook;
mod panic;
mod info;
mod pending;
mod location;

pub(crate) use hook::{RUNS_HOOK_AT_ONCE, frames, raise_for_hook, run_hook};
pub use info::{Origin, PluginInfo};
pub use location::PanicLocation;
pub use panic::PluginPanic;
pub(crate) use pending::{Note, arrived, begun, next_number};

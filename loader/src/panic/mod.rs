//! Panics of plugins, and the facts about plugins that they carry.

mod backtrace;
mod hook;
mod panic;
mod info;
mod pending;
mod location;

pub(crate) use backtrace::shown_backtrace;
pub(crate) use hook::{RUNS_HOOK_AT_ONCE, raise_for_hook, run_hook, wants_backtrace};
pub use info::{Origin, PluginInfo};
pub use location::PanicLocation;
pub use panic::PluginPanic;
pub(crate) use pending::{Note, arrived, begun, next_number};

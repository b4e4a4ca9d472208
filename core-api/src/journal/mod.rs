//! The journal: a plugin's log output reaches the host.

#[cfg(any(feature = "log", feature = "tracing"))]
mod install;
mod journal;
#[cfg(feature = "log")]
mod log;
#[cfg(feature = "tracing")]
mod tracing;
#[cfg(any(feature = "log", feature = "tracing"))]
mod unwinding;

#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) use install::install;
pub use journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};

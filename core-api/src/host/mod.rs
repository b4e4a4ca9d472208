//! The host to which this library is bound: its allocator, and panics in both directions.

mod bind;
mod allocator;
mod panic;
mod link;
mod payload;

pub use allocator::HostAllocator;
pub(crate) use bind::bind;
pub(crate) use link::host;
pub(crate) use panic::{attempt, attempt_drop, guard, guard_construct, guard_drop};
pub use panic::{raising_for_hook, while_unwinding};
pub use payload::{describe_payloads, drop_quietly, payload_text};

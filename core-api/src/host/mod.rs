//! The host to which this library is bound: its allocator, and panics in both directions.

mod bind;
// What differs between systems.
#[cfg(all(
    target_os = "linux",
    not(target_feature = "crt-static"),
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
pub mod keys;
#[cfg(not(all(
    target_os = "linux",
    not(target_feature = "crt-static"),
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
)))]
#[path = "no_keys.rs"]
pub mod keys;
mod allocator;
mod panic;
mod link;
mod payload;

pub use allocator::HostAllocator;
pub(crate) use bind::bind;
pub(crate) use link::host;
pub(crate) use panic::{attempt, attempt_drop, attempt_with_drop, guard, guard_construct, guard_drop, guard_with_drop};
pub use panic::{raising_for_hook, while_unwinding};
pub use payload::{describe_payloads, drop_quietly, payload_text};

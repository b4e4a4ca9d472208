//! Exporting: the functions and types that the output of [`export!`](crate::export) uses.

mod entry;
mod construct;
mod test_context;
mod context;

pub use construct::{Constructor, Failure, PANICKED, assert_one_type, construct, construct_default, object};
pub use context::Context;
pub use entry::{Construct, EntryWithRecords, View};
pub use test_context::TestContext;

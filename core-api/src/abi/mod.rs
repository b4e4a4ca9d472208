//! The tables and values that host and plugin pass to each other: `repr(C)`, so either side may be older.

mod contract;
mod context;
mod probe;
mod text;

pub use context::{RawContext, RawService};
pub use contract::{
    BindError, CONTRACT, Entry, EntryHead, HostTable, KeyDestructor, MAGIC, PanicBegun, PanicCaught, PanicNote, Row,
};
pub(crate) use probe::probe_into;
pub use probe::{PROBE_WORDS, probe};
pub use text::{RawPath, RawText};

//! The entry table of a plugin, as `export!` makes it.

use super::construct::Failure;
use crate::abi::{CONTRACT, Entry, EntryHeader, MAGIC, RawContext, RawText, Row, probe_into};
use crate::host::bind;
use crate::interface::Interface;

/// The constructor of a plugin as one of its interfaces. It speaks Rust's ABI: only a verdict makes it callable.
pub type Construct<I> = fn(&RawContext) -> Result<Box<I>, Failure>;

/// Makes of the address of a plugin's guarded object, which any of its constructors made, the one of its trait object.
pub type View<I> = fn(*mut ()) -> *mut I;

impl Entry {
    /// The table of a plugin that is exported as these interfaces.
    #[must_use]
    pub const fn new(rows: &'static [Row]) -> Self {
        Self {
            header: EntryHeader {
                magic: MAGIC,
                contract: CONTRACT,
                size: size_of::<Self>() as u32,
                bind,
                probe: probe_into,
                std: std::thread::yield_now,
            },
            rows: rows.as_ptr(),
            row_count: rows.len(),
            row_size: size_of::<Row>(),
        }
    }
}

impl Row {
    /// The row of this interface.
    #[must_use]
    pub const fn new<I: ?Sized + Interface>(construct: Construct<I>, view: View<I>) -> Self {
        Self {
            name: RawText::new(I::NAME),
            version: RawText::new(I::VERSION),
            fingerprint: I::FINGERPRINT.to_u128().to_le_bytes(),
            construct: construct as *const (),
            view: view as *const (),
        }
    }
}

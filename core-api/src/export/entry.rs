//! The entry table of a plugin.

use super::construct::Failure;
use crate::abi::{CONTRACT, Entry, EntryHead, MAGIC, RawContext, RawText, Row, probe_into};
use crate::host::bind;
use crate::interface::Interface;

/// A constructor that returns the plugin as one of its interfaces.
///
/// It has Rust's own ABI, so it may be called only after a verdict.
pub type Construct<I> = fn(&RawContext) -> Result<Box<I>, Failure>;

/// A function that turns the address of a plugin's guarded object into a pointer to one of its trait objects.
///
/// Any constructor of the plugin may have made the object.
pub type View<I> = fn(*mut ()) -> *mut I;

impl Entry {
    /// Makes the table of a plugin that is exported as the interfaces of these rows.
    #[must_use]
    pub const fn new(rows: &'static [Row]) -> Self {
        Self {
            head: EntryHead { magic: MAGIC, contract: CONTRACT, size: size_of::<Self>() as u32 },
            bind,
            probe: probe_into,
            std: std::thread::yield_now,
            rows: rows.as_ptr(),
            row_count: rows.len(),
            row_size: size_of::<Row>(),
        }
    }
}

/// What the symbol of a plugin's entry table leads to: the table, and the records of its library.
///
/// Some linkers leave out what no exported symbol leads to, and a record is only read from the file. So the table's
/// symbol leads to the records. They are no part of the table, whose size does not count them: a later version of the
/// table may grow into their place.
#[repr(C)]
pub struct EntryWithRecords {
    entry: Entry,
    records: &'static [&'static [u8]],
}

impl EntryWithRecords {
    /// Makes the table of a plugin that is exported as the interfaces of these rows, in a library with these records.
    #[must_use]
    pub const fn new(rows: &'static [Row], records: &'static [&'static [u8]]) -> Self {
        Self { entry: Entry::new(rows), records }
    }

    /// The records that the table keeps in the file.
    #[must_use]
    pub const fn records(&self) -> &'static [&'static [u8]] {
        self.records
    }
}

impl Row {
    /// Makes the row of one interface.
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

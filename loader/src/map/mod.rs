//! Mapping: a library becomes part of this process.

mod entry;
pub(crate) mod generation;
mod map;

pub(crate) use entry::EntryTable;
pub(crate) use generation::Generation;
pub(crate) use map::{is_loaded, map, pin};

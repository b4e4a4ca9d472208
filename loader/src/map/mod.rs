//! Mapping: the step that makes a library part of this process.

mod map;
mod entry;
mod generation;

pub(crate) use entry::EntryTable;
pub(crate) use generation::{Generation, Slot, next_number};
pub(crate) use map::{is_loaded, map, pin};

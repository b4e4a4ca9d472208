//! Mapping: the step that makes a library part of this process.

mod map;
mod entry;
mod generation;
mod keys;
mod mappings;

pub(crate) use entry::EntryTable;
pub(crate) use generation::{Generation, next_number};
pub(crate) use keys::KeyReservation;
pub(crate) use map::map;

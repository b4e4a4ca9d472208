//! Staging: the private copy that is judged and mapped.

mod folder;
mod snapshot;
mod stage;

pub(crate) use stage::{StagedFile, in_place, reopen, stage};

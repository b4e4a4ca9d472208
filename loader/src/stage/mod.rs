//! Staging: the private copy that is judged and mapped.

mod folder;
mod owner;
mod snapshot;
mod space;
mod stage;
mod sweep;

pub(crate) use space::in_memory;
pub(crate) use stage::{StagedFile, Staging, plain, reopen, stage};

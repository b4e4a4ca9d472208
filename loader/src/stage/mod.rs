//! Staging: the private copy that is judged and mapped.

mod folder;
mod owner;
mod snapshot;
mod stage;
mod sweep;

pub(crate) use stage::{StagedFile, Staging, reopen, stage};

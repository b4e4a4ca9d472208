//! Watching: when a file has changed, and is whole and settled.

#[cfg(test)]
mod library;
mod error;
mod mailbox;
mod settling;
mod steps;
mod wakes;

pub use error::WatchError;
pub(crate) use settling::{Look, Outcome, Settling, Stamp};
pub(crate) use steps::Watched;
pub(crate) use wakes::{Means, Wake, Wakes};

//! The loader: the entry points for hosts, and the stations of a library.

mod loader;
mod folder;
mod pipeline;
mod select;
mod report;
mod warning;
mod settings;
mod construct;
mod library;
mod adapter;
mod service;
mod data_dir;
#[cfg(test)]
mod tests;

pub(crate) use construct::Bound;
pub use folder::{FileVerdict, judge_folder, refuse_unpinned};
pub use loader::Loader;
pub use report::{FileOutcome, PassedOver, Report};
pub(crate) use select::{Candidate, groups, is_for_others};
pub use warning::Warning;

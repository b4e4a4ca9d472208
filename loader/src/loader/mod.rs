//! The loader: takes a plugin through all stations.

mod adapter;
mod construct;
mod data_dir;
mod loader;
mod pipeline;
mod report;
mod select;
mod service;

pub use loader::Loader;
pub use report::{PassedOver, Report, Verdicts};

#[cfg(test)]
mod tests;

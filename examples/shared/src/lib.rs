//! The common code of the example hosts with a command line.

pub mod configs;
pub mod logging;
pub mod message;
pub mod plugins;
pub mod sample_plugins;
pub mod table;

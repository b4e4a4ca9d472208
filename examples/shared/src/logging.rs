//! Logs events of a host and its plugins on standard error.

use std::io;

use tracing_subscriber::filter::LevelFilter;

/// Starts logging: 0 logs nothing, 3 everything.
pub fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).without_time().with_ansi(false).init();
}

//! Identifies the test run, because fixtures are built once for all processes of a run.

use std::env;

/// Passes the run to child processes of tests, because the parent of a child is not cargo.
pub(crate) const RUN: &str = "HARNESS_RUN";

/// The cargo process that runs the tests, by its number and start time. `None` if it is unknown, such as for a test
/// that was started by hand: then the sources may change before the next test.
pub(crate) fn run() -> Option<String> {
    env::var(RUN).ok().or_else(cargo)
}

#[cfg(target_os = "linux")]
fn cargo() -> Option<String> {
    let parent = std::os::unix::process::parent_id();
    let stat = std::fs::read_to_string(format!("/proc/{parent}/stat")).ok()?;
    // `pid (comm) state ppid ...`: the start time is field 22, see proc_pid_stat(5).
    let (before, after) = stat.rsplit_once(") ")?;
    let started = after.split(' ').nth(19)?;
    before.contains("(cargo").then(|| format!("{parent}-{started}"))
}

#[cfg(not(target_os = "linux"))]
fn cargo() -> Option<String> {
    None
}

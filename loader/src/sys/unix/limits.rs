//! How many files this process may use; see getrlimit(2).

use std::fs::File;
use std::os::fd::AsRawFd;

use rustix::process::{Resource, getrlimit};

/// The new file got the lowest number that was free.
pub(crate) fn files_up_to(file: &File) -> u64 {
    u64::try_from(file.as_raw_fd()).unwrap_or(0) + 1
}

pub(crate) fn most_files() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Writing more ends the process.
pub(crate) fn largest_file() -> Option<u64> {
    getrlimit(Resource::Fsize).current
}

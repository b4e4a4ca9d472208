//! How much of the system's resources this process uses and may use.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;

use rustix::process::{Resource, getrlimit};

/// The number of mappings of this process; `None` if the system does not say.
pub(crate) fn mappings() -> Option<usize> {
    let (mut maps, mut lines, mut bytes) = (File::open("/proc/self/maps").ok()?, 0, vec![0; 1 << 16]);
    loop {
        match maps.read(&mut bytes) {
            Ok(0) => return Some(lines),
            Ok(len) => lines += bytes[..len].iter().filter(|byte| **byte == b'\n').count(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The most mappings that a process may have; `None` if the system does not say.
pub(crate) fn most_mappings() -> Option<usize> {
    fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()
}

/// The number of open files up to this one, which got the lowest number that was free.
pub(crate) fn files_up_to(file: &File) -> u64 {
    u64::try_from(file.as_raw_fd()).unwrap_or(0) + 1
}

/// The most files that this process may have open; `None` if there is no limit.
pub(crate) fn most_files() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mappings_of_this_process_are_counted() {
        let lines = fs::read_to_string("/proc/self/maps").unwrap().lines().count();
        let counted = mappings().unwrap();
        // Other tests run at the same time.
        assert!(counted.abs_diff(lines) < 50 && counted < most_mappings().unwrap(), "{counted} {lines}");
    }
}

//! The mappings that this process has and may have.

use std::fs::{self, File};
use std::io::{self, Read};

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

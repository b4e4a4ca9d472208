//! How much of the system's resources this process uses and may use.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::path::Path;

use rustix::fs::statfs;
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

/// The place for files in a file system.
pub(crate) struct Space {
    /// The bytes that are left for this user.
    pub(crate) left: u64,
    /// Whether the files are memory.
    pub(crate) is_memory: bool,
}

/// The space at a path; `None` if the system does not say.
pub(crate) fn space(path: &Path) -> Option<Space> {
    let system = statfs(path).ok()?;
    let block = u64::try_from(system.f_bsize).ok()?;
    let kind: u64 = system.f_type.try_into().ok()?;
    // The numbers of tmpfs and ramfs; see statfs(2). The number has 32 bits, and some systems extend its sign.
    let is_memory = matches!(kind & 0xffff_ffff, 0x0102_1994 | 0x8584_58f6);
    // A tmpfs without a limit has no blocks, and so has ramfs.
    let left = if system.f_blocks == 0 { u64::MAX } else { block.saturating_mul(system.f_bavail) };
    Some(Space { left, is_memory })
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

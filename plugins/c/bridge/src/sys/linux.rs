//! The port to Linux.

use std::fs;
use std::io;

use super::Region;
pub(super) use super::unix::{open, remove_left};

/// The mappings, as listed by proc(5).
pub(super) fn regions() -> io::Result<Vec<Region>> {
    fs::read_to_string("/proc/self/maps").map(|maps| maps.lines().filter_map(mapping).collect())
}

/// Parses a line such as `559f1c3d2000-559f1c3f4000 r-xp 00000000 08:02 1234 /usr/bin/edit`.
fn mapping(line: &str) -> Option<Region> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    let permissions = words.next()?;
    Some(Region {
        range: address(start)?..address(end)?,
        readable: permissions.starts_with('r'),
        executable: permissions.as_bytes().get(2) == Some(&b'x'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_system_are_read() {
        for (line, readable, executable) in [
            ("1000-2000 r--p 0 0:0 0", true, false),
            ("1000-2000 r-xp 0 0:0 0 /x", true, true),
            ("1000-2000 ---p 0 0:0 0", false, false),
            ("1000-2000 --xp 0 0:0 0", false, true),
        ] {
            let region = mapping(line).unwrap();
            assert_eq!((region.range, region.readable, region.executable), (0x1000..0x2000, readable, executable));
        }
        assert!(mapping("1000 r--p").is_none() && mapping("1000-2000").is_none() && mapping("1000-x r--p").is_none());
    }
}

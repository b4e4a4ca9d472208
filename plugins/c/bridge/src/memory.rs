//! The memory mappings of this process: whether a pointer points to memory or to code.

use std::fs;
use std::io;
use std::ops::Range;

/// The mappings of this process at one moment.
pub(crate) struct Memory(Vec<Mapping>);

struct Mapping {
    range: Range<usize>,
    readable: bool,
    executable: bool,
}

impl Memory {
    /// The current mappings, as listed by proc(5), sorted by address.
    ///
    /// # Errors
    ///
    /// The system cannot list them.
    pub(crate) fn now() -> io::Result<Self> {
        fs::read_to_string("/proc/self/maps").map(|maps| Self(maps.lines().filter_map(mapping).collect()))
    }

    /// Whether all of these bytes can be read.
    pub(crate) fn is_readable(&self, start: usize, length: usize) -> bool {
        let Some(end) = start.checked_add(length) else { return false };
        let readable = self.0.iter().filter(|mapping| mapping.readable);
        // The bytes may extend over several adjacent mappings.
        end <= readable.fold(start, |read, Mapping { range, .. }| if range.contains(&read) { range.end } else { read })
    }

    /// Whether there is code at this address.
    pub(crate) fn is_code(&self, address: usize) -> bool {
        self.0.iter().any(|mapping| mapping.executable && mapping.range.contains(&address))
    }
}

/// Parses a line such as `559f1c3d2000-559f1c3f4000 r-xp 00000000 08:02 1234 /usr/bin/edit`.
fn mapping(line: &str) -> Option<Mapping> {
    let mut words = line.split(' ');
    let (start, end) = words.next()?.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    let permissions = words.next()?;
    Some(Mapping {
        range: address(start)?..address(end)?,
        readable: permissions.starts_with('r'),
        executable: permissions.as_bytes().get(2) == Some(&b'x'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_told_from_code_and_from_nothing() {
        let memory = Memory::now().unwrap();
        let data = [1_u8; 100];
        let (data, code) = (data.as_ptr().addr(), mapping as fn(&'static str) -> _ as usize);
        assert!(memory.is_readable(data, 100) && !memory.is_code(data));
        assert!(memory.is_code(code));
        assert!(!memory.is_readable(16, 1) && !memory.is_readable(data, usize::MAX) && !memory.is_code(16));
    }

    #[test]
    fn neighbors_are_read_as_one_and_gaps_are_not() {
        let lines =
            ["1000-2000 r--p 0 0:0 0", "2000-3000 r-xp 0 0:0 0 /x", "4000-5000 r--p 0 0:0 0", "5000-6000 ---p 0"];
        let memory = Memory(lines.into_iter().filter_map(mapping).collect());
        assert!(memory.is_readable(0x1fff, 2) && memory.is_readable(0x1000, 0x2000));
        assert!(!memory.is_readable(0x2fff, 2) && !memory.is_readable(0x4fff, 2));
        assert!(memory.is_code(0x2000) && !memory.is_code(0x3000));
    }
}

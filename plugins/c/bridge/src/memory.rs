//! The memory of this process: whether a pointer points to memory or to code.

use std::io;

use crate::sys::{self, Region};

/// The regions of this process at one moment, sorted by address.
pub(crate) struct Memory(Vec<Region>);

impl Memory {
    /// The current regions.
    ///
    /// # Errors
    ///
    /// The system cannot list them.
    pub(crate) fn now() -> io::Result<Self> {
        sys::regions().map(Self)
    }

    /// Whether all of these bytes can be read.
    pub(crate) fn is_readable(&self, start: usize, length: usize) -> bool {
        let Some(end) = start.checked_add(length) else { return false };
        let readable = self.0.iter().filter(|region| region.readable);
        // The bytes may extend over several adjacent regions.
        end <= readable.fold(start, |read, Region { range, .. }| if range.contains(&read) { range.end } else { read })
    }

    /// Whether there is code at this address.
    pub(crate) fn is_code(&self, address: usize) -> bool {
        self.0.iter().any(|region| region.executable && region.range.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() {}

    #[test]
    fn data_is_told_from_code_and_from_nothing() {
        let memory = Memory::now().unwrap();
        let data = [1_u8; 100];
        let (data, code) = (data.as_ptr().addr(), code as fn() as usize);
        assert!(memory.is_readable(data, 100) && !memory.is_code(data));
        assert!(memory.is_readable(code, 1) && memory.is_code(code));
        assert!(!memory.is_readable(16, 1) && !memory.is_readable(data, usize::MAX) && !memory.is_code(16));
    }

    #[test]
    fn regions_are_sorted_and_do_not_overlap() {
        let Memory(regions) = Memory::now().unwrap();
        assert!(regions.iter().all(|region| !region.range.is_empty()));
        assert!(regions.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
    }

    #[test]
    fn neighbors_are_read_as_one_and_gaps_are_not() {
        let region = |start, end, readable, executable| Region { range: start..end, readable, executable };
        let memory = Memory(vec![
            region(0x1000, 0x2000, true, false),
            region(0x2000, 0x3000, true, true),
            region(0x4000, 0x5000, true, false),
            region(0x5000, 0x6000, false, false),
        ]);
        assert!(memory.is_readable(0x1fff, 2) && memory.is_readable(0x1000, 0x2000));
        assert!(!memory.is_readable(0x2fff, 2) && !memory.is_readable(0x4fff, 2));
        assert!(memory.is_code(0x2000) && !memory.is_code(0x3000));
    }
}

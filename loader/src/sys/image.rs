//! A mapped image, and its notes in memory.

use std::ffi::CString;

/// An image that is mapped into this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedImage {
    /// The name by which the system's loader knows the image, if a port needs it; empty for the program itself.
    pub(super) name: CString,
    segments: Vec<Segment>,
    notes: Vec<Notes>,
}

/// A segment of an image, or a section where the system maps sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) readable: bool,
}

/// Notes of an image: where they are, as its headers say, and how they are aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) start: usize,
    pub(super) len: usize,
    pub(super) align: usize,
}

impl Segment {
    /// Whether the segment contains `len` bytes from the address `start`.
    pub(super) fn holds(self, start: usize, len: usize) -> bool {
        let end = start.checked_sub(self.start).and_then(|offset| offset.checked_add(len));
        end.is_some_and(|end| end <= self.len)
    }
}

impl MappedImage {
    pub(super) fn new(name: CString, segments: Vec<Segment>, notes: Vec<Notes>) -> Self {
        Self { name, segments, notes }
    }

    /// The address of its first segment.
    pub(crate) fn start(&self) -> usize {
        self.segments.iter().map(|segment| segment.start).min().unwrap_or(0)
    }

    /// Whether an address is inside one of the segments.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.segments.iter().any(|segment| segment.holds(address, 1))
    }

    /// The bytes of all notes that are inside one readable segment, and their alignment.
    ///
    /// # Safety
    ///
    /// 1. As long as the bytes are used, the image stays mapped as its headers say, and nobody writes to its notes.
    pub(crate) unsafe fn notes(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let readable = |start, len| self.segments.iter().any(|segment| segment.readable && segment.holds(start, len));
        let inside = self.notes.iter().filter(move |notes| notes.len > 0 && readable(notes.start, notes.len));
        inside.map(|Notes { start, len, align }| {
            // SAFETY: obligation 1; the bytes are inside one segment, which is mapped and readable.
            let bytes = unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(*start), *len) };
            (bytes, *align)
        })
    }
}

#[cfg(test)]
impl MappedImage {
    /// An image that contains every address, for a test whose library is the test's own image.
    pub(crate) fn with_every_address() -> Self {
        let all = Segment { start: 0, len: usize::MAX, readable: true };
        Self { name: CString::default(), segments: vec![all], notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use plugbox::__private::BUILD;

    use super::*;

    /// The number of note segments found in an image of `BUILD` with these segments and this note segment.
    fn found(segments: &[(usize, usize, bool)], note: (usize, usize)) -> usize {
        let start = BUILD.as_ptr().expose_provenance();
        let image = MappedImage {
            name: CString::default(),
            segments: segments
                .iter()
                .map(|(offset, len, readable)| Segment {
                    start: start.wrapping_add(*offset),
                    len: *len,
                    readable: *readable,
                })
                .collect(),
            notes: vec![Notes { start: start.wrapping_add(note.0), len: note.1, align: 4 }],
        };
        // SAFETY: all bytes that can be returned are those of `BUILD`, an immutable static.
        unsafe { image.notes() }.inspect(|(bytes, align)| assert_eq!((*bytes, *align), (BUILD, 4))).count()
    }

    #[test]
    fn a_note_is_read_only_where_all_of_it_lies_in_one_readable_segment() {
        let len = BUILD.len();
        assert_eq!(found(&[(0, len, true)], (0, len)), 1);
        assert_eq!(found(&[(0, len, false)], (0, len)), 0, "the segment is not readable");
        assert_eq!(found(&[(0, 8, true), (len - 8, 8, true)], (0, len)), 0, "the segments leave a hole");
        assert_eq!(found(&[(0, len / 2, true), (len / 2, len - len / 2, true)], (0, len)), 0, "the note spans two");
        assert_eq!(found(&[(0, len - 1, true)], (0, len)), 0, "the note ends outside");
        assert_eq!(found(&[(1, len, true)], (0, len)), 0, "the note begins outside");
        let last = usize::MAX - BUILD.as_ptr().addr();
        assert_eq!(found(&[(0, len, true), (last, 1, true)], (last, usize::MAX)), 0, "the note's end overflows");
    }
}

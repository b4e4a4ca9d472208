//! Notes: the containers of the records in a file.

use plugbox::__private::NOTE_NAME;

use super::error::{ManifestError, damaged};

/// A run of consecutive notes in a file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NoteBytes<'a> {
    /// The bytes of the run.
    pub bytes: &'a [u8],
    /// The alignment to which names and texts are padded, in bytes: 4 or 8.
    pub align: usize,
    /// Whether numbers are little-endian.
    pub little_endian: bool,
}

impl<'a> NoteBytes<'a> {
    /// Creates a run of notes with this alignment, 4 or 8 bytes, and this byte order.
    #[must_use]
    pub const fn new(bytes: &'a [u8], align: usize, little_endian: bool) -> Self {
        Self { bytes, align, little_endian }
    }

    /// A run of notes in this process's memory.
    pub(crate) fn in_memory(bytes: &'a [u8], align: usize) -> Self {
        Self { bytes, align, little_endian: cfg!(target_endian = "little") }
    }

    /// A run of notes of this process's own code.
    pub(crate) fn of_memory(bytes: &'a [u8]) -> Self {
        Self::in_memory(bytes, 4)
    }

    /// The kind and the text of each note that plugbox owns.
    pub(crate) fn notes(self) -> impl Iterator<Item = Result<(u32, &'a [u8]), ManifestError>> {
        let align = if self.align == 8 { 8 } else { 4 };
        let padded = move |at: usize| (at + align - 1) & !(align - 1);
        let word = move |bytes: [u8; 4]| {
            if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
        };
        let mut at = 0usize;
        std::iter::from_fn(move || {
            while let Some(head) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
                let [a, b, c, d, e, f, g, h, i, j, k, l] = *head;
                let (name_len, text_len, kind) = (word([a, b, c, d]), word([e, f, g, h]), word([i, j, k, l]));
                if name_len == 0 {
                    // Linkers pad records with zeros.
                    at += 4;
                    continue;
                }
                let name_at = at + 12;
                let Some(name) = slice(self.bytes, name_at, name_len as usize) else {
                    return Some(damaged("a note's name extends beyond the end of the notes"));
                };
                let text_at = padded(name_at + name.len());
                let Some(text) = slice(self.bytes, text_at, text_len as usize) else {
                    return Some(damaged("a note's text extends beyond the end of the notes"));
                };
                at = padded(text_at + text.len());
                if name == NOTE_NAME {
                    return Some(Ok((kind, text)));
                }
            }
            None
        })
    }
}

fn slice(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

//! The sections of PE and Mach-O images.

use object::ReadRef;

use super::container::Container;
use super::image::Image;
use crate::manifest::{MAX_BYTES, Manifest, ManifestError, NoteBytes, RecordCache};

/// The sections of a PE or Mach-O image that contain records, and whether all sections are inside the file.
pub(super) struct Sections<'data> {
    notes: Vec<NoteBytes<'data>>,
    note_bytes: u64,
    whole: Result<(), String>,
    size: u64,
}

impl<'data> Sections<'data> {
    pub(super) fn new(size: u64) -> Self {
        Self { notes: Vec::new(), note_bytes: 0, whole: Ok(()), size }
    }

    pub(super) fn add<R: ReadRef<'data>>(
        &mut self,
        data: R,
        name: &[u8],
        (offset, len): (u64, u64),
        little_endian: bool,
    ) {
        let name = String::from_utf8_lossy(name);
        if offset.checked_add(len).is_none_or(|end| end > self.size) {
            let outside = || format!("section `{name}` extends beyond the end of the file ({} bytes)", self.size);
            self.whole = std::mem::replace(&mut self.whole, Ok(())).and_then(|()| Err(outside()));
            return;
        }
        if !matches!(&*name, ".plugbox" | "__plugbox") {
            return;
        }
        self.note_bytes = self.note_bytes.saturating_add(len);
        if self.note_bytes <= MAX_BYTES as u64 {
            if let Ok(bytes) = data.read_bytes_at(offset, len) {
                self.notes.push(NoteBytes { bytes, align: 4, little_endian });
            } else {
                self.whole = Err(format!("section `{name}` cannot be read"));
            }
        }
    }

    pub(super) fn image(self, container: Container, shared: bool, cache: &RecordCache) -> Image {
        let large = self.note_bytes > MAX_BYTES as u64;
        let manifest = if large { Err(ManifestError::too_large()) } else { Manifest::read_with(self.notes, cache) };
        Image { container, shared, program: !shared, manifest, whole: self.whole, size: self.size, slices: Vec::new() }
    }
}

//! For tests: the bytes of a small library with the record of a plugin.

/// The bytes of an ELF library that is whole, but that nothing could load. Of two texts, the bytes differ.
pub(super) fn library(text: &str) -> Vec<u8> {
    let record = format!("contract 1\nname {text}\nversion 1.0.0\ninterface api::Plugin 1.0.0 {:032x}\n", 7);
    let record = record + "entry plugbox_entry_0\npanic unwind\n";
    let mut notes = Vec::new();
    for word in [8, record.len() as u32, 0x104] {
        notes.extend(word.to_le_bytes());
    }
    notes.extend(b"plugbox\0");
    notes.extend(record.as_bytes());
    notes.resize(notes.len().next_multiple_of(4), 0);
    let (notes_at, notes_len) = (64 + 3 * 56, notes.len() as u64);
    // As long as real ones, which one write does not cover.
    let size = notes_at + notes_len + 64 * 1024;
    let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut number = |value: u64, len: usize| bytes.extend(&value.to_le_bytes()[..len]);
    // The header: a library for x86-64, with three program headers behind it.
    for (value, len) in [(3, 2), (62, 2), (1, 4), (0, 8), (64, 8), (0, 8), (0, 4), (64, 2), (56, 2), (3, 2), (0, 6)] {
        number(value, len);
    }
    // The whole file, the notes, and the dynamic section.
    for (kind, offset, len) in [(1, 0, size), (4, notes_at, notes_len), (2, size - 16, 16)] {
        for (value, len) in [(kind, 4), (4, 4), (offset, 8), (offset, 8), (offset, 8), (len, 8), (len, 8), (4, 8)] {
            number(value, len);
        }
    }
    bytes.extend(notes);
    bytes.resize(size as usize, 0);
    bytes
}

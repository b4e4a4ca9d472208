//! Writes small object files of every format, with notes, for targets that no compiler on this machine supports.

/// The width and byte order of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) wide: bool,
    pub(crate) little: bool,
}

struct File {
    bytes: Vec<u8>,
    numbers: Numbers,
}

impl File {
    fn new(numbers: Numbers) -> Self {
        Self { bytes: Vec::new(), numbers }
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend(bytes);
        self
    }

    fn number(&mut self, value: u64, len: usize) -> &mut Self {
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        self.raw(if self.numbers.little { &little[..len] } else { &big[8 - len..] })
    }

    fn half(&mut self, value: u64) -> &mut Self {
        self.number(value, 2)
    }

    fn word(&mut self, value: u64) -> &mut Self {
        self.number(value, 4)
    }

    /// A number of the width of an address.
    fn address(&mut self, value: u64) -> &mut Self {
        self.number(value, if self.numbers.wide { 8 } else { 4 })
    }

    fn name(&mut self, name: &str, len: usize) -> &mut Self {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(len, 0);
        self.raw(&bytes)
    }
}

/// Notes as a linker writes them, each with a kind and a text.
pub(crate) fn notes(records: &[(u32, &str)], numbers: Numbers) -> Vec<u8> {
    aligned_notes(records, numbers, 4)
}

/// Notes with names and texts padded to 4 or 8 bytes.
pub(crate) fn aligned_notes(records: &[(u32, &str)], numbers: Numbers, align: usize) -> Vec<u8> {
    let mut file = File::new(numbers);
    for (kind, text) in records {
        file.word(8).word(text.len() as u64).word(u64::from(*kind));
        for part in [&b"plugbox\0"[..], text.as_bytes()] {
            file.raw(part);
            file.bytes.resize(file.bytes.len().next_multiple_of(align), 0);
        }
    }
    file.bytes
}

/// An ELF library for the machine with this number.
pub(crate) fn elf(machine: u64, notes: &[u8], numbers: Numbers) -> Vec<u8> {
    let (header, entry) = if numbers.wide { (64, 56) } else { (52, 32) };
    let (at, len) = (header + 3 * entry, notes.len() as u64);
    let mut file = File::new(numbers);
    file.raw(&[0x7f, b'E', b'L', b'F', 1 + u8::from(numbers.wide), 2 - u8::from(numbers.little), 1]).raw(&[0; 9]);
    file.half(3).half(machine).word(1).address(0).address(header).address(0).word(0);
    file.half(header).half(entry).half(3).half(0).half(0).half(0);
    // The program headers: one segment for the whole file, the notes, and an empty dynamic section.
    for (kind, offset, len, align) in [(1, 0, at + len + 16, 4096), (4, at, len, 4), (2, at + len, 16, 8)] {
        if numbers.wide {
            file.word(kind).word(4).address(offset).address(offset).address(offset).address(len).address(len);
        } else {
            file.word(kind).address(offset).address(offset).address(offset).address(len).address(len).word(4);
        }
        file.address(align);
    }
    file.raw(notes).raw(&[0; 16]);
    file.bytes
}

/// A PE library.
pub(crate) fn pe(machine: u64, notes: &[u8], wide: bool) -> Vec<u8> {
    let mut file = File::new(Numbers { wide, little: true });
    let optional = if wide { 112 } else { 96 };
    file.raw(b"MZ").raw(&[0; 58]).word(64).raw(b"PE\0\0");
    file.half(machine).half(1).word(0).word(0).word(0).half(optional).half(0x2022);
    let start = file.bytes.len();
    file.half(if wide { 0x20b } else { 0x10b });
    file.bytes.resize(start + optional as usize, 0);
    let at = file.bytes.len() as u64 + 40;
    let len = notes.len() as u64;
    file.raw(b".plugbox").word(len).word(4096).word(len).word(at).raw(&[0; 12]).word(0x4000_0040);
    file.raw(notes);
    file.bytes
}

/// A Mach-O library for one machine.
pub(crate) fn mach_o(cpu: u64, notes: &[u8], numbers: Numbers) -> Vec<u8> {
    let (header, segment, section) = if numbers.wide { (32, 72, 80) } else { (28, 56, 68) };
    let (at, len) = (header + segment + section, notes.len() as u64);
    let mut file = File::new(numbers);
    file.word(if numbers.wide { 0xfeed_facf } else { 0xfeed_face });
    file.word(cpu).word(0).word(6).word(1).word(segment + section).word(0);
    if numbers.wide {
        file.word(0);
    }
    file.word(if numbers.wide { 0x19 } else { 1 }).word(segment + section).name("__TEXT", 16);
    file.address(0).address(at + len).address(0).address(at + len).word(5).word(5).word(1).word(0);
    file.name("__plugbox", 16).name("__TEXT", 16).address(at).address(len).word(at).raw(&[0; 20]);
    file.bytes.resize(at as usize, 0);
    file.raw(notes);
    file.bytes
}

/// A Mach-O file for several machines.
pub(crate) fn fat(slices: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut file = File::new(Numbers { wide: false, little: false });
    file.word(0xcafe_babe).word(slices.len() as u64);
    let mut at = 8 + 20 * slices.len() as u64;
    for (cpu, slice) in slices {
        file.word(*cpu).word(0).word(at).word(slice.len() as u64).word(0);
        at += slice.len() as u64;
    }
    for (_, slice) in slices {
        file.raw(slice);
    }
    file.bytes
}

//! Writes records while the compiler runs.
//!
//! A record is an ELF note: three words (length of the name, length of the text, [`Kind`]), the name `plugbox`, and
//! text in lines `key value`, padded to four bytes. The first line is always `contract N`. In other object formats, a
//! separate section contains the same bytes. Records are independent of each other, so a linker may reorder them and
//! add padding.

/// The owner's name in every note, with its NUL. It has eight bytes, so the text after it is aligned.
pub const NOTE_NAME: &[u8; 8] = b"plugbox\0";

/// The kind of a record, which is the note's type. Small numbers already have a meaning in tools that show notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// The compiler and the flags that built the image.
    Build = 0x101,
    /// An interface: name, version, fingerprint, methods.
    Interface = 0x102,
    /// One type that an interface reaches.
    Shape = 0x103,
    /// A plugin that the library exports.
    Plugin = 0x104,
}

/// The bytes of one or more notes, with the alignment of notes.
#[repr(C, align(4))]
pub struct Notes<const N: usize>(pub [u8; N]);

/// A buffer for notes. It only counts bytes that do not fit, so `Writer::<0>` measures.
pub(crate) struct Writer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Writer<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Removes the bytes from `len` on.
    pub(crate) const fn cut_to(&mut self, len: usize) {
        assert!(len <= self.len, "cannot cut beyond the end");
        self.len = len;
    }

    pub(crate) const fn byte(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    /// Writes bytes in one step: the compiler interprets this function, and an interface may have a lot of text.
    pub(crate) const fn bytes(&mut self, bytes: &[u8]) {
        // Each call costs the compiler as much as ten other steps.
        let len = bytes.len();
        if self.len <= N && len <= N - self.len {
            // SAFETY: `self.len` is at most the length of the array, as checked above.
            let end = unsafe { self.bytes.as_mut_ptr().add(self.len) };
            // SAFETY: at least `len` bytes are left at `end`, as checked above; `bytes` does not overlap them, because
            // `self` is borrowed mutably.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), end, len) };
        }
        self.len += len;
    }

    pub(crate) const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes a value with its line breaks escaped: a value from outside must not start a new line.
    const fn escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let [first, tail @ ..] = rest {
            match *first {
                b'\n' => self.text("\\n"),
                b'\r' => self.text("\\r"),
                b'\\' => self.text("\\\\"),
                other => self.byte(other),
            }
            rest = tail;
        }
    }

    /// Writes the line `key value`; nothing for an empty value.
    pub(crate) const fn line(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.text(key);
            self.byte(b' ');
            self.escaped(value);
            self.byte(b'\n');
        }
    }

    /// Writes the line `key item,item` without empty items; nothing if no item is left.
    pub(crate) const fn list(&mut self, key: &str, items: &[&str]) {
        let start = self.len;
        self.text(key);
        self.byte(b' ');
        let first = self.len;
        let mut rest = items;
        while let [item, tail @ ..] = rest {
            if !item.is_empty() {
                if self.len > first {
                    self.byte(b',');
                }
                self.text(item);
            }
            rest = tail;
        }
        if self.len > first {
            self.byte(b'\n');
        } else {
            self.len = start;
        }
    }

    pub(crate) const fn number(&mut self, number: i128) {
        if number < 0 {
            self.byte(b'-');
        }
        let magnitude = number.unsigned_abs();
        let mut unit: u128 = 1;
        while magnitude / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.byte(b'0' + (magnitude / unit % 10) as u8);
            unit /= 10;
        }
    }

    pub(crate) const fn hex(&mut self, number: u128) {
        let mut rest = number;
        let mut digits = [0; 32];
        let mut first = digits.len();
        while first > 0 {
            first -= 1;
            digits[first] = b"0123456789abcdef"[(rest & 15) as usize];
            rest >>= 4;
        }
        self.bytes(&digits);
    }

    /// Writes the line `layout randomized`, unless the crate's layouts keep their declared order.
    pub(crate) const fn layout(&mut self, in_order: bool) {
        if !in_order {
            self.line("layout", "randomized");
        }
    }

    /// Begins a note. Pass the result to [`end`](Self::end), which fills in the length of the text.
    pub(crate) const fn begin(&mut self, kind: Kind, contract: u32) -> usize {
        let start = self.len;
        self.bytes(&(NOTE_NAME.len() as u32).to_ne_bytes());
        self.bytes(&[0; 4]);
        self.bytes(&(kind as u32).to_ne_bytes());
        self.bytes(NOTE_NAME);
        self.text("contract ");
        self.number(contract as i128);
        self.byte(b'\n');
        start
    }

    /// Ends the note that [`begin`](Self::begin) began.
    pub(crate) const fn end(&mut self, start: usize) {
        let text = start + 12 + NOTE_NAME.len();
        self.patch(start + 4, &((self.len - text) as u32).to_ne_bytes());
        while self.len % 4 != 0 {
            self.byte(0);
        }
    }

    /// Overwrites bytes that were already written.
    const fn patch(&mut self, at: usize, bytes: &[u8]) {
        let end = self.len;
        self.len = at;
        self.bytes(bytes);
        self.len = end;
    }

    /// Hashes the bytes from `start` on.
    pub(crate) const fn hash_from(&self, start: usize) -> u128 {
        self.hash_between(start, self.len)
    }

    /// Hashes the bytes from `start` to `end`.
    pub(crate) const fn hash_between(&self, start: usize, end: usize) -> u128 {
        assert!(
            end <= N,
            "the records of an interface and of the types that it reaches are too large; split the interface"
        );
        let (head, _) = self.bytes.split_at(end);
        let (_, text) = head.split_at(start);
        super::fingerprint::hash(text).to_u128()
    }

    /// Replaces a number that [`hex`](Self::hex) has written.
    pub(crate) const fn patch_hex(&mut self, at: usize, number: u128) {
        let end = self.len;
        self.len = at;
        self.hex(number);
        self.len = end;
    }

    pub(crate) const fn into_notes(self) -> Notes<N> {
        assert!(N == 0 || self.len == N, "the record was measured with a different length");
        Notes(self.bytes)
    }

    /// Returns the bytes that were written; `LEN` is their number.
    pub(crate) const fn cut<const LEN: usize>(&self) -> Notes<LEN> {
        match self.bytes.first_chunk() {
            Some(bytes) if self.len == LEN => Notes(*bytes),
            _ => panic!("the record has a different length"),
        }
    }
}

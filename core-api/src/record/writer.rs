//! Records: what the macros leave in the file, written by the compiler.
//!
//! A record is an ELF note: three words (length of the name, length of the text, [`Kind`]), the name `plugbox`, and
//! text of lines `key value`, padded to four bytes. Other object formats carry the same bytes in a section of their
//! own. The first line is always `contract N`. Records stand for themselves: a linker may reorder and pad them.

/// The owner's name of every note, with its NUL: eight bytes, so the text that follows is aligned.
pub const NOTE_NAME: &[u8; 8] = b"plugbox\0";

/// What a record describes: the note's type. Small numbers mean something to the tools that show notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Kind {
    /// Who built the image.
    Build = 0x101,
    /// An interface: name, version, fingerprint, methods.
    Interface = 0x102,
    /// One type that an interface reaches.
    Shape = 0x103,
    /// A plugin that the library exports.
    Plugin = 0x104,
}

/// Bytes of one or more notes, aligned as notes are.
#[repr(C, align(4))]
pub struct Notes<const N: usize>(pub [u8; N]);

/// Writes notes while the compiler runs. What does not fit is only counted, so `Writer::<0>` measures.
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

    /// Forgets what was written from `len` on.
    pub(crate) const fn cut_to(&mut self, len: usize) {
        assert!(len <= self.len, "nothing to forget");
        self.len = len;
    }

    pub(crate) const fn byte(&mut self, byte: u8) {
        if self.len < N {
            self.bytes[self.len] = byte;
        }
        self.len += 1;
    }

    /// In one step, not byte by byte: the compiler interprets this, and an interface may have a lot of text.
    pub(crate) const fn bytes(&mut self, bytes: &[u8]) {
        if self.len <= N && bytes.len() <= N - self.len {
            // SAFETY: `len` is at most the length of the array.
            let end = unsafe { self.bytes.as_mut_ptr().add(self.len) };
            // SAFETY: that many bytes are left there; they are borrowed mutably, so `bytes` is elsewhere.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), end, bytes.len()) };
        }
        self.len += bytes.len();
    }

    pub(crate) const fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes a value that somebody else chose: a line break in it must not start a line of ours.
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

    /// Writes `key value` as a line; nothing for an empty value.
    pub(crate) const fn line(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.text(key);
            self.byte(b' ');
            self.escaped(value);
            self.byte(b'\n');
        }
    }

    /// Writes `key item,item` as a line, without the items that are empty; nothing for none.
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

    /// Says that the crate's layouts are shuffled; the declared order needs no words.
    pub(crate) const fn layout(&mut self, in_order: bool) {
        if !in_order {
            self.line("layout", "randomized");
        }
    }

    /// Starts a note; the length of its text is filled in by [`end`](Self::end), which takes what this returns.
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

    pub(crate) const fn end(&mut self, start: usize) {
        let text = start + 12 + NOTE_NAME.len();
        self.patch(start + 4, &((self.len - text) as u32).to_ne_bytes());
        while self.len % 4 != 0 {
            self.byte(0);
        }
    }

    /// Overwrites bytes that were written before.
    const fn patch(&mut self, at: usize, bytes: &[u8]) {
        let end = self.len;
        self.len = at;
        self.bytes(bytes);
        self.len = end;
    }

    /// Hashes what was written from `start` on.
    pub(crate) const fn hash_from(&self, start: usize) -> u128 {
        self.hash_between(start, self.len)
    }

    /// Hashes what was written from `start` to `end`.
    pub(crate) const fn hash_between(&self, start: usize, end: usize) -> u128 {
        assert!(end <= N, "an interface and all that it reaches have too much text; split it");
        let (head, _) = self.bytes.split_at(end);
        let (_, text) = head.split_at(start);
        super::fingerprint::hash(text).to_u128()
    }

    /// The hexadecimal digits in place of a number that was written before by [`hex`](Self::hex).
    pub(crate) const fn patch_hex(&mut self, at: usize, number: u128) {
        let end = self.len;
        self.len = at;
        self.hex(number);
        self.len = end;
    }

    pub(crate) const fn into_notes(self) -> Notes<N> {
        assert!(N == 0 || self.len == N, "the record was measured with another length");
        Notes(self.bytes)
    }

    /// What was written; `LEN` is its length.
    pub(crate) const fn cut<const LEN: usize>(&self) -> Notes<LEN> {
        match self.bytes.first_chunk() {
            Some(bytes) if self.len == LEN => Notes(*bytes),
            _ => panic!("the record has another length"),
        }
    }
}

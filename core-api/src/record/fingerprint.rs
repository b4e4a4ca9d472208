//! The fingerprint: a hash of canonical text.

use core::fmt;

use super::bytes::{Chunk, chunks};

/// A 128-bit hash of canonical text, which describes everything that crosses the boundary through an interface.
///
/// Equal texts have equal fingerprints. Different texts have different ones, apart from accidental collisions.
/// The hash does not protect against an attacker: everyone who can write a plugin is trusted with the process anyway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// Makes the fingerprint with this value.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// Returns the value as a number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// Parses the 32 hexadecimal digits that [`Display`](fmt::Display) writes; returns `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
        let mut largest = 0;
        let mut half = |digits: &[u8]| {
            digits.iter().fold(0, |half, digit| {
                let value = VALUES[usize::from(*digit)];
                largest = largest.max(value);
                half << 4 | u64::from(value)
            })
        };
        let (high, low) = digits.split_at(16);
        let value = u128::from(half(high)) << 64 | u128::from(half(low));
        (largest < 16).then_some(Self(value))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The value of each byte as a hexadecimal digit; `u8::MAX` for a byte that is not such a digit.
const VALUES: [u8; 256] = {
    let digits = b"0123456789abcdef";
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < digits.len() {
        values[digits[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// The first 128 binary digits of the golden ratio's fraction, as an odd number.
///
/// Its bits have no pattern, so a multiplication spreads a difference in one word far beyond the 64 bits in which a
/// later word could undo it.
const MULTIPLIER: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Hashes canonical text.
///
/// Each step is invertible, so a difference persists unless a later word happens to undo it. The function is our own
/// because the compiler interprets it in every build: it takes a fifth of the time that the compiler needs for XXH3 or
/// rapidhash, which are designed for processors.
pub const fn hash(text: &[u8]) -> Fingerprint {
    let (len, chunks) = (text.len(), chunks(text));
    let mut hash = len as u128;
    let (mut at, whole) = (0, len / Chunk::SIZE);
    while at < whole {
        let Chunk(word) = chunks[at];
        let word = if cfg!(target_endian = "little") { word } else { word.swap_bytes() };
        hash = (hash ^ word as u128).wrapping_mul(MULTIPLIER);
        at += 1;
    }
    let mut at = whole * Chunk::SIZE;
    while at < len {
        hash = (hash ^ text[at] as u128).wrapping_mul(MULTIPLIER);
        at += 1;
    }
    // The last word was only multiplied, which spreads differences to higher bits only.
    hash = (hash ^ hash >> 67).wrapping_mul(MULTIPLIER);
    Fingerprint(hash ^ hash >> 67)
}

/// Returns a fingerprint as two words, lower word first. The alignment of 128-bit integers differs between compiler
/// versions.
#[must_use]
pub const fn words(fingerprint: Fingerprint) -> [u64; 2] {
    let number = fingerprint.to_u128();
    [number as u64, (number >> 64) as u64]
}

//! The fingerprint: a hash of canonical text.

use core::fmt;

/// A 128-bit hash of canonical text: equal exactly when what crosses the boundary is equal.
///
/// It is XXH3-128, which spreads well and can be computed by the compiler; it is no defence against an adversary,
/// because whoever can write a plugin is trusted with the process anyway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint with this value.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// The value as a number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        self.0
    }

    /// Reads the 32 hexadecimal digits that [`Display`](fmt::Display) writes; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits { u128::from_str_radix(text, 16).ok().map(Self) } else { None }
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

/// The secret of XXH3 without a seed; `xxh3_128` would compute it anew for each text.
const SECRET: &[u8; 192] = &xxhash_rust::const_xxh3::const_custom_default_secret(0);

/// Hashes canonical text.
pub const fn hash(text: &[u8]) -> Fingerprint {
    Fingerprint(xxhash_rust::const_xxh3::xxh3_128_with_secret(text, SECRET))
}

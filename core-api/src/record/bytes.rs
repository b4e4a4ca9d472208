//! Bytes, eight at a time: the compiler interprets what reads them, and a call costs it as much as ten other steps.

/// Eight bytes, at any address.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(crate) struct Chunk(pub(crate) u64);

impl Chunk {
    /// The number of bytes.
    pub(crate) const SIZE: usize = size_of::<Self>();
}

/// Returns all whole chunks of bytes. The rest begins at their number times [`Chunk::SIZE`].
pub(crate) const fn chunks(bytes: &[u8]) -> &[Chunk] {
    let first = bytes as *const [u8] as *const Chunk;
    // SAFETY: so many chunks lie in the bytes, which are initialized and borrowed as long. A chunk may have any value and any
    // address.
    unsafe { &*std::ptr::slice_from_raw_parts(first, bytes.len() / Chunk::SIZE) }
}

/// Compares two byte strings: from the end, because paths differ there.
pub(crate) const fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let mut len = a.len();
    if len != b.len() {
        return false;
    }
    while len % Chunk::SIZE > 0 {
        len -= 1;
        if a[len] != b[len] {
            return false;
        }
    }
    let (a, b) = (chunks(a), chunks(b));
    let mut len = len / Chunk::SIZE;
    while len > 0 {
        len -= 1;
        if a[len].0 != b[len].0 {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_same_only_if_no_byte_differs() {
        let text: Vec<u8> = (1..=40).collect();
        for (from, to) in (0..=8).flat_map(|from| (from..=text.len()).map(move |to| (from, to))) {
            let bytes = &text[from..to];
            let copy = bytes.to_vec();
            assert!(same_bytes(bytes, &copy), "{from}..{to}");
            assert!(!same_bytes(bytes, &[bytes, &[0]].concat()), "{from}..{to}");
            for at in 0..bytes.len() {
                let mut other = bytes.to_vec();
                other[at] ^= 0x80;
                assert!(!same_bytes(bytes, &other), "{from}..{to}, {at}");
            }
        }
    }
}

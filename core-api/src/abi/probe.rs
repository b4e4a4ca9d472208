//! The probe: what a copy of std looks like from inside.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// How many words [`probe`] fills in.
pub const PROBE_WORDS: usize = 16;

/// Writes [`probe`] to an array of the loader's.
///
/// # Safety
///
/// 1. `words` is the address of such an array.
pub(crate) unsafe extern "C" fn probe_into(words: *mut [u64; PROBE_WORDS]) {
    // SAFETY: obligation 1.
    unsafe { words.write(probe()) }
}

/// What this copy of std looks like from inside: where a vector keeps its words, which niches enums use, sizes of types
/// whose inside is private, the identity of `String`. Another build of the same compiler's std shows here.
#[must_use]
pub fn probe() -> [u64; PROBE_WORDS] {
    const { assert!(size_of::<Vec<u8>>() == size_of::<[usize; 3]>()) };
    let mut vector = Vec::<u8>::with_capacity(7);
    vector.extend([1, 2]);
    let capacity = vector.capacity();
    // SAFETY: a `Vec` is three initialized words; it outlives the look at them.
    let words = unsafe { (&raw const vector).cast::<[usize; 3]>().read() };
    let place = |word: usize| match word {
        2 => b'l',
        _ if word == capacity => b'c',
        _ => b'p',
    };
    let order = words.map(place);

    // SAFETY: `TypeId` is sixteen initialized bytes (checked by `transmute`).
    let string: [u64; 2] = unsafe { std::mem::transmute(TypeId::of::<String>()) };
    const { assert!(size_of::<Result<String, [usize; 2]>>() == size_of::<[usize; 3]>()) };
    let failed: Result<String, [usize; 2]> = Err([1, 2]);
    // SAFETY: all three words are initialized: two are the array, and the third tells which variant it is.
    let niche = unsafe { (&raw const failed).cast::<[usize; 3]>().read() };

    let mut probe = [0; PROBE_WORDS];
    probe[0] = u64::from_le_bytes([order[0], order[1], order[2], 0, 0, 0, 0, 0]);
    probe[1] = string[0];
    probe[2] = string[1];
    probe[3] = niche.into_iter().find(|word| *word > 2).map_or(0, |niche| niche as u64);
    let sizes = [
        size_of::<Option<Vec<u8>>>(),
        size_of::<Option<Option<String>>>(),
        size_of::<HashMap<String, String>>(),
        size_of::<BTreeMap<String, String>>(),
        size_of::<Mutex<u64>>(),
        size_of::<std::fmt::Formatter<'static>>(),
        size_of::<std::io::Error>(),
        size_of::<std::thread::JoinHandle<()>>(),
        size_of::<std::sync::mpsc::Receiver<u8>>(),
        size_of::<std::time::Instant>(),
        size_of::<std::net::SocketAddr>(),
        size_of::<std::process::ExitStatus>(),
    ];
    for (word, size) in probe[4..].iter_mut().zip(sizes) {
        *word = size as u64;
    }
    probe
}

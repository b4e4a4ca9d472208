//! The probe: layouts and sizes that identify a copy of std.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

/// The number of words that [`probe`] returns.
pub const PROBE_WORDS: usize = 16;

/// Writes the result of [`probe`] to an array of the loader.
///
/// # Safety
///
/// 1. `words` is the address of an array that may be written.
pub(crate) unsafe extern "C" fn probe_into(words: *mut [u64; PROBE_WORDS]) {
    // SAFETY: obligation 1.
    unsafe { words.write(probe()) }
}

/// Measures this copy of std: the order of a vector's words, the niche of an enum, the sizes of types with private
/// fields, and the `TypeId` of `String`. A different build of std, even by the same compiler, differs in some of them.
#[must_use]
pub fn probe() -> [u64; PROBE_WORDS] {
    const { assert!(size_of::<Vec<u8>>() == size_of::<[usize; 3]>()) };
    let mut vector = Vec::<u8>::with_capacity(7);
    vector.extend([1, 2]);
    let capacity = vector.capacity();
    // SAFETY: a `Vec` is three initialized words (its size is asserted above), and `vector` outlives the read.
    let words = unsafe { (&raw const vector).cast::<[usize; 3]>().read() };
    let place = |word: usize| match word {
        2 => b'l',
        _ if word == capacity => b'c',
        _ => b'p',
    };
    let order = words.map(place);

    // SAFETY: a `TypeId` is sixteen initialized bytes; `transmute` checks the size.
    let string: [u64; 2] = unsafe { std::mem::transmute(TypeId::of::<String>()) };
    const { assert!(size_of::<Result<String, [usize; 2]>>() == size_of::<[usize; 3]>()) };
    let failed: Result<String, [usize; 2]> = Err([1, 2]);
    // SAFETY: all three words are initialized: two are the array, and the third encodes the variant. `failed` outlives
    // the read.
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

//! Indexes for thread-local values. Windows has 1,088 for a process, without destructors, and libraries take theirs
//! themselves: there is nothing that a host could serve.

use windows_sys::Win32::System::Threading::{TLS_OUT_OF_INDEXES, TlsAlloc, TlsFree};

/// What std's image of a library takes in the end.
pub(crate) const KEYS_OF_AN_IMAGE: usize = 4;

/// Takes them and gives them back, because nothing else tells.
pub(crate) fn keys_left(most: usize) -> usize {
    // SAFETY: an index that nobody else knows is taken.
    let take = || Some(unsafe { TlsAlloc() }).filter(|index| *index != TLS_OUT_OF_INDEXES);
    let taken: Vec<u32> = std::iter::from_fn(take).take(most).collect();
    for index in &taken {
        // SAFETY: nobody else knows the index.
        unsafe { TlsFree(*index) };
    }
    taken.len()
}

/// See "Thread Local Storage" in the documentation of Windows.
pub(crate) fn most_keys() -> usize {
    1088
}

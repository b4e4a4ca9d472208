//! The record of the host's futures and streams that this image has wrapped, as long as their wrappers live.
//!
//! A wrapper is pinned, so it stays at its address until it is dropped. Whoever owns a pinned box with a recorded address
//! owns that wrapper.
//!
//! Those of the plugin have no entry, so the future that a method returns costs none. It is wrapped for the host, and once
//! more if it returns. It leaves again without that second wrapper, which has an entry, so no more are added.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

static WRAPPERS: Mutex<BTreeMap<usize, Kind>> = Mutex::new(BTreeMap::new());

/// What the type of a wrapper depends on, apart from its output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The size in bytes.
    pub(super) size: usize,
    /// The number of auto traits that the wrapped object has. Safe code can drop them from the type of the wrapper.
    pub(super) autos: usize,
}

/// Records the wrapper at an address.
pub(super) fn enter(address: usize, kind: Kind) {
    wrappers().insert(address, kind);
}

/// Removes the wrapper at an address, which is dropped.
pub(super) fn leave(address: usize) {
    wrappers().remove(&address);
}

/// Whether a wrapper of this kind is at an address.
pub(super) fn is_at(address: usize, kind: Kind) -> bool {
    wrappers().get(&address) == Some(&kind)
}

/// The only foreign code that runs while the lock is held is the host's allocator.
fn wrappers() -> MutexGuard<'static, BTreeMap<usize, Kind>> {
    WRAPPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

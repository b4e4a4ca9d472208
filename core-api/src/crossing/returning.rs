//! The record of the host's futures and streams that this image has wrapped, as long as their wrappers live.
//!
//! A wrapper is pinned, so it stays at its address until it is dropped. Whoever owns a pinned box with a recorded address
//! owns that wrapper.
//!
//! Only the wrappers of the host's are recorded: an entry for the result of each async method would cost the caller. A
//! future of the plugin that comes back from the host gets a second wrapper. That one is recorded, and is taken off when the
//! future leaves again, so a future never has more than these two.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of auto traits of each wrapped object, by the address of its wrapper. Safe code can drop auto traits from the
/// type of a wrapper, and then it is not the type that was made.
static WRAPPERS: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

/// Records the wrapper at an address.
pub(super) fn enter(address: usize, autos: usize) {
    wrappers().insert(address, autos);
}

/// Removes the wrapper at an address, which is dropped.
#[cold]
pub(super) fn leave(address: usize) {
    wrappers().remove(&address);
}

/// Whether a wrapper of an object with this number of auto traits is at an address.
pub(super) fn is_at(address: usize, autos: usize) -> bool {
    wrappers().get(&address) == Some(&autos)
}

/// The only foreign code that runs while the lock is held is the host's allocator.
fn wrappers() -> MutexGuard<'static, BTreeMap<usize, usize>> {
    WRAPPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

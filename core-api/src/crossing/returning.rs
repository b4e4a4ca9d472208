//! The record of the host's futures and streams that this image has wrapped, as long as their wrappers live.
//!
//! A wrapper is pinned, so it stays at its address until it is dropped. Whoever owns a pinned box with a recorded address
//! owns that wrapper.
//!
//! Those of the plugin have no entry, so the future that a method returns costs none. It is wrapped for the host, and once
//! more if it returns. It leaves again without that second wrapper, which has an entry, so no more are added.

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

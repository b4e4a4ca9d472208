//! What plugins do when the process ends.

use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use crate::sys;

/// The time that the functions get. One of them may wait for a lock that a thread of the plugin never gives back.
const PATIENCE: Duration = Duration::from_secs(1);

static FUNCTIONS: Mutex<Vec<extern "C" fn()>> = Mutex::new(Vec::new());

pub(super) unsafe extern "C" fn at_exit(function: extern "C" fn()) {
    // In the tests of this crate, plugin and program share one std.
    if cfg!(test) {
        return;
    }
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| sys::at_exit(wait_for_all));
    FUNCTIONS.lock().unwrap_or_else(PoisonError::into_inner).push(function);
}

/// Calls the functions on a thread, and waits a while for it. Nothing here needs a thread-local: those of this thread may
/// be gone.
extern "C" fn wait_for_all() {
    sys::run_on_a_thread(call_all, PATIENCE);
}

extern "C" fn call_all() {
    // In the child of a fork, a thread that is not there may hold the lock.
    if let Ok(functions) = FUNCTIONS.try_lock().map(|mut functions| std::mem::take(&mut *functions)) {
        functions.into_iter().for_each(|function| function());
    }
}

//! A barrier that costs one side nothing, because the other side makes it for all threads: membarrier(2).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// `MEMBARRIER_CMD_PRIVATE_EXPEDITED`, and the registration for it.
const ALL_THREADS: libc::c_int = 1 << 3;
const REGISTER: libc::c_int = 1 << 4;

/// Whether threads must make the barrier themselves. That is so until the system has promised to make it.
static ALONE: AtomicBool = AtomicBool::new(true);

/// Asks the system for its help, once. Call it before anything that is to be ordered exists.
pub(crate) fn prepare_barriers() {
    static ASKED: OnceLock<()> = OnceLock::new();
    ASKED.get_or_init(|| ALONE.store(!membarrier(REGISTER), Ordering::SeqCst));
}

/// The barrier of the side that runs often. What this thread has stored before it is seen after
/// [`heavy_barrier`], or what was stored before that one is seen by this thread after this one.
#[inline]
pub(crate) fn light_barrier() {
    if ALONE.load(Ordering::Relaxed) { fence(Ordering::SeqCst) } else { compiler_fence(Ordering::SeqCst) }
}

/// The barrier of the side that runs seldom. `false` if the system does not keep its promise: a filter of system calls,
/// see seccomp(2), may have come since.
#[must_use]
pub(crate) fn heavy_barrier() -> bool {
    fence(Ordering::SeqCst);
    ALONE.load(Ordering::SeqCst) || membarrier(ALL_THREADS)
}

fn membarrier(command: libc::c_int) -> bool {
    if cfg!(miri) {
        return false;
    }
    // SAFETY: membarrier(2) takes a command and flags, and touches no memory of the process.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

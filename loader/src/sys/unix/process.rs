//! The end of this process.

/// If atexit(3) has no room, the function is not called.
pub(crate) fn at_exit(function: extern "C" fn()) {
    // SAFETY: atexit(3) accepts any function that does not unwind, and an `extern "C"` function of Rust aborts instead.
    // The function's image is mapped when it is called: if its library is closed before the process ends, it runs then.
    let _ = unsafe { libc::atexit(function) };
}

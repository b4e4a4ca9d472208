//! The end of the process.

/// Has a function called when the process ends by `exit` or a return from `main`, as far as atexit(3) has room for it.
pub(crate) fn at_exit(function: extern "C" fn()) {
    // SAFETY: atexit(3) takes any function that does not unwind; an `extern "C"` function of Rust aborts first. Its image is
    // still mapped when it is called: a function of a library runs when that library is closed, if that comes first.
    let _ = unsafe { libc::atexit(function) };
}

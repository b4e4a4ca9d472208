//! This process: its end, and when a process started.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The time of a process's start, in microseconds: see libproc. `Some(None)` if no process with this ID runs.
pub(crate) fn started(id: u32) -> Option<Option<u64>> {
    // SAFETY: zeros are numbers.
    let mut found = unsafe { std::mem::zeroed::<libc::proc_bsdinfo>() };
    let size = size_of::<libc::proc_bsdinfo>() as c_int;
    let Ok(id) = c_int::try_from(id) else { return Some(None) };
    let to = (&raw mut found).cast();
    // SAFETY: the system stores at most this many bytes at the address.
    let len = unsafe { libc::proc_pidinfo(id, libc::PROC_PIDTBSDINFO, 0, to, size) };
    let runs = len == size && found.pbi_status != libc::SZOMB;
    Some(runs.then_some(found.pbi_start_tvsec * 1_000_000 + found.pbi_start_tvusec))
}

/// A function that runs on a thread, and whether that thread has ended.
struct Run(extern "C" fn(), AtomicBool);

/// The system can wait for a thread, but not with a limit. So a second thread waits without one.
pub(crate) fn run_on_a_thread(run: extern "C" fn(), patience: Duration) {
    extern "C" fn waiting(run: *mut c_void) -> *mut c_void {
        // SAFETY: the address comes from `Arc::into_raw` below.
        let run = unsafe { Arc::from_raw(run.cast_const().cast::<Run>()) };
        if let Some(thread) = start(running, Arc::as_ptr(&run)) {
            // SAFETY: the thread was started just now, and nobody else waits for it.
            unsafe { libc::pthread_join(thread, std::ptr::null_mut()) };
        }
        run.1.store(true, Ordering::Release);
        std::ptr::null_mut()
    }
    extern "C" fn running(run: *mut c_void) -> *mut c_void {
        // SAFETY: the address is that of a `Run` of `waiting`, which waits for this thread.
        let run = unsafe { &*run.cast_const().cast::<Run>() };
        run.0();
        std::ptr::null_mut()
    }
    let (run, began) = (Arc::new(Run(run, AtomicBool::new(false))), Instant::now());
    let theirs = Arc::into_raw(run.clone());
    let Some(thread) = start(waiting, theirs) else {
        // SAFETY: no thread has taken it.
        drop(unsafe { Arc::from_raw(theirs) });
        return;
    };
    // SAFETY: the thread was started just now, and nobody waits for it.
    unsafe { libc::pthread_detach(thread) };
    while !run.1.load(Ordering::Acquire) && began.elapsed() < patience {
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Starts a thread with the address of a run; `None` if there is no thread left.
fn start(body: extern "C" fn(*mut c_void) -> *mut c_void, run: *const Run) -> Option<libc::pthread_t> {
    // SAFETY: zero is no thread.
    let mut thread = unsafe { std::mem::zeroed::<libc::pthread_t>() };
    let run = run.cast_mut().cast::<c_void>();
    // SAFETY: pthread_create(3) stores the thread's number at the address, and passes the argument on.
    let created = unsafe { libc::pthread_create(&raw mut thread, std::ptr::null(), body, run) };
    (created == 0).then_some(thread)
}

//! This process: its end, and when a process started.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INVALID_PARAMETER, FILETIME, GetLastError, HANDLE, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Threading::{
    CreateThread, GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE,
    WaitForSingleObject,
};

use super::library::module_at;

/// The time of a process's start, as the system counts it. `Some(None)` if no process with this ID runs; `None` if this user
/// may not ask.
pub(crate) fn started(id: u32) -> Option<Option<u64>> {
    // SAFETY: any number may be asked for.
    let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, id) };
    if process.is_null() {
        // SAFETY: the function has no conditions.
        let error = unsafe { GetLastError() };
        return (error == ERROR_INVALID_PARAMETER).then_some(None);
    }
    // SAFETY: the handle was opened above.
    let started = unsafe { start_of(process) };
    // SAFETY: as above. A handle of a process that has ended is still one.
    let has_ended = unsafe { WaitForSingleObject(process, 0) } == WAIT_OBJECT_0;
    // SAFETY: as above.
    unsafe { CloseHandle(process) };
    if has_ended { Some(None) } else { started.map(Some) }
}

/// The time of a process's start.
///
/// # Safety
///
/// 1. The handle is open.
unsafe fn start_of(process: HANDLE) -> Option<u64> {
    let [mut start, mut end, mut kernel, mut user] = [FILETIME::default(); 4];
    let (to_start, to_end) = (&raw mut start, &raw mut end);
    // SAFETY: obligation 1; the system stores times at the addresses.
    let found = unsafe { GetProcessTimes(process, to_start, to_end, &raw mut kernel, &raw mut user) };
    (found != 0).then_some(u64::from(start.dwHighDateTime) << 32 | u64::from(start.dwLowDateTime))
}

unsafe extern "C" {
    /// Of the C runtime, which each image has.
    fn atexit(function: extern "C" fn()) -> c_int;
}

/// A library's functions are called when all threads are gone, and the system waits for no new one. So they are called
/// only if the host is the program itself.
pub(crate) fn at_exit(function: extern "C" fn()) {
    // SAFETY: null is the program.
    let program = unsafe { GetModuleHandleW(null()) };
    if module_at((function as *const c_void).addr(), 0) == Some(program) {
        // SAFETY: the function does not unwind, and an `extern "C"` function of Rust aborts instead. It is in the program.
        let _ = unsafe { atexit(function) };
    }
}

pub(crate) fn run_on_a_thread(run: extern "C" fn(), patience: Duration) {
    unsafe extern "system" fn body(run: *mut c_void) -> u32 {
        // SAFETY: the address is that of the function that was passed to `run_on_a_thread`.
        let run = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(run) };
        run();
        0
    }
    // SAFETY: the system passes the argument on to `body`.
    let thread = unsafe { CreateThread(null(), 0, Some(body), run as *mut c_void, 0, null_mut()) };
    if thread.is_null() {
        return;
    }
    let patience = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX - 1);
    // SAFETY: the handle was made above.
    unsafe { WaitForSingleObject(thread, patience) };
    // SAFETY: as above. The thread goes on without it.
    unsafe { CloseHandle(thread) };
}

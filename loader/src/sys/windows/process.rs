//! This process: its end, and what tells it from every other one.

use std::ffi::{c_int, c_void};
use std::ptr::{null, null_mut};
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INVALID_PARAMETER, FILETIME, GetLastError, HANDLE, WAIT_OBJECT_0,
};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Threading::{
    CreateThread, GetCurrentProcess, GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION,
    PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

use super::library::module_at;

/// The facts that tell a process from every other one. They are written down for other processes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    /// The time of its start, as the system counts it.
    started: u64,
}

impl Process {
    /// This process; `None` if the system does not say.
    pub(crate) fn this() -> Option<Self> {
        // SAFETY: the function returns a handle of this process, and needs none.
        let process = unsafe { GetCurrentProcess() };
        // SAFETY: the handle is valid as long as the process.
        let started = unsafe { started(process) }?;
        Some(Self { id: std::process::id(), started })
    }

    /// The process as text, for [`from_text`](Self::from_text).
    pub(crate) fn to_text(&self) -> String {
        format!("{}\n{}\n", self.id, self.started)
    }

    /// Reads the text of [`to_text`](Self::to_text).
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.lines();
        let mut line = || lines.next();
        Some(Self { id: line()?.parse().ok()?, started: line()?.parse().ok()? })
    }

    /// Whether the process has ended; `None` if nothing shows it, because this user may not ask.
    pub(crate) fn has_ended(&self) -> Option<bool> {
        // SAFETY: any number may be asked for.
        let process = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE, 0, self.id) };
        if process.is_null() {
            // SAFETY: the function has no conditions.
            let error = unsafe { GetLastError() };
            return (error == ERROR_INVALID_PARAMETER).then_some(true);
        }
        // SAFETY: the handle was opened above.
        let started = unsafe { started(process) };
        // SAFETY: as above. A handle of a process that has ended is still one.
        let has_ended = unsafe { WaitForSingleObject(process, 0) } == WAIT_OBJECT_0;
        // SAFETY: as above.
        unsafe { CloseHandle(process) };
        Some(has_ended || started? != self.started)
    }
}

/// The time of a process's start.
///
/// # Safety
///
/// 1. The handle is open.
unsafe fn started(process: HANDLE) -> Option<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_ended_if_its_id_or_its_start_is_anothers() {
        let this = Process::this().unwrap();
        assert_eq!(Process::from_text(&this.to_text()), Some(this.clone()));
        assert_eq!(this.has_ended(), Some(false));
        assert_eq!(
            Process { started: this.started + 1, ..this.clone() }.has_ended(),
            Some(true),
            "the ID was given away"
        );
        assert_eq!(Process { id: u32::MAX - 3, ..this }.has_ended(), Some(true));
    }

    #[test]
    fn damaged_text_is_no_process() {
        let text = Process::this().unwrap().to_text();
        for end in 0..text.len() {
            assert_eq!(Process::from_text(&text[..end]), None, "{end}");
        }
    }
}

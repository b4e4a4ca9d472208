//! This process: its end, and what tells it from every other process.

use std::ffi::c_void;
use std::fs;
use std::time::{Duration, Instant};

/// The facts that tell a process from every other one. They are written down for other processes to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    id: u32,
    /// The time of its start, in clock ticks since the system's start; see proc_pid_stat(5).
    started: u64,
    /// The ID of the system's start: a random one each time.
    boot: String,
    /// The namespaces in which the ID and the time are valid; see namespaces(7).
    namespaces: String,
}

impl Process {
    /// This process; `None` if the system does not say.
    pub(crate) fn this() -> Option<Self> {
        let namespace = |kind| fs::read_link(format!("/proc/self/ns/{kind}")).ok();
        // Kernels before 5.6 have no time namespaces.
        let namespaces = [namespace("pid")?, namespace("time").unwrap_or_default()];
        let id = std::process::id();
        Some(Self {
            id,
            started: started(id)?,
            boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned(),
            namespaces: namespaces.map(|namespace| namespace.to_string_lossy().into_owned()).concat(),
        })
    }

    /// The process as text, for [`from_text`](Self::from_text).
    pub(crate) fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n{}\n", self.id, self.started, self.boot, self.namespaces)
    }

    /// Reads the text of [`to_text`](Self::to_text).
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut line = || lines.next();
        Some(Self {
            id: line()?.parse().ok()?,
            started: line()?.parse().ok()?,
            boot: line()?.to_owned(),
            namespaces: line()?.to_owned(),
        })
    }

    /// Whether the process has ended; `None` if nothing shows it, because its ID belongs to another namespace.
    pub(crate) fn has_ended(&self) -> Option<bool> {
        let this = Self::this()?;
        if self.boot != this.boot {
            return Some(true);
        }
        (self.namespaces == this.namespaces).then(|| started(self.id) != Some(self.started))
    }
}

/// The time of a process's start; `None` if no process with this ID runs.
fn started(id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name, which may contain spaces and parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // The third field is the state. A process that its parent has not waited for is still listed after its end.
    (!matches!(fields.next()?, "Z" | "X")).then_some(())?;
    fields.nth(18)?.parse().ok()
}

/// Runs a function on a thread of its own, and waits until that thread has ended, but at most for `patience`. The thread
/// is not std's, which needs thread-locals of the thread that starts another one. Without a thread, nothing runs.
pub(crate) fn run_on_a_thread(run: extern "C" fn(), patience: Duration) {
    extern "C" fn body(run: *mut c_void) -> *mut c_void {
        // SAFETY: the address is that of the function that was passed to `run_on_a_thread`.
        let run = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn()>(run) };
        run();
        std::ptr::null_mut()
    }
    // SAFETY: zero is a number or a null pointer: the type differs between C libraries.
    let mut thread = unsafe { std::mem::zeroed::<libc::pthread_t>() };
    let began = Instant::now();
    // SAFETY: pthread_create(3) stores the thread's number at the address, and passes the argument on to `body`.
    if unsafe { libc::pthread_create(&raw mut thread, std::ptr::null(), body, run as *mut c_void) } != 0 {
        return;
    }
    // A thread that has run the function still frees its thread-locals. Only a join says that it is gone.
    // SAFETY: the thread was started above, and nobody else joins or detaches it.
    while unsafe { libc::pthread_tryjoin_np(thread, std::ptr::null_mut()) } == libc::EBUSY {
        if began.elapsed() >= patience {
            // SAFETY: the thread was started above, and is not joined: the call said that it runs.
            unsafe { libc::pthread_detach(thread) };
            return;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_ended_if_its_id_or_its_start_is_anothers_and_nothing_is_said_of_other_namespaces() {
        let this = Process::this().unwrap();
        assert_eq!(Process::from_text(&this.to_text()), Some(this.clone()));
        assert_eq!(this.has_ended(), Some(false));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let running = Process { id: child.id(), started: started(child.id()).unwrap(), ..this.clone() };
        assert_eq!(running.has_ended(), Some(false));
        child.kill().unwrap();
        let state = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::waitid(rustix::process::WaitId::Pid(pid), state).unwrap();
        assert_eq!(running.has_ended(), Some(true), "its parent has not waited for it yet");
        child.wait().unwrap();
        assert_eq!(running.has_ended(), Some(true));
        let ended = |process: Process| process.has_ended();
        assert_eq!(ended(Process { started: this.started + 1, ..this.clone() }), Some(true), "the ID was given away");
        assert_eq!(ended(Process { boot: "before".to_owned(), ..this.clone() }), Some(true));
        assert_eq!(ended(Process { namespaces: "pid:[1]".to_owned(), ..running }), None);
    }

    #[test]
    fn damaged_text_is_no_process() {
        let text = Process::this().unwrap().to_text();
        for end in 0..text.rfind("pid:").unwrap() {
            assert_eq!(Process::from_text(&text[..end]), None, "{end}");
        }
        assert_eq!(Process::from_text(&text.replacen('\n', " \n", 1)), None);
    }
}

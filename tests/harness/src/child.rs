//! Runs tests in their own processes, because they may abort or because they test the end of a process.

use std::process::{Command, Output};
use std::time::Duration;

use crate::run::{RUN, run};
use crate::target::{command, is_emulated};

const CHILD: &str = "HARNESS_CHILD";

/// The end of a child process.
#[derive(Debug)]
pub struct Child {
    /// Whether the process exited with success.
    pub success: bool,
    /// The signal that ended the process, or on Windows the exception.
    pub signal: Option<i32>,
    /// The output on stdout.
    pub stdout: String,
    /// The output on stderr.
    pub stderr: String,
}

/// Runs `body` in a new process, which runs the same test again. In the child, this returns `None` after `body`. In the
/// parent, it returns the end of the child.
///
/// `test` is the full name of the calling test, and must be unique in its file. `variables` are set for the child.
///
/// # Panics
///
/// If the test executable cannot be run again, or the name matches no test.
pub fn in_child(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) -> Option<Child> {
    if std::env::var(CHILD).is_ok_and(|name| name == test) {
        body();
        return None;
    }
    let executable = std::env::current_exe().expect("a test has an executable");
    let mut command = command(executable);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, test);
    let child = Child::new(&output(command.envs(run().map(|run| (RUN, run))).envs(variables.iter().copied())));
    assert!(!child.stdout.contains("running 0 tests"), "no test is named {test}");
    Some(child)
}

/// Runs a command to its end. On a busy machine, Wine 8 sometimes starts no process, and says `ERROR_INTERNAL_ERROR`.
fn output(command: &mut Command) -> Output {
    let is_of_wine = |error: &std::io::Error| cfg!(windows) && is_emulated() && error.raw_os_error() == Some(1359);
    let mut tries = 0;
    loop {
        match command.output() {
            Err(error) if is_of_wine(&error) && tries < 5 => tries += 1,
            output => return output.expect("the test can be run again"),
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Runs the rest of the calling test in a new process. Call it in the first line of a test that may end its process: it
/// returns true in the parent, after the child has passed, and false in the child.
///
/// # Panics
///
/// If the child failed; the message has the child's output.
#[must_use]
pub fn passed_alone(test: &str) -> bool {
    let child = in_child(test, &[], || ());
    child.as_ref().inspect(|child| child.must_succeed()).is_some()
}

impl Child {
    /// The end of a process that the test ran itself.
    #[must_use]
    pub fn new(output: &Output) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        // The system ends a program with the number of the exception, such as 0xC0000005.
        #[cfg(not(unix))]
        let signal = output.status.code().filter(|code| *code as u32 >> 30 == 3);
        Self {
            success: output.status.success(),
            signal,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Whether the process ended itself, as `std::process::abort` does: by SIGABRT, or on Windows by a fast failure.
    #[must_use]
    pub fn has_aborted(&self) -> bool {
        self.signal == Some(if cfg!(windows) { 0xC000_0409_u32 as i32 } else { 6 })
    }

    /// Asserts success.
    ///
    /// # Panics
    ///
    /// If the process failed; the message has its output.
    pub fn must_succeed(&self) {
        assert!(self.success, "the child failed (signal {:?})\n{}\n{}", self.signal, self.stdout, self.stderr);
    }
}

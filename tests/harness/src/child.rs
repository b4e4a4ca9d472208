//! Tests that run again in a process of their own, because they may abort, or are about its end.

use std::process::{Command, Output};

use crate::run::{RUN, run};

const CHILD: &str = "HARNESS_CHILD";

/// How a child process ended.
#[derive(Debug)]
pub struct Child {
    /// Whether it ended with success.
    pub success: bool,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed on stdout.
    pub stdout: String,
    /// What it printed on stderr.
    pub stderr: String,
}

/// Runs the body in a process of its own: the test calls itself. In the child it returns `None` after the body; in the
/// parent it returns how the child ended.
///
/// `test` is the full name of the test that calls, and must be unique in its file, and `variables` are set for the child.
///
/// # Panics
///
/// Where the test executable cannot be run again, or the name matches no test.
pub fn in_child(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) -> Option<Child> {
    if std::env::var(CHILD).is_ok_and(|name| name == test) {
        body();
        return None;
    }
    let executable = std::env::current_exe().expect("a test has an executable");
    let output = Command::new(executable)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, test)
        .envs(run().map(|run| (RUN, run)))
        .envs(variables.iter().copied())
        .output()
        .expect("the test can be run again");
    let child = Child::new(&output);
    assert!(!child.stdout.contains("running 0 tests"), "no test is named {test}");
    Some(child)
}

/// For the first line of a test that may end its process: whether it has passed, in a process of its own. In that
/// process it is false, and the rest of the test follows.
///
/// # Panics
///
/// With everything that the other process printed, where it failed.
#[must_use]
pub fn passed_alone(test: &str) -> bool {
    let child = in_child(test, &[], || ());
    child.as_ref().inspect(|child| child.must_succeed()).is_some()
}

impl Child {
    /// The end of a process that was run in another way.
    #[must_use]
    pub fn new(output: &Output) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
        #[cfg(not(unix))]
        let signal = None;
        Self {
            success: output.status.success(),
            signal,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Demands that it ended well.
    ///
    /// # Panics
    ///
    /// With everything that it printed, where it did not.
    pub fn must_succeed(&self) {
        assert!(self.success, "the child failed (signal {:?})\n{}\n{}", self.signal, self.stdout, self.stderr);
    }
}

//! Running the command.

use std::ffi::OsStr;
use std::process::{Command, Output};

/// The command's own file.
pub(crate) const PLUGBOX: &str = env!("CARGO_BIN_EXE_plugbox");

/// How a run of the command ended.
pub(crate) struct Ended {
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command, without the environment variables that describe terminals.
pub(crate) fn command(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = harness::command(PLUGBOX);
    ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"].iter().for_each(|name| {
        command.env_remove(name);
    });
    command.args(args);
    command
}

/// Runs the command.
pub(crate) fn plugbox(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ended {
    Ended::of(&mut command(args))
}

impl Ended {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().expect("the command can be run").into()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Its lines of JSON.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what the command writes is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

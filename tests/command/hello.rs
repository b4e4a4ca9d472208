//! The first example, built for these tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use harness::{patched, target_dir};

/// The example's files.
pub(crate) struct Hello {
    pub(crate) plugin: PathBuf,
    pub(crate) host: PathBuf,
    /// A library without plugbox records: the macros, which the compiler loads.
    pub(crate) macros: PathBuf,
}

/// Builds the example once, in the workspace's target folder, which has most of it already.
pub(crate) fn hello() -> &'static Hello {
    static HELLO: LazyLock<Hello> = LazyLock::new(build);
    &HELLO
}

fn build() -> Hello {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "-p", "hello", "-p", "hello-host", "--message-format", "json", "--target-dir"])
        .arg(target_dir())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo has built the example");
    let messages: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .expect("cargo's messages are UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("each of cargo's messages is JSON"))
        .collect();
    let built = |name: &str| {
        let artefact = messages.iter().find(|message| message["target"]["name"] == name).expect("cargo names it");
        PathBuf::from(artefact["filenames"][0].as_str().expect("it has a file"))
    };
    Hello { plugin: built("hello"), host: built("hello-host"), macros: built("plugbox_macros") }
}

/// A copy of a library or host with records that name a different compiler.
pub(crate) fn other_compiler(file: &Path) -> PathBuf {
    patched(file, b"\nrelease 1.", b"\nrelease 9.")
}

//! The first example, built for these tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use harness::{build_packages, build_programs, patched};

/// The example's files.
pub(crate) struct Hello {
    pub(crate) plugin: PathBuf,
    pub(crate) host: PathBuf,
    /// A library without plugbox records: the macros, which the compiler loads.
    pub(crate) macros: PathBuf,
}

/// Builds the example once.
pub(crate) fn hello() -> &'static Hello {
    static HELLO: LazyLock<Hello> = LazyLock::new(build);
    &HELLO
}

fn build() -> Hello {
    let (plugin, host) = (built(build_packages(&["hello"])), built(build_programs(&["--bin", "hello-host"])));
    Hello { plugin: plugin("hello"), host: host("hello-host"), macros: plugin("plugbox_macros") }
}

/// The first file of each target, by name, that cargo builds.
fn built(mut cargo: Command) -> impl Fn(&str) -> PathBuf {
    let output = cargo.args(["--message-format", "json"]).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo has built the example");
    let messages: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .expect("cargo's messages are UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("each of cargo's messages is JSON"))
        .collect();
    move |name| {
        let artefact = messages.iter().find(|message| message["target"]["name"] == name).expect("cargo names it");
        PathBuf::from(artefact["filenames"][0].as_str().expect("it has a file"))
    }
}

/// A copy of a library or host with records that name a different compiler.
pub(crate) fn other_compiler(file: &Path) -> PathBuf {
    patched(file, b"\nrelease 1.", b"\nrelease 9.")
}

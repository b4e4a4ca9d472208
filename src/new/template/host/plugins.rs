//! The application with its plugins, as cargo builds them.

use std::process::Command;

#[test]
fn every_plugin_answers() {
    // `cargo test` does not build the plugins' libraries.
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--workspace"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());

    let program = env!("CARGO_BIN_EXE_my-app");
    let answer = "my-app-hello: Hello, world!!!\n";
    let output = Command::new(program).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stdout.contains(answer), "{stdout}{stderr}");
    assert_eq!(stderr, "");
}

//! The compiler's errors about handles: each file of `tests/ui` must cause exactly its expected errors.

use std::process::Command;

/// The compiler whose messages the `.stderr` files contain.
const RUSTC: &str = "rustc 1.95.";

#[test]
#[cfg_attr(miri, ignore = "runs the compiler, which is not our code")]
fn refusals_are_worded_for_the_user() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("-V").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout);
    if !version.starts_with(RUSTC) {
        eprintln!("SKIPPED: tests/ui has the messages of {RUSTC}x, and this compiler is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

//! Programs and compilers of the target: the tests may be built for a machine other than this one.

use std::env;
use std::env::consts::DLL_SUFFIX;
use std::path::Path;
use std::process::Command;

/// The target of the tests and fixtures. Build scripts and macros are built for it, too. Without the flags of a variant, they
/// are built only once.
pub const TARGET: &str = env!("HARNESS_TARGET");

/// Runs a program of the target, with the runner that cargo has for it, such as an emulator. Windows starts its programs
/// itself, also in Wine, and cannot start the runner.
#[must_use]
pub fn command(program: impl AsRef<Path>) -> Command {
    let name = format!("CARGO_TARGET_{}_RUNNER", TARGET.to_uppercase().replace('-', "_"));
    let runner = if cfg!(windows) { String::new() } else { env::var(name).unwrap_or_default() };
    let mut words = runner.split_whitespace();
    match words.next() {
        Some(runner) => {
            let mut command = Command::new(runner);
            command.args(words).arg(program.as_ref());
            command
        }
        None => Command::new(program.as_ref()),
    }
}

/// The C compiler for the target: that of the variable which the crate `cc` reads, too, or `cc`.
#[must_use]
pub fn c_compiler() -> Command {
    let name = format!("CC_{}", TARGET.replace('-', "_"));
    Command::new(env::var(name).unwrap_or_else(|_| "cc".to_owned()))
}

/// The compiler of the tests and fixtures: cargo's, unless it was told to use another one.
#[must_use]
pub fn compiler() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// The name here of a library that is called `name` on Linux: `.dll` instead of `.so`.
#[must_use]
pub fn library_name(name: &str) -> String {
    name.replace(".so", DLL_SUFFIX)
}

/// A text with the names that libraries have on Linux.
#[must_use]
pub fn as_on_linux(text: &str) -> String {
    text.replace(DLL_SUFFIX, ".so")
}

/// Whether the C compiler for the target has this linker, such as `gold`.
#[must_use]
pub fn has_linker(name: &str) -> bool {
    let asked = c_compiler().args([&format!("-fuse-ld={name}"), "-Wl,--version"]).output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// Whether the tests were built for another machine than this one, and run in an emulator.
#[must_use]
pub fn is_emulated() -> bool {
    TARGET != env!("HARNESS_HOST")
}

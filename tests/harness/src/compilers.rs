//! Compilers other than the one that builds the tests.

use std::path::PathBuf;
use std::process::Command;

/// The other compilers on this machine: rustup's nightly, and the compilers that `PLUGBOX_OTHER_RUSTC` lists, separated
/// by colons.
#[must_use]
pub fn second_compilers() -> Vec<PathBuf> {
    let named = std::env::var("PLUGBOX_OTHER_RUSTC").unwrap_or_default();
    let mut found: Vec<PathBuf> = named.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    let nightly = Command::new("rustup").args(["run", "nightly", "rustc", "--print", "sysroot"]).output();
    if let Ok(output) = nightly {
        if output.status.success() {
            let sysroot = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            found.push(PathBuf::from(sysroot).join("bin/rustc"));
        }
    }
    found.retain(|rustc| Command::new(rustc).arg("-vV").output().is_ok_and(|output| output.status.success()));
    found
}

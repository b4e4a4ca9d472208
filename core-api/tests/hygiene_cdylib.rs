//! A whole plugin crate under the strictest lints: it builds, and its unit tests run, in which `export!` exports
//! nothing.

use std::path::Path;
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "strict"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
boxes = { package = "plugbox", path = "PLUGBOX" }

[workspace]
"#;

const LIB: &str = r#"//! A strict plugin with a renamed `plugbox`.

#![deny(warnings, missing_docs, unused, unreachable_pub, missing_debug_implementations)]
#![forbid(unsafe_code)]

/// An edit.
#[derive(Debug, Clone, boxes::Shape)]
#[shape(crate = boxes)]
pub struct Edit {
    /// The place.
    pub at: usize,
}

/// The interface.
#[boxes::interface(crate = boxes)]
pub trait Plugin {
    /// Edits.
    fn edit(&mut self, edit: &Edit, other: &dyn Plugin) -> usize;
    /// Does nothing.
    fn quiet(&self) {}
}

#[derive(Default)]
struct Shout {
    edits: usize,
}

impl Plugin for Shout {
    fn edit(&mut self, edit: &Edit, _: &dyn Plugin) -> usize {
        self.edits += 1;
        edit.at + self.edits
    }
}

impl Shout {
    fn new(context: boxes::Context<'_>) -> Result<Self, std::num::ParseIntError> {
        let _ = context;
        Ok(Self { edits: "1".parse()? })
    }
}

struct Quiet;

impl Plugin for Quiet {
    fn edit(&mut self, _: &Edit, _: &dyn Plugin) -> usize {
        0
    }
}

// An argument in the macro's output has the same name.
fn context(_: boxes::Context<'_>) -> Quiet {
    Quiet
}

boxes::export!(Shout as dyn Plugin, "loud" = Shout::new as dyn Plugin, context as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
#[cfg_attr(miri, ignore = "runs cargo, which is not our code")]
    fn edits_are_counted() {
        let mut shout = Shout::default();
        assert_eq!(shout.edit(&Edit { at: 1 }, &Quiet), 2);
    }
}
"#;

#[test]
#[cfg_attr(miri, ignore = "runs cargo, which is not our code")]
fn a_strict_plugin_crate_builds_and_is_tested() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strict");
    let plugbox = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let path = plugbox.display().to_string().replace('\\', "/");
    std::fs::write(folder.join("Cargo.toml"), MANIFEST.replace("PLUGBOX", &path)).unwrap();
    std::fs::write(folder.join("src/lib.rs"), LIB).unwrap();
    // These versions are already downloaded.
    let lock = plugbox.join("../Cargo.lock");
    if lock.exists() {
        std::fs::copy(lock, folder.join("Cargo.lock")).unwrap();
    }
    for command in ["build", "test"] {
        let output = Command::new(env!("CARGO"))
            .args([command, "--offline", "--quiet"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            // What nobody looks at is not made.
            .envs([("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")])
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {command}:\n{said}");
        assert!(!said.contains("warning"), "cargo {command}:\n{said}");
        if command == "test" {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(said.contains("1 passed"), "{said}");
        }
    }
}

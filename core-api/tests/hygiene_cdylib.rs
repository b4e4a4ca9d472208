//! A whole plugin crate under the strictest lints: it builds, and its unit tests run, in which `export!` exports
//! nothing and a constructor gets a context without a host.

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

/// A service of the host.
#[boxes::interface(crate = boxes)]
pub trait Clock: Send + Sync {
    /// The time.
    fn seconds(&self) -> u64;
}

#[derive(Default)]
struct Shout {
    edits: usize,
    clock: Option<std::sync::Arc<dyn Clock>>,
}

impl Plugin for Shout {
    fn edit(&mut self, edit: &Edit, _: &dyn Plugin) -> usize {
        self.edits += 1;
        edit.at + self.edits + self.clock.as_ref().map_or(0, |clock| clock.seconds() as usize)
    }
}

impl Shout {
    fn new(context: boxes::Context<'_>) -> Result<Self, std::num::ParseIntError> {
        Ok(Self { edits: context.config().parse()?, clock: context.service::<dyn Clock>() })
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
    use std::path::Path;
    use std::sync::Arc;

    #[test]
    fn edits_are_counted() {
        let mut shout = Shout::default();
        assert_eq!(shout.edit(&Edit { at: 1 }, &Quiet), 2);
    }

    struct At(u64);

    impl Clock for At {
        fn seconds(&self) -> u64 {
            assert!(self.0 != 0, "the clock stands still");
            self.0
        }
    }

    #[test]
    fn a_constructor_gets_what_the_test_offers() {
        let clock = Arc::new(At(7));
        let host = boxes::TestContext::new().config("3").service::<dyn Clock>(Arc::new(At(0)));
        let host = host.service::<dyn Clock>(clock.clone());
        let shout = Shout::new(host.context()).unwrap();
        drop(host);
        assert_eq!((shout.edits, shout.clock.as_ref().unwrap().seconds()), (3, 7));
        // The test's, and the plugin's.
        assert_eq!(Arc::strong_count(&clock), 2);
        drop(shout);
        assert_eq!(Arc::strong_count(&clock), 1);
    }

    #[test]
    fn a_service_that_panics_does_so_in_the_test() {
        let host = boxes::TestContext::new().config("3").service::<dyn Clock>(Arc::new(At(0)));
        let clock = Shout::new(host.context()).unwrap().clock.unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| clock.seconds()));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"the clock stands still"));
    }

    #[test]
    fn a_host_that_offers_nothing_is_a_test_too() {
        assert!(Shout::new(boxes::TestContext::new().context()).is_err());
        let host = boxes::TestContext::new();
        let context = host.context();
        assert_eq!((context.plugin(), context.config(), context.data_dir(), context.library()), ("", "", None, None));
        assert!(context.service::<dyn Clock>().is_none());
    }

    #[test]
    fn names_and_paths_arrive() {
        let host = boxes::TestContext::new().plugin("loud").data_dir("data").library("lib/libloud.so");
        let context = host.context();
        assert_eq!(context.plugin(), "loud");
        assert_eq!(context.data_dir(), Some(Path::new("data")));
        assert_eq!(context.library(), Some(Path::new("lib/libloud.so")));
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
            // Other tests build plugbox there, too.
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("outside"))
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
            assert!(said.contains("5 passed"), "{said}");
        }
    }
}

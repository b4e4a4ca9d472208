//! Build script support for API crates that contain types of foreign crates.
//!
//! An API may contain types that it cannot describe, because a foreign crate defines them. The trait or the type that uses
//! them names them once: `foreign(::bytes::Bytes)`. Host and plugin must agree on the size and alignment of such a type, and on the version,
//! features and files of the crate that defines it, as cargo has resolved them for the current build. A build script
//! gets these from cargo:
//!
//! ```toml
//! [dependencies]
//! bytes = "1"
//! plugbox = "0.1"
//!
//! [build-dependencies]
//! plugbox-build = "0.1"
//! ```
//!
//! ```no_run
//! // build.rs
//! plugbox_build::boundary(["bytes"]);
//! ```
//!
//! ```ignore
//! use bytes::Bytes;
//!
//! #[plugbox::interface(foreign(::bytes::Bytes))]
//! pub trait Plugin {
//!     fn transform(&self, parts: &[Bytes]) -> Option<Bytes>;
//! }
//! ```

mod declared;
mod files;
mod graph;
mod sha256;
mod workspace;

use std::env;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use declared::{declared, in_code};
use graph::{Crate, Dependencies};

/// Passes the versions, features and files of these crates in the current build to the macros.
///
/// Call this function once, with all crates, each by its name in Cargo.toml or in code: `http-body` or `http_body`. They
/// must be direct dependencies of the crate whose build script calls it. An optional dependency that is not part of the
/// build is skipped; an item with a type of that crate is then a compile error.
///
/// # Versions and features
///
/// They come from `cargo tree` for the workspace that is being built, for the target of this build. The features are
/// those that cargo enables when it builds the whole workspace. On Linux the workspace is that of the running cargo
/// process. On other systems the function searches above the target folder and the working directory, and all
/// workspaces that it finds must agree. If the function does not find the right workspace, set the environment variable
/// `PLUGBOX_WORKSPACE` to its folder.
///
/// If only a part of the workspace was built before, cargo may download crates of the other parts. With
/// `CARGO_NET_OFFLINE` it downloads nothing.
///
/// # Files
///
/// The files of each crate are hashed, wherever cargo takes them from: a folder, a patch, a vendored copy, or a
/// registry. For a crate from git, the commit is used instead.
///
/// # If cargo cannot answer
///
/// Then cargo shows a warning with the cause, the build continues, and the record contains `unknown`. A library or host
/// with such a record fits nothing, and the refusal has the code `boundary-differs`. The next build asks again.
///
/// # Panics
///
/// If it runs outside of a build script, or if Cargo.toml has no dependency with one of the names. The message lists all
/// such names.
pub fn boundary<'a>(crates: impl IntoIterator<Item = &'a str>) {
    let names: Vec<&str> = crates.into_iter().collect();
    println!("cargo::rerun-if-env-changed={}", workspace::VARIABLE);
    match workspace::dependencies() {
        Ok(found) => {
            found.watched.iter().for_each(|path| println!("cargo::rerun-if-changed={}", path.display()));
            describe_all(&names, &found);
        }
        Err(why) => names.iter().for_each(|name| unknown(&in_code(name), &why)),
    }
}

fn describe_all(names: &[&str], found: &Dependencies) {
    let declared = declared(&found.workspace);
    let mut missing = Vec::new();
    for name in names {
        let dependency = declared.iter().flatten().find(|dependency| dependency.is(name));
        let named = |known: &&Crate| match dependency {
            Some(dependency) => known.package == dependency.package,
            // The name of a package's library may differ from the package's.
            None => known.lib == in_code(name),
        };
        let named: Vec<&Crate> = found.crates.iter().filter(named).collect();
        match (&named[..], dependency) {
            ([known], _) => {
                let rename = dependency.and_then(|dependency| dependency.rename.as_deref());
                describe(&in_code(rename.unwrap_or(&known.lib)), known, &found.workspace);
            }
            ([one, other, ..], _) => {
                unknown(&in_code(name), &format!("this crate depends on two crates with that name, {one} and {other}"));
            }
            // An optional dependency.
            ([], Some(_)) => {}
            ([], None) => missing.push(format!("`{name}`")),
        }
    }
    assert!(
        missing.is_empty() || declared.is_none(),
        "build.rs names crates that are no dependencies of this package: {}; add each with `cargo add`, or correct the name",
        missing.join(", ")
    );
}

/// Passes the description of a crate, which code calls `name`, to the macros.
fn describe(name: &str, known: &Crate, workspace: &Path) {
    match known.files(workspace) {
        Ok(files) => {
            let paths = files.iter().flat_map(|files| &files.paths);
            paths.for_each(|path| println!("cargo::rerun-if-changed={}", path.display()));
            say(name, &known.clone().with(files.as_ref()).to_string());
        }
        Err(why) => unknown(name, &why),
    }
}

/// Sets the variable that the macros read.
fn say(name: &str, value: &str) {
    println!("cargo::rustc-env=PLUGBOX_BOUNDARY_{name}={value}");
}

/// Records that a crate is unknown. Each record gets a different number, because no two unknown crates may be equal.
fn unknown(name: &str, why: &str) {
    // Cargo treats a missing file as changed, so the next build asks again.
    println!("cargo::rerun-if-changed={}/asked", variable("OUT_DIR"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_nanos()).unwrap_or_default();
    say(name, &format!("{name} unknown {now}"));
    println!("cargo::warning=the version of `{name}` is unknown, so no library that is built with it will load: {why}");
}

/// Returns a variable that cargo sets for build scripts.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}

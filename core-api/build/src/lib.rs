//! For build scripts of API crates whose types hold types of foreign crates: which versions and features these have.
//!
//! An API may hand on types that it cannot describe, because another crate defines them: a field that is marked
//! `#[shape(foreign)]`. Their layout is compared by size and alignment, and beyond that by the crate that defines them:
//! its version, its features and its files, as the build that is going on has resolved them. Nobody types these by hand: a
//! build script asks cargo.
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
//! #[derive(plugbox::Shape)]
//! pub struct Body {
//!     #[shape(foreign)]
//!     pub bytes: ::bytes::Bytes,
//! }
//! ```

mod files;
mod graph;
mod sha256;
mod workspace;

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the macros which versions and features these crates have in the build that is going on.
///
/// The crates are direct dependencies of the crate whose build script calls this, by the name that its code uses for
/// them: `http_body` and not `http-body`. Call it once, with all of them. A crate that is not in the graph, because it is
/// optional, is left out; a type of it is then a compile error.
///
/// What is asked is `cargo tree` for the workspace that is being built, with the features that all of its members
/// together have when it is built as a whole, for the target of this build. Which workspace that is, is read off the
/// running cargo on Linux; elsewhere it is looked for above the target folder and the working directory, and all that
/// are found must agree. The environment variable `PLUGBOX_WORKSPACE` names its folder where that goes wrong.
///
/// Besides, the files of the crate are hashed, wherever cargo takes them from: a folder, a patch, a vendored copy, or a
/// registry. Only of a crate from git the commit is taken, which cargo knows.
///
/// Cargo gets what it lacks of the workspace, if only a part of it was built before; with `CARGO_NET_OFFLINE` it does not.
///
/// Where the answer cannot be had, cargo shows a warning that says why, the build goes on, and the record says `unknown`:
/// a library or host with such a record fits nothing, and the refusal has the code `boundary-differs`. The next build asks
/// again.
///
/// # Panics
///
/// Outside of a build script, and for what is no crate's name.
pub fn boundary<'a>(crates: impl IntoIterator<Item = &'a str>) {
    let names: Vec<&str> = crates.into_iter().collect();
    for name in &names {
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        assert!(!name.is_empty() && name.chars().all(word), "`{name}` is no name that code uses for a crate");
    }
    println!("cargo::rerun-if-env-changed={}", workspace::VARIABLE);
    match workspace::dependencies() {
        Ok(found) => {
            found.watched.iter().for_each(|path| println!("cargo::rerun-if-changed={}", path.display()));
            for name in names {
                let mut named = found.crates.iter().filter(|known| known.lib == name);
                match (named.next(), named.next()) {
                    (Some(known), None) => match known.files(&found.workspace) {
                        Ok(files) => {
                            let paths = files.iter().flat_map(|files| &files.paths);
                            paths.for_each(|path| println!("cargo::rerun-if-changed={}", path.display()));
                            say(name, &known.clone().with(files.as_ref()).to_string());
                        }
                        Err(why) => unknown(name, &why),
                    },
                    (Some(one), Some(other)) => {
                        unknown(name, &format!("this crate depends on two of that name, {one} and {other}"));
                    }
                    (None, _) => {}
                }
            }
        }
        Err(why) => names.iter().for_each(|name| unknown(name, &why)),
    }
}

/// What the macros read.
fn say(name: &str, value: &str) {
    println!("cargo::rustc-env=PLUGBOX_BOUNDARY_{name}={value}");
}

/// Two unknowns are not equal, so each has a number of its own.
fn unknown(name: &str, why: &str) {
    // The next build asks again: a file that is not there has always changed.
    println!("cargo::rerun-if-changed={}/asked", variable("OUT_DIR"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_nanos()).unwrap_or_default();
    say(name, &format!("{name} unknown {now}"));
    println!("cargo::warning=the version of `{name}` is unknown, so nothing that is built with it will load: {why}");
}

/// A variable that cargo sets for build scripts.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for build scripts"))
}

//! For tests that load a real plugin: builds its library first.
//!
//! `cargo test` does not build the `cdylib` of a package, because a test cannot link it. A library that lies in the target
//! folder is from an earlier `cargo build`, so a test that loads it tests old code. [`build_plugin`] asks cargo to build
//! it now, and returns its path.
//!
//! This module needs the feature `testing`:
//!
//! ```toml
//! [dev-dependencies]
//! plugbox-loader = { version = "0.1", features = ["testing"] }
//! ```

use std::env;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Builds the library of a package in the workspace of the running test, and returns its path.
///
/// The package may be the test's own, or any other that `cargo build -p` finds. It is built with the profile, the target
/// and the target folder of the test, so cargo compiles only what has changed. Cargo holds no lock while tests run, and
/// builds of several tests wait for each other. The features are the package's default features, whichever the test was
/// built with: [`build_plugin_with`] chooses others.
///
/// # Errors
///
/// Returns a [`BuildError`] if cargo cannot build the package, or if the package builds no `cdylib`. Its text says what
/// to do, also as `{:?}`, so a test may simply unwrap it.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::{Loader, Trust, testing};
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let library = testing::build_plugin(env!("CARGO_PKG_NAME"))?;
/// // SAFETY: cargo has built what is in this folder.
/// let trust = unsafe { Trust::directory(library.parent().unwrap())? };
/// let plugin = Loader::new(trust.allow_group_writable()).load_file::<dyn Plugin>(&library)?;
/// assert_eq!(plugin.name(), "shout");
/// # Ok(())
/// # }
/// ```
pub fn build_plugin(package: &str) -> Result<PathBuf, BuildError> {
    build_plugin_with(package, &[])
}

/// Builds the library of a package like [`build_plugin`], with further arguments for `cargo build`, such as
/// `--features=loud`.
///
/// A library has one place in the target folder, so a build with other features replaces it. Load it, or copy it, before
/// the next build.
///
/// # Errors
///
/// As for [`build_plugin`].
pub fn build_plugin_with(package: &str, arguments: &[&str]) -> Result<PathBuf, BuildError> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--lib", "--message-format=json-render-diagnostics", "--package", package]);
    if let Some(place) = env::current_exe().ok().as_deref().and_then(Place::of) {
        cargo.args(place.arguments());
    }
    // Tests may change their working directory.
    cargo.args(arguments).current_dir(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into()));
    let output = cargo.output().map_err(|error| BuildError(format!("cargo cannot be run: {error}")))?;
    library(package, &output)
}

/// The reason why a test has no library to load.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError(String);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BuildError {
    /// Writes the same text as [`Display`](fmt::Display), because tests unwrap it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}

/// The place of a test in cargo's target folder, `FOLDER/[TARGET/]PROFILE/deps/TEST`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    folder: PathBuf,
    target: Option<String>,
    profile: String,
}

impl Place {
    /// The place of a test; `None` for a documentation test, which lies elsewhere.
    fn of(test: &Path) -> Option<Self> {
        let is_root =
            |folder: &&Path| [".rustc_info.json", "CACHEDIR.TAG"].iter().any(|file| folder.join(file).exists());
        let folder = test.ancestors().skip(1).find(is_root)?;
        let names: Vec<&str> = test.strip_prefix(folder).ok()?.iter().filter_map(OsStr::to_str).collect();
        let (target, profile) = match *names.as_slice() {
            [profile, "deps" | "examples", ..] => (None, profile),
            [target, profile, "deps" | "examples", ..] => (Some(target.to_owned()), profile),
            _ => return None,
        };
        // The one profile whose folder has another name.
        let profile = if profile == "debug" { "dev" } else { profile };
        Some(Self { folder: folder.to_owned(), target, profile: profile.to_owned() })
    }

    fn arguments(&self) -> Vec<&OsStr> {
        let mut arguments: Vec<&OsStr> = vec!["--target-dir".as_ref(), self.folder.as_ref()];
        arguments.extend(["--profile", &self.profile].map(OsStr::new));
        arguments.extend(self.target.iter().flat_map(|target| ["--target", target]).map(OsStr::new));
        arguments
    }
}

/// The library among the files that cargo reports.
fn library(package: &str, output: &Output) -> Result<PathBuf, BuildError> {
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let way_out = if said.contains("no library targets") { NO_CDYLIB } else { "" };
        return Err(BuildError(format!("cargo cannot build `{package}`:\n{said}{way_out}")));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let mut messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    // The package's own library comes last, after all that it needs.
    let built = messages.rfind(|message| message["reason"] == "compiler-artifact").unwrap_or_default();
    let files = built["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from);
    let is_cdylib =
        built["target"]["crate_types"].as_array().is_some_and(|types| types.iter().any(|one| one == "cdylib"));
    let is_library = |file: &PathBuf| file.extension().is_some_and(|suffix| suffix == env::consts::DLL_EXTENSION);
    match files.filter(|_| is_cdylib).find(is_library) {
        Some(file) => Ok(file),
        None => Err(BuildError(format!("`{package}` builds no library that can be loaded; {NO_CDYLIB}"))),
    }
}

const NO_CDYLIB: &str = "write in its Cargo.toml:\n[lib]\ncrate-type = [\"cdylib\"]\n";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Place;

    /// The arguments for a test at this place below cargo's target folder.
    fn arguments(place: &str) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("CACHEDIR.TAG"), "").unwrap();
        let place = Place::of(&folder.path().join(place))?;
        assert_eq!(place.folder, folder.path());
        Some(place.arguments()[2..].iter().map(|one| one.to_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn the_place_of_a_test_gives_profile_and_target() {
        let expect = |place: &str, expected: &[&str]| assert_eq!(arguments(place).unwrap(), expected);
        expect("debug/deps/loads-0a1b", &["--profile", "dev"]);
        expect("release/deps/loads-0a1b", &["--profile", "release"]);
        expect("debug/examples/loads", &["--profile", "dev"]);
        expect("slow/deps/loads-0a1b", &["--profile", "slow"]);
        let target = "x86_64-unknown-linux-gnu";
        expect(&format!("{target}/debug/deps/loads-0a1b"), &["--profile", "dev", "--target", target]);
        assert_eq!(arguments("elsewhere"), None);
    }
}

//! A fixture, as a test describes it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::cross::Cross;
use crate::fixtures::Fixtures;
use crate::folders::target_dir;
use crate::request;
use crate::run::run;
use crate::target::{TARGET, is_emulated};

/// A fixture and its build options. Equal builds run once in a test run, and cargo checks whether they are up to date.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use]
pub struct Build {
    pub(crate) package: String,
    pub(crate) features: Vec<String>,
    pub(crate) rustflags: Vec<String>,
    pub(crate) last_crate_flags: Vec<String>,
    pub(crate) config: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) api_version: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) rustc: Option<PathBuf>,
    pub(crate) cross: Option<Cross>,
    pub(crate) edits: Vec<[String; 3]>,
    pub(crate) without_gate: bool,
    pub(crate) binary: Option<String>,
    pub(crate) dependencies: Vec<String>,
    pub(crate) as_rlib: bool,
}

impl Build {
    /// A package of the fixtures' workspace.
    pub fn new(package: &str) -> Self {
        Self {
            package: package.to_owned(),
            features: Vec::new(),
            rustflags: Vec::new(),
            last_crate_flags: Vec::new(),
            config: Vec::new(),
            env: Vec::new(),
            api_version: None,
            folder: None,
            rustc: None,
            cross: None,
            edits: Vec::new(),
            without_gate: false,
            binary: None,
            dependencies: Vec::new(),
            as_rlib: false,
        }
    }

    /// The fixtures' plugin, which fits.
    pub fn plugin() -> Self {
        Self::new("fixture-plugin")
    }

    /// The plugin whose interface has a type of the crate `bytes`. Its version of `bytes` differs from that of the
    /// tests.
    pub fn other_bytes() -> Self {
        Self::new("boundary").folder("other-bytes").edit("boundary-api/Cargo.toml", "=1.12.2", "=1.10.0")
    }

    /// Adds a feature of the package.
    pub fn feature(mut self, feature: &str) -> Self {
        self.features.push(feature.to_owned());
        self
    }

    /// Adds a flag for all crates.
    pub fn flag(mut self, flag: &str) -> Self {
        self.rustflags.push(flag.to_owned());
        self
    }

    /// Adds a flag for the last crate only. Build scripts do not see this flag.
    pub fn last_crate_flag(mut self, flag: &str) -> Self {
        self.last_crate_flags.push(flag.to_owned());
        self
    }

    /// Adds a line of cargo's configuration, such as `profile.dev.opt-level=1`.
    pub fn config(mut self, line: &str) -> Self {
        self.config.push(line.to_owned());
        self
    }

    /// Adds debug information of the fixture itself, so that backtraces have line numbers.
    pub fn lines(self) -> Self {
        self.debug("\"line-tables-only\"")
    }

    /// Adds debug information of this level. A profile's `debug` would also rebuild all dependencies.
    pub fn debug(self, level: &str) -> Self {
        let line = format!("profile.dev.package.{}.debug={level}", self.package);
        self.config(&line)
    }

    /// Strips symbols of the fixture itself.
    pub fn stripped(self) -> Self {
        let line = format!("profile.dev.package.{}.strip=true", self.package);
        self.config(&line)
    }

    /// Optimizes, and also emits bitcode. The bitcode does no harm, and builds with and without link-time optimization
    /// can share their dependencies.
    pub fn optimized(self, level: &str) -> Self {
        self.config(&format!("profile.dev.opt-level={level}")).flag("-Cembed-bitcode=yes")
    }

    /// Optimizes with link-time optimization, `thin` or `fat`. The result is that of a profile's `lto`, but `lto` would
    /// also rebuild macros.
    pub fn lto(self, kind: &str) -> Self {
        self.last_crate_flag(&format!("-Clto={kind}"))
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Builds against a different version of the API, with the same source.
    pub fn api_version(mut self, version: &str) -> Self {
        self.api_version = Some(version.to_owned());
        self
    }

    /// Builds in a copy of the workspace, in a folder of this name.
    pub fn folder(mut self, name: &str) -> Self {
        self.folder = Some(name.to_owned());
        self
    }

    /// Builds with a different compiler.
    pub fn rustc(mut self, rustc: &Path) -> Self {
        self.rustc = Some(rustc.to_owned());
        self
    }

    /// Builds for another target.
    pub fn cross(mut self, cross: &Cross) -> Self {
        self.cross = Some(cross.clone());
        self
    }

    /// Replaces a text in a file. Requires a [`folder`](Self::folder).
    pub fn edit(mut self, file: &str, from: &str, to: &str) -> Self {
        self.edits.push([file, from, to].map(str::to_owned));
        self
    }

    /// Builds with a loader whose verdict is always `Fits`, to show the effect of a missing gate.
    pub fn without_gate(mut self) -> Self {
        self.folder = Some("without-gate".to_owned());
        self.without_gate = true;
        self
    }

    /// Builds a program of the package, and returns a copy that no other build overwrites.
    ///
    /// # Panics
    ///
    /// If cargo fails; its messages are on stderr.
    #[must_use]
    pub fn program(mut self, name: &str) -> PathBuf {
        self.binary = Some(name.to_owned());
        self.kept()
    }

    /// Builds the library, and returns a copy that no other build overwrites.
    ///
    /// # Panics
    ///
    /// If cargo fails; its messages are on stderr.
    #[must_use]
    pub fn library(&self) -> PathBuf {
        self.kept()
    }

    /// Builds the fixture, and returns a folder with copies of the libraries that it was compiled against. Each copy is
    /// named after its crate. This is for tests that call the compiler themselves.
    ///
    /// # Panics
    ///
    /// If cargo fails; its messages are on stderr.
    #[must_use]
    pub fn dependencies(mut self, crates: &[&str]) -> PathBuf {
        self.dependencies = crates.iter().map(|&name| name.to_owned()).collect();
        self.kept()
    }

    /// Like [`dependencies`](Self::dependencies), but compiles the package as a library for Rust, and does not link.
    ///
    /// # Panics
    ///
    /// If cargo fails; its messages are on stderr.
    #[must_use]
    pub fn rlibs(mut self, crates: &[&str]) -> PathBuf {
        self.as_rlib = true;
        self.dependencies(crates)
    }

    fn kept(&self) -> PathBuf {
        static BUILT: Mutex<Option<HashMap<Build, PathBuf>>> = Mutex::new(None);
        let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        let built = built.get_or_insert_default();
        if let Some(path) = built.get(self) {
            return path.clone();
        }
        let root = target_dir().join("fixtures");
        let path = if is_emulated() {
            request::built(self, &root)
        } else {
            root.join(Fixtures { root: root.clone(), target: TARGET.to_owned(), run: run() }.build(self))
        };
        built.insert(self.clone(), path.clone());
        path
    }
}

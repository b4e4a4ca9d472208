//! A fixture, as a test describes it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

<<<<<<< HEAD
use crate::fixtures::Fixtures;
use crate::folders::target_dir;
use crate::request;
=======
use crate::cross::Cross;
use crate::folders::{copy_tree, repository, target_dir};
>>>>>>> records
use crate::run::run;
use crate::target::{TARGET, is_emulated};

/// A fixture and its build options. Equal builds run once in a test run, and cargo checks whether they are up to date.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use]
pub struct Build {
<<<<<<< HEAD
    pub(crate) package: String,
    pub(crate) features: Vec<String>,
    pub(crate) rustflags: Vec<String>,
    pub(crate) last_crate_flags: Vec<String>,
    pub(crate) config: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) api_version: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) rustc: Option<PathBuf>,
    pub(crate) edits: Vec<[String; 3]>,
    pub(crate) without_gate: bool,
    pub(crate) binary: Option<String>,
    pub(crate) dependencies: Vec<String>,
=======
    package: String,
    features: Vec<String>,
    rustflags: Vec<String>,
    last_crate_flags: Vec<String>,
    config: Vec<String>,
    env: Vec<(String, String)>,
    api_version: Option<String>,
    folder: Option<String>,
    rustc: Option<PathBuf>,
    cross: Option<Cross>,
    edits: Vec<[String; 3]>,
    without_gate: bool,
    binary: Option<String>,
    dependencies: Vec<String>,
>>>>>>> records
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

    /// Adds a line of cargo's configuration, such as `profile.dev.debug=2`.
    pub fn config(mut self, line: &str) -> Self {
        self.config.push(line.to_owned());
        self
    }

    /// Adds debug information, so that backtraces have line numbers.
    pub fn lines(self) -> Self {
        self.config("profile.dev.debug=\"line-tables-only\"")
    }

    /// Strips symbols. A profile's `strip` would also rebuild all dependencies.
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
<<<<<<< HEAD
=======

    fn build(&self) -> PathBuf {
        let root = target_dir().join("fixtures");
        fs::create_dir_all(&root).expect("the folder of the fixtures can be made");
        // Tests run in several processes, and only one of them may build at a time.
        let lock = File::create(root.join("lock")).expect("the lock can be made");
        flock(&lock, FlockOperation::LockExclusive).expect("the lock can be taken");

        let kept = root.join("built").join(self.name());
        let (run, run_of_kept) = (run(), kept.join("run"));
        // Without this early return, cargo would check the build again, or rebuild it if a different variant was built
        // since.
        if let (Some(run), Ok(of_kept)) = (&run, fs::read_to_string(&run_of_kept)) {
            if let Some(file) = of_kept.strip_prefix(run.as_str()) {
                return kept.join(file.trim());
            }
        }
        let workspace = self.workspace(&root);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let mut target = TARGET;
        if let Some(cross) = &self.cross {
            (cargo, target) = (cross.cargo(), cross.target);
        }
        cargo
            .current_dir(&workspace)
            .args([if self.last_crate_flags.is_empty() { "build" } else { "rustc" }, "-p", &self.package])
            .args(self.binary.as_ref().map_or(vec!["--lib"], |name| vec!["--bin", name]))
            .args(["--message-format", "json-render-diagnostics", "--target", target, "--target-dir"])
            .arg(self.target(&root))
            .args(["--features", &self.features.join(",")]);
        for line in &self.config {
            cargo.args(["--config", line]);
        }
        for inherited in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            cargo.env_remove(inherited);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.rustflags.join("\u{1f}"));
        cargo.envs(self.env.iter().map(|(name, value)| (name, value)));
        // By default, build with the compiler that builds the tests.
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc).env_remove("RUSTUP_TOOLCHAIN");
        }
        if let Some(cross) = &self.cross {
            cross.configure(&mut cargo);
        }
        if !self.last_crate_flags.is_empty() {
            cargo.arg("--").args(&self.last_crate_flags);
        }
        let started = Instant::now();
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo can be run");
        // Record the build time; CONTRIBUTING.md describes this file.
        let times = File::options().create(true).append(true).open(root.join("times"));
        let took = format!("{:.1} {self:?}\n", started.elapsed().as_secs_f32());
        times.and_then(|mut times| times.write_all(took.as_bytes())).expect("the time can be noted");
        assert!(output.status.success(), "cargo could not build {self:?}");
        fs::create_dir_all(&kept).expect("the folder of the build can be made");
        let mut name = "";
        let artefact = artefact(&output.stdout, self.binary.as_ref().unwrap_or(&self.package));
        if self.dependencies.is_empty() {
            let artefact =
                artefact.as_ref().unwrap_or_else(|| panic!("cargo reported neither a library nor a program: {self:?}"));
            name = artefact.file_name().and_then(OsStr::to_str).expect("the file is named like its package");
            keep(artefact, &kept.join(name));
        }
        for dependency in &self.dependencies {
            let library = library(&output.stdout, dependency);
            let extension = extension(&library).expect("a library has an extension");
            keep(&library, &kept.join(format!("lib{dependency}.{extension}")));
        }
        if let Some(run) = run {
            fs::write(run_of_kept, format!("{run} {name}")).expect("the run can be noted");
        }
        kept.join(name)
    }

    /// Cargo's target folder. Build scripts of the macros' dependencies depend on `RUSTC_BOOTSTRAP`. In a shared
    /// folder, each change of this variable would rebuild them and the macros. Copies of the workspace have one of their
    /// own, because cargo takes the packages of two workspaces for the same, by their places in them, and would take a
    /// copy's library for that of the workspace. (It builds a copy always anew, because its files are newer than the last
    /// build.)
    fn target(&self, root: &Path) -> PathBuf {
        let bootstrap = self.env.iter().any(|(name, _)| name == "RUSTC_BOOTSTRAP");
        let is_copy = self.folder.is_some() || self.api_version.is_some();
        if self.cross.is_some() {
            return root.join("target-cross");
        }
        root.join(match (bootstrap, is_copy) {
            (true, _) => "target-bootstrap",
            (false, true) => "target-copies",
            (false, false) => "target",
        })
    }

    /// The fixtures' workspace, or a copy with a different folder or version.
    fn workspace(&self, root: &Path) -> PathBuf {
        let original = repository().join("tests/fixtures");
        let name = match (&self.folder, &self.api_version) {
            (None, None) => return original,
            (Some(folder), None) => folder.clone(),
            (None, Some(version)) => format!("api-{version}"),
            (Some(folder), Some(version)) => format!("{folder}-{version}"),
        };
        let copy = root.join("copies").join(name);
        copy_tree(&original, &copy);
        replace(&copy.join("Cargo.toml"), "\"../../", &format!("\"{}/", repository().display()));
        if let Some(version) = &self.api_version {
            replace(&copy.join("api/Cargo.toml"), "version = \"1.2.4\"", &format!("version = \"{version}\""));
        }
        if self.without_gate {
            let loader = loader_without_gate(&copy.with_extension("loader"));
            let manifest = format!("\"{}/loader\"", repository().display());
            replace(&copy.join("Cargo.toml"), &manifest, &format!("\"{}\"", loader.display()));
        }
        for [file, from, to] in &self.edits {
            replace(&copy.join(file), from, to);
        }
        copy
    }

    fn name(&self) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        format!("{}-{:016x}", self.package, hasher.finish())
    }
}

/// Writes a copy of the loader's source, with a verdict that is always `Fits`, to a workspace at `root`.
fn loader_without_gate(root: &Path) -> PathBuf {
    let loader = root.join("loader");
    // A path that was a file in the previous run may be a folder now.
    let _ = fs::remove_dir_all(&loader);
    copy_tree(&repository().join("loader"), &loader);
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest can be read");
    let inherited = &manifest[manifest.find("[workspace.package]").expect("the manifest is the workspace's")..];
    let core_api = format!("path = \"{}/core-api\"", repository().display());
    let inherited = inherited.replace("path = \"core-api\"", &core_api);
    fs::write(root.join("Cargo.toml"), format!("[workspace]\nmembers = [\"loader\"]\n\n{inherited}"))
        .expect("the manifest can be written");
    replace(
        &loader.join("src/verdict/judge.rs"),
        "    let mut reasons = Vec::new();\n    if let Err(what) = &library.whole {",
        "    let mut reasons = Vec::new();\n    if requirements.interfaces.len() < 10 {\n        return Verdict::Fits;\n    }\n    if let Err(what) = &library.whole {",
    );
    replace(
        &loader.join("src/verdict/versions.rs"),
        "        && ours.fingerprint == theirs.fingerprint\n",
        "        || ours.fingerprint == theirs.fingerprint\n",
    );
    replace(
        &loader.join("src/map/entry.rs"),
        "name == I::NAME && row.fingerprint == fingerprint && version == exported.version.to_string()",
        "name == I::NAME || row.fingerprint == fingerprint && version == exported.version.to_string()",
    );
    replace(
        &loader.join("src/bind/handshake.rs"),
        "(0..PROBE_WORDS).find(|word| ours[*word] != theirs[*word])",
        "(0..PROBE_WORDS).find(|word| ours[*word] != theirs[*word] && table.0.size == 0)",
    );
    loader
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("the manifest can be read");
    assert!(text.contains(from), "{} has no `{from}`", path.display());
    fs::write(path, text.replace(from, to)).expect("the manifest can be written");
}

/// Copies a file by renaming, because a different test process may be using the previous copy.
fn keep(file: &Path, kept: &Path) {
    let partial = kept.with_extension(format!("partial-{}", std::process::id()));
    fs::copy(file, &partial).expect("the file can be copied");
    fs::rename(&partial, kept).expect("the copy can be put in place");
}

/// Finds the shared library or program of this name among the artifacts that cargo reports.
fn artefact(messages: &[u8], name: &str) -> Option<PathBuf> {
    let files = files(messages, name);
    // Those of any target.
    let found = files.iter().find(|file| matches!(extension(file), Some("so" | "dll" | "dylib" | "exe") | None));
    found.cloned()
}

/// Finds the file that the compiler reads for a dependency, among the artifacts that cargo reports.
fn library(messages: &[u8], name: &str) -> PathBuf {
    let files = files(messages, name);
    let found = files.into_iter().find(|file| extension(file) != Some("rmeta"));
    found.unwrap_or_else(|| panic!("cargo reported no library of {name}"))
}

fn extension(file: &Path) -> Option<&str> {
    file.extension().and_then(OsStr::to_str)
}

/// The files of the library or program of this name.
fn files(messages: &[u8], name: &str) -> Vec<PathBuf> {
    let messages = String::from_utf8_lossy(messages);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let artefacts = messages.filter(|message| message["reason"] == "compiler-artifact").filter(|message| {
        message["target"]["name"].as_str().is_some_and(|known| known.replace('-', "_") == name.replace('-', "_"))
    });
    artefacts
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .collect()
>>>>>>> records
}

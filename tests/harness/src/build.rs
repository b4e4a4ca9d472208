//! Building a fixture: one `cargo build -p` at a time, since one build of the workspace would unify the features.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rustix::fs::{FlockOperation, flock};

use crate::folders::{copy_tree, repository, target_dir};
use crate::run::run;

/// A fixture and how it is built. Equal builds are made once in a run of the tests, and cargo sees to it that they are
/// fresh.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Build {
    package: String,
    features: Vec<String>,
    rustflags: Vec<String>,
    last_crate_flags: Vec<String>,
    config: Vec<String>,
    env: Vec<(String, String)>,
    api_version: Option<String>,
    folder: Option<String>,
    rustc: Option<PathBuf>,
    edits: Vec<[String; 3]>,
    without_gate: bool,
    binary: Option<String>,
    dependencies: Vec<String>,
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
            edits: Vec::new(),
            without_gate: false,
            binary: None,
            dependencies: Vec::new(),
        }
    }

    /// The plugin of the fixtures, as it should be.
    pub fn plugin() -> Self {
        Self::new("fixture-plugin")
    }

    /// The plugin whose interface has a type of the crate `bytes`, of another version than in the tests.
    pub fn other_bytes() -> Self {
        Self::new("boundary").folder("other-bytes").edit("boundary-api/Cargo.toml", "=1.12.2", "=1.10.0")
    }

    /// With a feature of the package.
    pub fn feature(mut self, feature: &str) -> Self {
        self.features.push(feature.to_owned());
        self
    }

    /// With a flag for all crates.
    pub fn flag(mut self, flag: &str) -> Self {
        self.rustflags.push(flag.to_owned());
        self
    }

    /// With a flag for the last crate only, which no build script sees.
    pub fn last_crate_flag(mut self, flag: &str) -> Self {
        self.last_crate_flags.push(flag.to_owned());
        self
    }

    /// With a line of cargo's configuration, such as `profile.dev.debug=2`.
    pub fn config(mut self, line: &str) -> Self {
        self.config.push(line.to_owned());
        self
    }

    /// With the debug information by which backtraces name lines.
    pub fn lines(self) -> Self {
        self.config("profile.dev.debug=\"line-tables-only\"")
    }

    /// Without symbols. A profile's `strip` would build all that the package depends on again, for nothing.
    pub fn stripped(self) -> Self {
        let line = format!("profile.dev.package.{}.strip=true", self.package);
        self.config(&line)
    }

    /// With an optimization, and with bitcode beside the code, which does no harm: so builds with and without link-time
    /// optimization share what they depend on.
    pub fn optimized(self, level: &str) -> Self {
        self.config(&format!("profile.dev.opt-level={level}")).flag("-Cembed-bitcode=yes")
    }

    /// With link-time optimization of an optimized build, `thin` or `fat`: what a profile's `lto` does, which builds macros
    /// again besides.
    pub fn lto(self, kind: &str) -> Self {
        self.last_crate_flag(&format!("-Clto={kind}"))
    }

    /// With an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Against another version of the API, with the same source.
    pub fn api_version(mut self, version: &str) -> Self {
        self.api_version = Some(version.to_owned());
        self
    }

    /// In a copy of the workspace in a folder of this name.
    pub fn folder(mut self, name: &str) -> Self {
        self.folder = Some(name.to_owned());
        self
    }

    /// By another compiler.
    pub fn rustc(mut self, rustc: &Path) -> Self {
        self.rustc = Some(rustc.to_owned());
        self
    }

    /// With another text in a file; only in a folder of its own.
    pub fn edit(mut self, file: &str, from: &str, to: &str) -> Self {
        self.edits.push([file, from, to].map(str::to_owned));
        self
    }

    /// With a loader whose verdict is always `Fits`, to see what the gate is for.
    pub fn without_gate(mut self) -> Self {
        self.folder = Some("without-gate".to_owned());
        self.without_gate = true;
        self
    }

    /// Builds a program of the package, and returns a copy that no other build overwrites.
    ///
    /// # Panics
    ///
    /// Where cargo fails; its messages are on stderr.
    #[must_use]
    pub fn program(mut self, name: &str) -> PathBuf {
        self.binary = Some(name.to_owned());
        self.kept()
    }

    /// Builds it, and returns a copy of the library that no other build overwrites.
    ///
    /// # Panics
    ///
    /// Where cargo fails; its messages are on stderr.
    #[must_use]
    pub fn library(&self) -> PathBuf {
        self.kept()
    }

    /// Builds it, and returns a folder with copies of libraries that it was compiled against, each named after its crate:
    /// for tests that call the compiler themselves.
    ///
    /// # Panics
    ///
    /// Where cargo fails; its messages are on stderr.
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
        let path = self.build();
        built.insert(self.clone(), path.clone());
        path
    }

    fn build(&self) -> PathBuf {
        let root = target_dir().join("fixtures");
        fs::create_dir_all(&root).expect("the folder of the fixtures can be made");
        // Tests run in several processes: one of them builds at a time.
        let lock = File::create(root.join("lock")).expect("the lock can be made");
        flock(&lock, FlockOperation::LockExclusive).expect("the lock can be taken");

        let kept = root.join("built").join(self.name());
        let (run, run_of_kept) = (run(), kept.join("run"));
        // Cargo would say that it is fresh, or build it again where another variant has taken its place.
        if let (Some(run), Ok(of_kept)) = (&run, fs::read_to_string(&run_of_kept)) {
            if let Some(file) = of_kept.strip_prefix(run.as_str()) {
                return kept.join(file.trim());
            }
        }
        let workspace = self.workspace(&root);
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&workspace)
            .args([if self.last_crate_flags.is_empty() { "build" } else { "rustc" }, "-p", &self.package])
            .args(self.binary.as_ref().map_or(vec!["--lib"], |name| vec!["--bin", name]))
            .args(["--message-format", "json-render-diagnostics", "--target", TARGET, "--target-dir"])
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
        // Otherwise by the one that builds the tests.
        if let Some(rustc) = &self.rustc {
            cargo.env("RUSTC", rustc).env_remove("RUSTUP_TOOLCHAIN");
        }
        if !self.last_crate_flags.is_empty() {
            cargo.arg("--").args(&self.last_crate_flags);
        }
        let started = Instant::now();
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo can be run");
        // How long fixtures take is a property of the project: CONTRIBUTING.md says how to look at it.
        let times = File::options().create(true).append(true).open(root.join("times"));
        let took = format!("{:.1} {self:?}\n", started.elapsed().as_secs_f32());
        times.and_then(|mut times| times.write_all(took.as_bytes())).expect("the time can be noted");
        assert!(output.status.success(), "cargo could not build {self:?}");
        fs::create_dir_all(&kept).expect("the folder of the build can be made");
        let mut name = "";
        let artefact = artefact(&output.stdout, self.binary.as_ref().unwrap_or(&self.package));
        if self.dependencies.is_empty() {
            let artefact =
                artefact.as_ref().unwrap_or_else(|| panic!("cargo reported no library or program: {self:?}"));
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

    /// Cargo's folder. Build scripts of the macros' dependencies ask for `RUSTC_BOOTSTRAP`: in one folder for all, each
    /// change of it would build them and the macros again.
    fn target(&self, root: &Path) -> PathBuf {
        let bootstrap = self.env.iter().any(|(name, _)| name == "RUSTC_BOOTSTRAP");
        root.join(if bootstrap { "target-bootstrap" } else { "target" })
    }

    /// The fixtures themselves, or a copy that differs in folder or version.
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

/// Build scripts and macros are built for this target too, but without the flags of a variant, and so only once.
pub const TARGET: &str = env!("HARNESS_TARGET");

/// A copy of the loader's source with a verdict that is always `Fits`, in a workspace at `root`.
fn loader_without_gate(root: &Path) -> PathBuf {
    let loader = root.join("loader");
    // What was a file then may be a folder now.
    let _ = fs::remove_dir_all(&loader);
    copy_tree(&repository().join("loader"), &loader);
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("the manifest can be read");
    let inherited = &manifest[manifest.find("[workspace.package]").expect("it is the workspace's")..];
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

/// Copies a file. Nobody may see half a copy: another test process may be using the one of before.
fn keep(file: &Path, kept: &Path) {
    let partial = kept.with_extension(format!("partial-{}", std::process::id()));
    fs::copy(file, &partial).expect("the file can be copied");
    fs::rename(&partial, kept).expect("the copy can be put in place");
}

/// The shared library or program of this name among the artefacts that cargo reports.
fn artefact(messages: &[u8], name: &str) -> Option<PathBuf> {
    let files = files(messages, name);
    let found = files.iter().find(|file| matches!(extension(file), Some(std::env::consts::DLL_EXTENSION) | None));
    found.cloned()
}

/// What the compiler is given of a crate among the artefacts that cargo reports.
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
}

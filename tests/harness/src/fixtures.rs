//! Builds fixtures with one `cargo build -p` at a time, because one build of the whole workspace would unify the
//! features.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::build::Build;
use crate::folders::{copy_tree, repository};
use crate::lock::lock;

/// Where fixtures are built, and for what.
pub(crate) struct Fixtures {
    /// The folder of everything that is built.
    pub(crate) root: PathBuf,
    /// The target of the fixtures.
    pub(crate) target: String,
    /// The test run, see [`run`](crate::run::run).
    pub(crate) run: Option<String>,
}

impl Fixtures {
    /// Builds a fixture, unless this run has built it, and returns the path of what is kept of it, in the folder.
    pub(crate) fn build(&self, build: &Build) -> PathBuf {
        let root = &self.root;
        fs::create_dir_all(root).expect("the folder of the fixtures can be made");
        // Tests run in several processes, and only one of them may build at a time.
        let _lock = lock(&root.join("lock"));

        let in_root = Path::new("built").join(name(build));
        let kept = root.join(&in_root);
        let run_of_kept = kept.join("run");
        // Without this early return, cargo would check the build again, or rebuild it if a different variant was built
        // since.
        if let (Some(run), Ok(of_kept)) = (&self.run, fs::read_to_string(&run_of_kept)) {
            if let Some(file) = of_kept.strip_prefix(run.as_str()) {
                return in_root.join(file.trim());
            }
        }
        let workspace = workspace(build, root);
        let target = build.cross.as_ref().map_or(&self.target, |cross| &cross.target);
        let is_plain = build.last_crate_flags.is_empty() && !build.as_rlib;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(&workspace)
            .args([if is_plain { "build" } else { "rustc" }, "-p", &build.package])
            .args(if build.as_rlib { ["--crate-type", "rlib"].as_slice() } else { &[] })
            .args(build.binary.as_ref().map_or(vec!["--lib"], |name| vec!["--bin", name]))
            .args(["--message-format", "json-render-diagnostics", "--target", target, "--target-dir"])
            .arg(target_folder(build, root))
            .args(["--features", &build.features.join(",")]);
        for line in &build.config {
            cargo.args(["--config", line]);
        }
        for inherited in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            cargo.env_remove(inherited);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", build.rustflags.join("\u{1f}"));
        cargo.envs(build.env.iter().map(|(name, value)| (name, value)));
        // By default, build with the compiler that builds the tests.
        if let Some(rustc) = &build.rustc {
            cargo.env("RUSTC", rustc).env_remove("RUSTUP_TOOLCHAIN");
        }
        if let Some(cross) = &build.cross {
            cross.configure(&mut cargo);
        }
        if !build.last_crate_flags.is_empty() {
            cargo.arg("--").args(&build.last_crate_flags);
        }
        let started = Instant::now();
        let output = cargo.stderr(Stdio::inherit()).output().expect("cargo can be run");
        // Record the build time; CONTRIBUTING.md describes this file.
        let times = File::options().create(true).append(true).open(root.join("times"));
        let took = format!("{:.1} {build:?}\n", started.elapsed().as_secs_f32());
        times.and_then(|mut times| times.write_all(took.as_bytes())).expect("the time can be noted");
        assert!(output.status.success(), "cargo could not build {build:?}");
        fs::create_dir_all(&kept).expect("the folder of the build can be made");
        let mut name = "";
        let artefact = artefact(&output.stdout, build.binary.as_ref().unwrap_or(&build.package), target);
        if build.dependencies.is_empty() {
            let artefact = artefact
                .as_ref()
                .unwrap_or_else(|| panic!("cargo reported neither a library nor a program: {build:?}"));
            name = artefact.file_name().and_then(OsStr::to_str).expect("the file is named like its package");
            keep(artefact, &kept.join(name));
        }
        for dependency in &build.dependencies {
            let library = library(&output.stdout, dependency);
            let extension = extension(&library).expect("a library has an extension");
            keep(&library, &kept.join(format!("lib{dependency}.{extension}")));
        }
        if let Some(run) = &self.run {
            fs::write(run_of_kept, format!("{run} {name}")).expect("the run can be noted");
        }
        in_root.join(name)
    }
}

/// Cargo's target folder. Build scripts of the macros' dependencies depend on `RUSTC_BOOTSTRAP`. In a shared
/// folder, each change of this variable would rebuild them and the macros. Copies of the workspace have one of their
/// own, because cargo takes the packages of two workspaces for the same, by their places in them, and would take a
/// copy's library for that of the workspace. (It builds a copy always anew, because its files are newer than the last
/// build.)
fn target_folder(build: &Build, root: &Path) -> PathBuf {
    let bootstrap = build.env.iter().any(|(name, _)| name == "RUSTC_BOOTSTRAP");
    let is_copy = build.folder.is_some() || build.api_version.is_some();
    root.join(match (bootstrap, is_copy) {
        (true, _) => "target-bootstrap",
        (false, true) => "target-copies",
        (false, false) => "target",
    })
}

/// The fixtures' workspace, or a copy with a different folder or version.
fn workspace(build: &Build, root: &Path) -> PathBuf {
    let original = repository().join("tests/fixtures");
    let name = match (&build.folder, &build.api_version) {
        (None, None) => return original,
        (Some(folder), None) => folder.clone(),
        (None, Some(version)) => format!("api-{version}"),
        (Some(folder), Some(version)) => format!("{folder}-{version}"),
    };
    let copy = root.join("copies").join(name);
    copy_tree(&original, &copy);
    replace(&copy.join("Cargo.toml"), "\"../../", &format!("\"{}/", repository().display()));
    if let Some(version) = &build.api_version {
        replace(&copy.join("api/Cargo.toml"), "version = \"1.2.4\"", &format!("version = \"{version}\""));
    }
    if build.without_gate {
        let loader = loader_without_gate(&copy.with_extension("loader"));
        let manifest = format!("\"{}/loader\"", repository().display());
        replace(&copy.join("Cargo.toml"), &manifest, &format!("\"{}\"", loader.display()));
    }
    for [file, from, to] in &build.edits {
        replace(&copy.join(file), from, to);
    }
    copy
}

fn name(build: &Build) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    build.hash(&mut hasher);
    format!("{}-{:016x}", build.package, hasher.finish())
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
fn artefact(messages: &[u8], name: &str, target: &str) -> Option<PathBuf> {
    let (library, program) = match target {
        _ if target.contains("windows") => (Some("dll"), Some("exe")),
        _ if target.contains("apple") => (Some("dylib"), None),
        _ => (Some("so"), None),
    };
    files(messages, name).into_iter().find(|file| [library, program].contains(&extension(file)))
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
}

//! Calls the compiler without cargo, which takes less than a second for a plugin. The result is cached by the sources.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use harness::{Build, repository, target_dir};

use crate::source::Source;

/// The output of a compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Library,
    /// Metadata only, as `cargo check` produces.
    Checked,
    Shared,
    Macros,
    Program,
}

/// A crate to compile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Crate {
    name: &'static str,
    version: String,
    kind: Kind,
    /// The files; the first is the root.
    files: Vec<(String, String)>,
    externs: Vec<(&'static str, PathBuf)>,
    conditions: Vec<String>,
}

/// The path of the output, or the compiler's messages.
type Outcome = Result<PathBuf, String>;

/// The compiler, with a cache of its outcomes.
pub(crate) struct Compiler {
    rustc: PathBuf,
    folder: PathBuf,
    plugbox: PathBuf,
    /// A hash of everything except the sources that affects the output.
    identity: u64,
    known: Mutex<HashMap<u64, Arc<OnceLock<Outcome>>>>,
}

/// The `plugbox` that a crate is compiled with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plugbox {
    /// The real one.
    Real,
    /// A stand-in whose macros do nothing.
    Nothing,
}

impl Compiler {
    /// A compiler that uses `plugbox` as built by cargo.
    pub(crate) fn new() -> Self {
        let plugbox = Build::new("crossing-api").dependencies(&["plugbox", "plugbox_macros"]);
        // Use the real compiler, because rustup's proxy looks it up in each call.
        let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("the compiler can be run");
        let sysroot = PathBuf::from(String::from_utf8(output.stdout).expect("a path is text").trim());
        let mut hasher = DefaultHasher::new();
        sysroot.hash(&mut hasher);
        for file in ["libplugbox.rlib", "libplugbox_macros.so"] {
            fs::read(plugbox.join(file)).expect("plugbox was built").hash(&mut hasher);
        }
        let folder = target_dir().join("edits");
        fs::create_dir_all(&folder).expect("the folder can be made");
        Self { rustc: sysroot.join("bin/rustc"), folder, plugbox, identity: hasher.finish(), known: Mutex::default() }
    }

    /// Compiles the plugin from these sources.
    pub(crate) fn plugin(&self, source: &Source) -> Outcome {
        self.api(source, Kind::Shared, Plugbox::Real)
    }

    /// Compiles a host without a gate from these sources.
    pub(crate) fn host(&self, source: &Source) -> Outcome {
        let mut externs = self.below(source, Plugbox::Real)?;
        externs.push(("api", self.api(source, Kind::Library, Plugbox::Real)?));
        let calls = ("calls.rs".to_owned(), source.files["calls.rs"].clone());
        let (files, version) = (vec![read("host.rs"), calls], "1.0.0".to_owned());
        self.made(&Crate { name: "host", version, kind: Kind::Program, files, externs, conditions: Vec::new() })
    }

    /// Whether the API in these sources is valid Rust. The macros of `plugbox` have no influence.
    pub(crate) fn is_rust(&self, source: &Source) -> Outcome {
        self.api(source, Kind::Checked, Plugbox::Nothing)
    }

    /// The crate of the API. With a plugin, the API contains the plugin as a module, so that one call of the compiler
    /// suffices.
    fn api(&self, source: &Source, kind: Kind, plugbox: Plugbox) -> Outcome {
        let externs = self.below(source, plugbox)?;
        let file = |name: &str| (name.to_owned(), source.files[name].clone());
        let files = vec![file("api.rs"), file("plugin.rs")];
        let mut conditions: Vec<String> =
            source.features.iter().map(|feature| format!("feature=\"{feature}\"")).collect();
        if kind == Kind::Shared {
            conditions.push("plugin".to_owned());
        }
        let version = source.versions["api"].clone();
        self.made(&Crate { name: "api", version, kind, files, externs, conditions })
    }

    /// The crates below the API.
    fn below(&self, source: &Source, plugbox: Plugbox) -> Result<Vec<(&'static str, PathBuf)>, String> {
        let macros = |name, file| {
            let (files, version) = (vec![read(file)], "1.0.0".to_owned());
            let (externs, conditions) = (Vec::new(), Vec::new());
            self.made(&Crate { name, version, kind: Kind::Macros, files, externs, conditions })
        };
        let plugbox = match plugbox {
            Plugbox::Real => self.plugbox.join("libplugbox.rlib"),
            Plugbox::Nothing => macros("plugbox", "nothing.rs")?,
        };
        let below = |krate: &str| {
            self.made(&Crate {
                name: "below",
                version: source.versions[krate].clone(),
                kind: Kind::Library,
                files: vec![("below.rs".to_owned(), source.files[&format!("{krate}.rs")].clone())],
                externs: vec![("plugbox", plugbox.clone())],
                conditions: Vec::new(),
            })
        };
        let crates = [("below", below("below")?), ("older", below("older")?)];
        let macros = [("attributes", macros("attributes", "attributes.rs")?)];
        Ok([("plugbox", plugbox.clone())].into_iter().chain(crates).chain(macros).collect())
    }

    /// Compiles a crate, at most once in this process.
    fn made(&self, krate: &Crate) -> Outcome {
        let mut hasher = DefaultHasher::new();
        (self.identity, krate).hash(&mut hasher);
        let hash = hasher.finish();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(hash).or_default().clone();
        known.get_or_init(|| self.kept(krate, hash)).clone()
    }

    /// Returns the cached outcome of an earlier run, or compiles the crate.
    fn kept(&self, krate: &Crate, hash: u64) -> Outcome {
        let folder = self.folder.join(format!("{hash:016x}"));
        let made = folder.join(match krate.kind {
            Kind::Library => format!("lib{}.rlib", krate.name),
            Kind::Checked => format!("lib{}.rmeta", krate.name),
            Kind::Shared | Kind::Macros => format!("lib{}.so", krate.name),
            Kind::Program => krate.name.to_owned(),
        });
        let said = folder.join("said");
        if let Ok(said) = fs::read_to_string(&said) {
            return if made.is_file() { Ok(made) } else { Err(said) };
        }
        fs::create_dir_all(&folder).expect("a folder can be made");
        let outcome = self.compile(krate, &folder, &made);
        // Written last, because this file marks the outcome as complete.
        fs::write(said, outcome.as_ref().err().map_or("", String::as_str))
            .expect("the compiler's message can be written");
        outcome.map(|()| made)
    }

    fn compile(&self, krate: &Crate, folder: &Path, made: &Path) -> Result<(), String> {
        for (name, text) in &krate.files {
            fs::write(folder.join(name), text).expect("a source can be written");
        }
        let mut rustc = Command::new(&self.rustc);
        rustc.current_dir(folder).args(["--edition", "2024", "--crate-name", krate.name]);
        rustc.args([
            "--crate-type",
            match krate.kind {
                Kind::Library | Kind::Checked => "rlib",
                Kind::Shared => "cdylib",
                Kind::Macros => "proc-macro",
                Kind::Program => "bin",
            },
        ]);
        // As cargo does, so that two versions of a crate are different crates.
        rustc.arg(format!("-Cmetadata={}-{}", krate.name, krate.version));
        // One codegen unit is faster for so little code.
        rustc
            .args(["-Cstrip=symbols", "-Ccodegen-units=1", "-L"])
            .arg(format!("dependency={}", self.plugbox.display()));
        for (name, path) in &krate.externs {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
            // The folder with the dependencies of the extern crate.
            let folder = path.parent().expect("the path of a library has a folder");
            rustc.arg("-L").arg(format!("dependency={}", folder.display()));
        }
        for condition in &krate.conditions {
            rustc.args(["--cfg", condition]);
        }
        if krate.kind == Kind::Checked {
            rustc.arg("--emit=metadata");
        }
        rustc.arg("-o").arg(made).arg(&krate.files[0].0);
        for (name, value) in [
            ("NAME", krate.name),
            ("VERSION", &krate.version),
            ("DESCRIPTION", ""),
            ("AUTHORS", ""),
            ("LICENSE", ""),
            ("REPOSITORY", ""),
            ("HOMEPAGE", ""),
        ] {
            rustc.env(format!("CARGO_PKG_{name}"), value);
        }
        rustc.env("CARGO_CRATE_NAME", krate.name).env("CARGO_MANIFEST_DIR", folder);
        let output = rustc.output().expect("the compiler can be run");
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }

    /// Removes cached outcomes that this run did not use.
    pub(crate) fn tidy(&self) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = |name: &str| u64::from_str_radix(name, 16).is_ok_and(|hash| known.contains_key(&hash));
        for entry in fs::read_dir(&self.folder).expect("the folder can be read").flatten() {
            if !entry.file_name().to_str().is_some_and(asked) {
                // Removal may fail if another process uses the folder.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// A file of the matrix that no edit changes.
fn read(name: &str) -> (String, String) {
    let text = fs::read_to_string(repository().join("tests/edits").join(name)).expect("the source can be read");
    (name.to_owned(), text)
}

//! The compiler, called without cargo: a plugin in less than a second. What has been compiled of equal sources is kept.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use harness::{Build, repository, target_dir};

use crate::source::Source;

/// What is made of a crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Library,
    /// A library that is only checked, as `cargo check` does it.
    Checked,
    Shared,
    Macros,
    Program,
}

/// A crate to be compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Crate {
    name: &'static str,
    version: String,
    kind: Kind,
    /// Its files; the first is the root.
    files: Vec<(String, String)>,
    externs: Vec<(&'static str, PathBuf)>,
    conditions: Vec<String>,
}

/// What the compiler made, or what it said.
type Outcome = Result<PathBuf, String>;

/// The compiler of the tests, and what it was asked for.
pub(crate) struct Compiler {
    rustc: PathBuf,
    folder: PathBuf,
    plugbox: PathBuf,
    /// What else decides what comes out.
    identity: u64,
    known: Mutex<HashMap<u64, Arc<OnceLock<Outcome>>>>,
}

/// Which `plugbox` a side is compiled with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plugbox {
    /// The real one.
    Real,
    /// One whose macros do nothing.
    Nothing,
}

impl Compiler {
    /// With `plugbox` as cargo builds it.
    pub(crate) fn new() -> Self {
        let plugbox = Build::new("crossing-api").dependencies(&["plugbox", "plugbox_macros"]);
        // Not the one in between that looks for it each time.
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

    /// The plugin of these sources.
    pub(crate) fn plugin(&self, source: &Source) -> Outcome {
        self.api(source, Kind::Shared, Plugbox::Real)
    }

    /// A host of these sources that has no gate.
    pub(crate) fn host(&self, source: &Source) -> Outcome {
        let mut externs = self.below(source, Plugbox::Real)?;
        externs.push(("api", self.api(source, Kind::Library, Plugbox::Real)?));
        let calls = ("calls.rs".to_owned(), source.files["calls.rs"].clone());
        let (files, version) = (vec![read("host.rs"), calls], "1.0.0".to_owned());
        self.made(&Crate { name: "host", version, kind: Kind::Program, files, externs, conditions: Vec::new() })
    }

    /// Whether the API of these sources is Rust, whatever `plugbox` makes of it.
    pub(crate) fn is_rust(&self, source: &Source) -> Outcome {
        self.api(source, Kind::Checked, Plugbox::Nothing)
    }

    /// The API with the plugin in it, so that it takes one call of the compiler; or the API alone.
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

    /// Compiles a crate, once.
    fn made(&self, krate: &Crate) -> Outcome {
        let mut hasher = DefaultHasher::new();
        (self.identity, krate).hash(&mut hasher);
        let hash = hasher.finish();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(hash).or_default().clone();
        known.get_or_init(|| self.kept(krate, hash)).clone()
    }

    /// What an earlier run has made of the same, or what the compiler makes of it now.
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
        // The last, so that nobody takes the half of it for the whole.
        fs::write(said, outcome.as_ref().err().map_or("", String::as_str)).expect("what was said can be kept");
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
        // As cargo does it, so that two versions of a crate are two crates.
        rustc.arg(format!("-Cmetadata={}-{}", krate.name, krate.version));
        // So little code is not worth several units.
        rustc
            .args(["-Cstrip=symbols", "-Ccodegen-units=1", "-L"])
            .arg(format!("dependency={}", self.plugbox.display()));
        for (name, path) in &krate.externs {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
            // Where those are looked for that an extern one was compiled with.
            let folder = path.parent().expect("a library lies in a folder");
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

    /// Removes what no edit of this run has asked for.
    pub(crate) fn tidy(&self) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = |name: &str| u64::from_str_radix(name, 16).is_ok_and(|hash| known.contains_key(&hash));
        for entry in fs::read_dir(&self.folder).expect("the folder can be read").flatten() {
            if !entry.file_name().to_str().is_some_and(asked) {
                // Another process may be at it.
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

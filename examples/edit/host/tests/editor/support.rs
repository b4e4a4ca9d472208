//! Runs the editor in a test's own folder.

#[path = "../../../../shared/testing/desk.rs"]
mod desk;

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

pub(crate) use desk::{Desk, Outcome, built_before, can_compile, installed};

/// The packages whose libraries tests install.
const PACKAGES: &[&str] = &["abbrev", "count", "hello", "lines", "reverse", "rude", "shout", "tidy"];

impl Desk {
    /// Creates a desk with these C or C++ samples and no other plugins. Compiles them with the strictest warnings.
    pub(crate) fn with_c_plugins(samples: &[&str]) -> Self {
        let desk = Self::with_plugins(&[]);
        samples.iter().for_each(|sample| desk.compile(sample));
        desk
    }

    /// Compiles a sample, such as `broken/null.c`, to `plugins/null.so`.
    pub(crate) fn compile(&self, sample: &str) {
        let stem = Path::new(sample).file_stem().unwrap().to_str().unwrap();
        let library = self.path(&format!("plugins/{stem}{DLL_SUFFIX}"));
        if let Some(folder) = built_before() {
            fs::copy(folder.join(format!("{stem}{DLL_SUFFIX}")), library).unwrap();
            return;
        }
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/c");
        let (compiler, standard) = if sample.ends_with("cpp") { ("c++", "c++11") } else { ("cc", "c99") };
        let mut compile = Command::new(compiler);
        compile.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]);
        compile.arg(format!("-std={standard}")).arg("-I").arg(sources.join("include"));
        compile.arg(sources.join("samples").join(sample)).arg("-o").arg(&library);
        assert!(compile.status().unwrap().success(), "the error of {compiler} in {sample} is above");
        installed(&library);
    }

    /// Runs the editor with all plugins in the desk's folder, including those in C.
    pub(crate) fn edit_in_c(&self, arguments: &[&str]) -> Outcome {
        self.edit(&[&["--c-plugins"], arguments].concat())
    }

    /// Runs the editor with the plugins in the desk's folder.
    pub(crate) fn edit(&self, arguments: &[&str]) -> Outcome {
        self.edit_with_samples(&[&["--plugins", "plugins"], arguments].concat())
    }

    /// Runs the editor with the sample plugins that it builds itself.
    pub(crate) fn edit_with_samples(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(env!("CARGO_BIN_EXE_edit"), arguments))
    }
}

/// The library of a sample plugin, built from its source with one text replaced. Its version is higher.
pub(crate) fn variant(package: &str, from: &str, to: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap();
    let sources = root.join("plugins/edit").join(package);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("variants");
    let mut hasher = DefaultHasher::new();
    (package, from, to).hash(&mut hasher);
    let folder = target.join(format!("{package}-{:016x}", hasher.finish()));
    // The file of a library has the package's name alone, so another variant overwrites it.
    static BUILDS: Mutex<()> = Mutex::new(());
    let _builds = BUILDS.lock();
    fs::create_dir_all(folder.join("src")).unwrap();
    let source = fs::read_to_string(sources.join("src/lib.rs")).unwrap();
    assert!(source.contains(from), "{package} has no `{from}`");
    fs::write(folder.join("src/lib.rs"), source.replace(from, to)).unwrap();
    let dependencies = fs::read_to_string(sources.join("Cargo.toml")).unwrap();
    let names = ["serde_json", "serde", "tracing"].into_iter();
    let external = names.filter(|name| dependencies.contains(&format!("{name}.workspace")));
    let external: String = external.map(|name| format!("{name} = {}\n", version(&root, name))).collect();
    let manifest = format!(
        "[workspace]\n[package]\nname = \"{package}\"\nversion = \"0.2.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\nedit-api.path = \"{root}/examples/edit/api\"\n\
         plugbox = {{ path = \"{root}/core-api\", features = [\"tracing\"] }}\n{external}",
        root = root.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.arg("build").current_dir(&folder).env("CARGO_TARGET_DIR", target.join("target"));
    assert!(cargo.status().unwrap().success(), "cargo's error is above");
    let library = format!("{DLL_PREFIX}{package}{DLL_SUFFIX}");
    fs::copy(target.join("target/debug").join(&library), folder.join(&library)).unwrap();
    folder.join(library)
}

/// The requirement of the workspace for a crate.
fn version(root: &Path, name: &str) -> String {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
    line.unwrap_or_else(|| panic!("the workspace has no {name}")).to_owned()
}

impl Desk {
    /// Replaces the library of a plugin, as an installer does.
    pub(crate) fn install(&self, library: &Path) {
        let partial = self.path("partial");
        fs::copy(library, &partial).unwrap();
        installed(&partial);
        fs::rename(partial, self.path("plugins").join(library.file_name().unwrap())).unwrap();
    }

    /// Starts the editor, which goes on until it is dropped.
    pub(crate) fn watching(&self, arguments: &[&str]) -> Watching {
        let arguments = [&["--plugins", "plugins", "--print", "--watch"], arguments].concat();
        let mut command = self.command(env!("CARGO_BIN_EXE_edit"), &arguments);
        let mut editor = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines(editor.stdout.take().unwrap());
        let stderr = lines(editor.stderr.take().unwrap());
        Watching { editor, stdout, stderr }
    }
}

/// An editor that goes on.
pub(crate) struct Watching {
    editor: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Watching {
    /// Waits for a line on standard output.
    #[track_caller]
    pub(crate) fn prints(&self, expected: &str) {
        assert_eq!(self.stdout.recv_timeout(LONG).as_deref(), Ok(expected));
    }

    /// Waits for a line on standard error that contains a text.
    #[track_caller]
    pub(crate) fn says(&self, expected: &str) -> String {
        let mut said = Vec::new();
        while let Ok(line) = self.stderr.recv_timeout(LONG) {
            if line.contains(expected) {
                return line;
            }
            said.push(line);
        }
        panic!("`{expected}` was not said, but\n{}", said.join("\n"))
    }

    /// Asserts that nothing more was printed.
    #[track_caller]
    pub(crate) fn prints_nothing(&self) {
        assert_eq!(self.stdout.recv_timeout(Duration::from_millis(300)), Err(RecvTimeoutError::Timeout));
    }
}

const LONG: Duration = Duration::from_secs(60);

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.editor.kill();
        let _ = self.editor.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || BufReader::new(stream).lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    receiver
}

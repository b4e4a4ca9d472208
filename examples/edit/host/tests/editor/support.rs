//! Running the editor on files and folders of a test's own.

use std::collections::BTreeMap;
use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use cargo_metadata::{Message, TargetKind};
use tempfile::TempDir;

/// A folder with files, and a folder `plugins` in it.
pub(crate) struct Desk(TempDir);

/// What the editor did.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    /// A desk with the libraries of these packages in its folder of plugins.
    pub(crate) fn with_plugins(packages: &[&str]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        installed(desk.0.path());
        fs::create_dir(desk.path("plugins")).unwrap();
        installed(&desk.path("plugins"));
        for package in packages {
            let library = &libraries()[*package];
            let copy = desk.path("plugins").join(library.file_name().unwrap());
            fs::copy(library, &copy).unwrap();
            installed(&copy);
        }
        desk
    }

    /// A desk with these samples in C or C++, compiled as strictly as their authors should, and with no other plugins.
    pub(crate) fn with_c_plugins(samples: &[&str]) -> Self {
        let desk = Self::with_plugins(&[]);
        samples.iter().for_each(|sample| desk.compile(sample));
        desk
    }

    /// Compiles a sample, such as `broken/null.c`, to `plugins/null.so`.
    pub(crate) fn compile(&self, sample: &str) {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/c");
        let (compiler, standard) = if sample.ends_with("cpp") { ("c++", "c++11") } else { ("cc", "c99") };
        let stem = Path::new(sample).file_stem().unwrap().to_str().unwrap();
        let mut compile = Command::new(compiler);
        compile.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]);
        compile.arg(format!("-std={standard}")).arg("-I").arg(sources.join("include"));
        let library = self.path(&format!("plugins/{stem}{DLL_SUFFIX}"));
        compile.arg(sources.join("samples").join(sample)).arg("-o").arg(&library);
        assert!(compile.status().unwrap().success(), "{compiler} says above what is wrong with {sample}");
        installed(&library);
    }

    /// Runs the editor on this desk with the plugins in its folder, those in C too.
    pub(crate) fn edit_in_c(&self, arguments: &[&str]) -> Outcome {
        self.edit(&[&["--c-plugins"], arguments].concat())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
        // Plugins are written too, with whichever umask.
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o644)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the editor on this desk with the plugins in its folder.
    pub(crate) fn edit(&self, arguments: &[&str]) -> Outcome {
        run(self.0.path(), &[&["--plugins", "plugins"], arguments].concat())
    }

    /// Runs the editor on this desk with the plugins that it builds itself.
    pub(crate) fn edit_with_samples(&self, arguments: &[&str]) -> Outcome {
        run(self.0.path(), arguments)
    }
}

/// Makes of what cargo built, with whichever umask, what `install` would make of it.
pub(crate) fn installed(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_edit")).args(arguments).current_dir(folder).output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Outcome {
    /// The lines of standard error that begin with this.
    pub(crate) fn said(&self, beginning: &str) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with(beginning)).collect()
    }

    /// The row of a plugin in the table of libraries, by columns.
    pub(crate) fn row(&self, plugin: &str) -> Vec<&str> {
        let rows = self.stderr.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
        rows.map(Iterator::collect::<Vec<_>>).find(|row| row.first() == Some(&plugin)).unwrap_or_default()
    }
}

/// The libraries that tests put into folders, by package; built once.
fn libraries() -> &'static BTreeMap<String, PathBuf> {
    static LIBRARIES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--message-format=json-render-diagnostics"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(
            ["abbrev", "count", "hello", "lines", "reverse", "rude", "shout", "tidy"]
                .map(|name| format!("--package={name}")),
        );
        let output = cargo.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "cargo says above what is wrong");
        let messages = Message::parse_stream(output.stdout.as_slice()).map(Result::unwrap);
        let artifacts = messages.filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.kind.contains(&TargetKind::CDyLib) => Some(artifact),
            _ => None,
        });
        let libraries = artifacts.filter_map(|artifact| {
            let file = artifact.filenames.into_iter().find(|file| file.as_str().ends_with(DLL_SUFFIX))?;
            Some((artifact.target.name, file.into_std_path_buf()))
        });
        libraries.collect()
    })
}

//! Support for the tests of the example hosts: a temporary folder with plugins, and the outcome of a run.
//!
//! The tests of each host include this file as a module. The parent module names its sample plugins in `PACKAGES`.

use std::collections::BTreeMap;
use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use cargo_metadata::{Message, TargetKind};
use tempfile::TempDir;

use super::PACKAGES;

/// A temporary folder for files, with a subfolder `plugins`.
pub(crate) struct Desk(TempDir);

/// The exit code and the output of a run.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    /// Creates a desk, and installs the libraries of these packages in its plugin folder.
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
        // Some of these files are libraries in the plugin folder, so their mode must not depend on the umask.
        set_mode(&self.path(name), 0o644);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The system's error for a file that is not there.
    pub(crate) fn cannot_read(&self, name: &str) -> io::Error {
        fs::metadata(self.path(name)).unwrap_err()
    }

    /// A command that runs this program in the desk's folder.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.0.path());
        command
    }
}

impl Outcome {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let output = output(&mut command);
        let mut stderr = String::from_utf8(output.stderr).unwrap();
        if cfg!(windows) {
            // The tests expect paths as Unix shows them.
            stderr = stderr.replace('\\', "/");
        }
        Self { code: output.status.code(), stdout: String::from_utf8(output.stdout).unwrap(), stderr }
    }

    /// The lines of standard error that begin with this text.
    pub(crate) fn said(&self, beginning: &str) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with(beginning)).collect()
    }

    /// The cells of a plugin's row in the table of libraries.
    pub(crate) fn row(&self, plugin: &str) -> Vec<&str> {
        let rows = self.stderr.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
        rows.map(Iterator::collect::<Vec<_>>).find(|row| row.first() == Some(&plugin)).unwrap_or_default()
    }
}

/// Runs a command to its end. On a busy machine, Wine 8 sometimes starts no process, and says `ERROR_INTERNAL_ERROR`.
pub(crate) fn output(command: &mut Command) -> Output {
    let is_of_wine =
        |error: &io::Error| cfg!(windows) && built_before().is_some() && error.raw_os_error() == Some(1359);
    let mut tries = 0;
    loop {
        match command.output() {
            Err(error) if is_of_wine(&error) && tries < 5 => tries += 1,
            output => return output.unwrap(),
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Sets the mode that `install` would set. Without this, the mode of cargo's output depends on the umask.
pub(crate) fn installed(path: &Path) {
    set_mode(path, 0o755);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// On Windows, a file gets the access list of its folder.
#[cfg(windows)]
fn set_mode(_path: &Path, _mode: u32) {}

/// The folder of libraries that were built before the tests. Named where tests cannot start compilers: in an emulator.
pub(crate) fn built_before() -> Option<PathBuf> {
    env::var_os("DESK_LIBRARIES").map(PathBuf::from)
}

/// Whether a test, or the program that it runs, can start a compiler. Says so if it cannot.
pub(crate) fn can_compile() -> bool {
    let can = built_before().is_none();
    if !can {
        eprintln!("SKIPPED: the test cannot start a compiler here");
    }
    can
}

/// The libraries of `PACKAGES`, by package. The first call builds them.
fn libraries() -> &'static BTreeMap<String, PathBuf> {
    static LIBRARIES: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        if let Some(folder) = built_before() {
            let library = |name: &&str| folder.join(format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_")));
            return PACKAGES.iter().map(|name| ((*name).to_owned(), library(name))).collect();
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--message-format=json-render-diagnostics"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(PACKAGES.iter().map(|name| format!("--package={name}")));
        let output = cargo.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "cargo's error is above");
        let messages = Message::parse_stream(output.stdout.as_slice()).map(Result::unwrap);
        let artifacts = messages.filter_map(|message| match message {
            Message::CompilerArtifact(artifact) if artifact.target.kind.contains(&TargetKind::CDyLib) => Some(artifact),
            _ => None,
        });
        let libraries = artifacts.filter_map(|artifact| {
            let file = artifact.filenames.into_iter().find(|file| file.as_str().ends_with(DLL_SUFFIX))?;
            // Cargo writes the name of a library with underscores.
            Some((artifact.target.name.replace('_', "-"), file.into_std_path_buf()))
        });
        libraries.collect()
    })
}

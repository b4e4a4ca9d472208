//! Running the client in files and folders of a test's own.

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

/// What the client did.
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
            let path = desk.path("plugins").join(library.file_name().unwrap());
            fs::copy(library, &path).unwrap();
            installed(&path);
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs the client on this desk with the plugins in its folder.
    pub(crate) fn rest(&self, arguments: &[&str]) -> Outcome {
        self.rest_with_samples(&[arguments, &["--plugins", "plugins"]].concat())
    }

    /// Runs the client on this desk with the plugins that it builds itself.
    pub(crate) fn rest_with_samples(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().unwrap();
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The client on this desk, to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rest"));
        command.args(arguments).current_dir(self.0.path());
        // Nothing of this machine stands between the client and the server.
        for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }
}

/// Makes of what cargo built, with whichever umask, what `install` would make of it.
fn installed(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
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
            ["bearer-auth", "hello", "inject-header", "redact", "rest-rude", "retry", "timing"]
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
            // Cargo writes a library's name with underscores.
            Some((artifact.target.name.replace('_', "-"), file.into_std_path_buf()))
        });
        libraries.collect()
    })
}

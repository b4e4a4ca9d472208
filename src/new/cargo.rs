//! Cargo and the compiler, where they know best: names of packages, workspaces, where crates are, the toolchain.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};
use tempfile::TempDir;

use super::Problem;

/// Runs a command, and returns what it prints.
fn run(command: &mut Command) -> Result<String, Problem> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run `{program}`: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(said.trim().trim_start_matches("error: ").to_owned().into())
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Makes a package, and a member of the workspace that the path is in. Cargo refuses a path that is taken, and a name
/// that cannot be one.
pub(super) fn new(kind: &str, path: &Path) -> Result<(), Problem> {
    let made = run(cargo().args(["new", kind, "--vcs", "none", "--quiet"]).arg(path));
    // What follows the first line is advice about the options of `cargo new`.
    made.map(drop).map_err(|problem| problem.to_string().lines().next().unwrap_or_default().to_owned().into())
}

/// Formats a package, if rustfmt is installed.
pub(super) fn format(manifest: &Path) {
    _ = run(cargo().arg("fmt").arg("--manifest-path").arg(manifest));
}

/// Asks cargo whether this could be the name of a program's package.
pub(super) fn check_name(name: &str) -> Result<(), Problem> {
    let scratch = scratch("[workspace]\n")?;
    new("--bin", &scratch.path().join(name))
}

/// A folder that is removed at the end, with a manifest.
pub(super) fn scratch(manifest: &str) -> Result<TempDir, Problem> {
    let made = TempDir::with_prefix("plugbox-new-").and_then(|folder| {
        std::fs::write(folder.path().join("Cargo.toml"), manifest)?;
        Ok(folder)
    });
    made.map_err(|error| format!("cannot make a temporary folder: {error}").into())
}

/// What cargo knows of the packages of a workspace, or with `all` of everything that they depend on. Without a manifest,
/// it is the workspace of the current folder.
pub(super) fn metadata(manifest: Option<&Path>, all: bool) -> Result<Metadata, Problem> {
    let mut command = MetadataCommand::new();
    if let Some(manifest) = manifest {
        command.manifest_path(manifest);
    }
    if !all {
        command.no_deps();
    }
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            stderr.trim().trim_start_matches("error: ").to_owned().into()
        }
        error => error.to_string().into(),
    })
}

/// The manifest of the workspace that a folder is in.
pub(super) fn workspace_around(folder: &Path) -> Option<PathBuf> {
    let arguments = ["locate-project", "--workspace", "--message-format", "plain"];
    let found = run(cargo().args(arguments).current_dir(folder)).ok()?;
    Some(found.into())
}

/// The toolchain that builds in this folder, in the words of `rust-toolchain.toml`: a release, or the name of a nightly
/// or beta toolchain.
pub(super) fn toolchain() -> Result<String, Problem> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = run(Command::new(rustc).arg("-vV"))?;
    let field = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).unwrap_or_default();
    let (release, host) = (field("release:"), field("host:"));
    let Some((_, channel)) = release.split_once('-') else { return Ok(release.to_owned()) };
    // Rustup knows the date in the name of a nightly, which is not the date that the compiler shows.
    let active = run(Command::new("rustup").args(["show", "active-toolchain"])).unwrap_or_default();
    let active = active.split(' ').next().and_then(|name| name.strip_suffix(host)?.strip_suffix('-'));
    let channel = channel.split('.').next().unwrap_or_default();
    Ok(active.filter(|name| name.starts_with(channel)).unwrap_or(channel).to_owned())
}

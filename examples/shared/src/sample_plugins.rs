//! Builds the sample plugins of this workspace, for runs without a plugin folder.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use cargo_metadata::{Artifact, Message, TargetKind};

use crate::message;

/// Builds the plugins whose packages are in a folder of this workspace, in the same profile as this program, and
/// returns their libraries. Cargo shows its progress on standard error, unless only problems are reported.
///
/// # Errors
///
/// The workspace of this program no longer exists, or cargo fails.
pub fn build(folder: &str) -> anyhow::Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let packages = packages(&root.join(folder)).with_context(|| {
        "the sample plugins cannot be built, because the workspace of this program no longer exists; name a plugin \
         folder with `--plugins DIR`"
    })?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--message-format=json-render-diagnostics"]).current_dir(root).stdout(Stdio::piped());
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if message::is_quiet() {
        cargo.arg("--quiet");
    }
    let mut building = cargo.spawn().with_context(|| format!("cannot run {}", env!("CARGO")))?;
    let messages = building.stdout.take().context("cargo's output is missing")?;
    let messages: Vec<Message> = Message::parse_stream(BufReader::new(messages)).collect::<Result<_, _>>()?;
    ensure!(building.wait()?.success(), "the sample plugins cannot be built; cargo's error is above");
    let artifacts = messages.into_iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => library(artifact, &packages),
        _ => None,
    });
    let mut libraries: Vec<PathBuf> = artifacts.collect();
    libraries.sort();
    Ok(libraries)
}

/// The packages in a folder. Each has the same name as its own folder.
fn packages(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            packages.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(packages)
}

fn library(artifact: Artifact, packages: &[String]) -> Option<PathBuf> {
    // Cargo writes the name of a library with underscores.
    let named = packages.iter().any(|package| package.replace('-', "_") == artifact.target.name.replace('-', "_"));
    let ours = artifact.target.kind.contains(&TargetKind::CDyLib) && named;
    let mut files = artifact.filenames.into_iter().filter(|_| ours);
    files.find(|file| file.as_str().ends_with(DLL_SUFFIX)).map(PathBuf::from)
}

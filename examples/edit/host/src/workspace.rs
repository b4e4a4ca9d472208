//! Building the sample plugins of this workspace: only where no folder of plugins is named.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use cargo_metadata::{Artifact, Message, TargetKind};

/// Builds the sample plugins as this editor was built, and returns their libraries. Cargo shows its progress on
/// standard error.
///
/// # Errors
///
/// The editor is not where it was built, or cargo fails.
pub(crate) fn build_sample_plugins() -> anyhow::Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let packages = packages(&root.join("plugins/edit")).with_context(|| {
        "there are no sample plugins to build, since the workspace of this editor is gone; name a folder of plugins \
         with `--plugins DIR`"
    })?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--message-format=json-render-diagnostics"]).current_dir(root).stdout(Stdio::piped());
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let mut building = cargo.spawn().with_context(|| format!("cannot run {}", env!("CARGO")))?;
    let messages = building.stdout.take().context("cargo's output is gone")?;
    let messages: Vec<Message> = Message::parse_stream(BufReader::new(messages)).collect::<Result<_, _>>()?;
    ensure!(building.wait()?.success(), "the sample plugins cannot be built; cargo says above why");
    let artifacts = messages.into_iter().filter_map(|message| match message {
        Message::CompilerArtifact(artifact) => library(artifact, &packages),
        _ => None,
    });
    let mut libraries: Vec<PathBuf> = artifacts.collect();
    libraries.sort();
    Ok(libraries)
}

/// The sample plugins' packages, which are named like their folders.
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
    let ours = artifact.target.kind.contains(&TargetKind::CDyLib) && packages.contains(&artifact.target.name);
    let mut files = artifact.filenames.into_iter().filter(|_| ours);
    files.find(|file| file.as_str().ends_with(DLL_SUFFIX)).map(PathBuf::from)
}

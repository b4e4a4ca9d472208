//! Finds the workspace that is being built. Cargo does not pass it to build scripts.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::{self, Dependencies};
use crate::variable;

/// The environment variable with the workspace's folder. If it is set, nothing is guessed.
pub(crate) const VARIABLE: &str = "PLUGBOX_WORKSPACE";

/// Returns the dependencies of this package in the current build.
pub(crate) fn dependencies() -> Result<Dependencies, String> {
    let known = env::var_os(VARIABLE).map(PathBuf::from).or_else(of_the_running_cargo);
    if let Some(folder) = known {
        let found = graph::dependencies(&folder)?;
        return found.ok_or_else(|| none(&folder));
    }
    let mut agreed: Option<Dependencies> = None;
    let mut errors = Vec::new();
    for folder in candidates() {
        match (graph::dependencies(&folder), &agreed) {
            (Ok(Some(found)), None) => agreed = Some(found),
            (Ok(Some(found)), Some(known)) if found.crates != known.crates => {
                return Err(format!(
                    "the workspaces of {} and {} resolve different dependencies; set {VARIABLE} to the folder of the \
                     workspace that is built",
                    known.workspace.display(),
                    folder.display()
                ));
            }
            (Ok(_), _) => {}
            (Err(error), _) => errors.push(error),
        }
    }
    agreed.ok_or_else(|| {
        errors.push(format!("set {VARIABLE} to the folder of the workspace that is built"));
        errors.join("; ")
    })
}

fn none(folder: &Path) -> String {
    let (name, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    format!(
        "the workspace of {} does not contain {name} {version}; set {VARIABLE} to the folder of the workspace that is \
         built",
        folder.display()
    )
}

/// Returns the working directory of the cargo that started this build script, or the folder in its arguments, from
/// proc(5).
#[cfg(target_os = "linux")]
fn of_the_running_cargo() -> Option<PathBuf> {
    let process = PathBuf::from(format!("/proc/{}", std::os::unix::process::parent_id()));
    let folder = fs::read_link(process.join("cwd")).ok()?;
    let arguments = String::from_utf8(fs::read(process.join("cmdline")).ok()?).ok()?;
    let arguments: Vec<&str> = arguments.split('\0').collect();
    let named = |option: &str| {
        let after = arguments.iter().skip_while(|argument| **argument != option).nth(1).copied();
        let joined = || arguments.iter().find_map(|argument| argument.strip_prefix(option)?.strip_prefix('='));
        Some(folder.join(after.or_else(joined)?))
    };
    // `cargo install` takes `--path`.
    let manifest = named("--manifest-path").and_then(|manifest| manifest.parent().map(Path::to_owned));
    manifest.or_else(|| named("--path")).or(Some(folder))
}

#[cfg(not(target_os = "linux"))]
fn of_the_running_cargo() -> Option<PathBuf> {
    None
}

/// Returns the folders with a lock file above the target folder and the working directory.
fn candidates() -> Vec<PathBuf> {
    let target = PathBuf::from(variable("OUT_DIR"));
    let working = env::var_os("PWD").map(PathBuf::from).unwrap_or_default();
    let above = target.ancestors().chain(working.ancestors());
    let mut folders: Vec<PathBuf> =
        above.filter(|folder| fs::exists(folder.join("Cargo.lock")).unwrap_or_default()).map(Path::to_owned).collect();
    folders.sort();
    folders.dedup();
    folders
}

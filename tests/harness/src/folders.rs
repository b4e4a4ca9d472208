//! The folders that tests use.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use crate::lock::lock;
use crate::target::is_emulated;

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let root = root.expect("tests/harness is two folders below the root");
    // In Wine the repository is a drive of its own (`.ci/run`): it may lie in a folder where everybody may replace files.
    if cfg!(windows) && is_emulated() { PathBuf::from("P:\\") } else { root.to_owned() }
}

/// Cargo's target folder of this test run.
#[must_use]
pub fn target_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a test has an executable");
    test.ancestors().nth(3).expect("the test is in target/PROFILE/deps").to_owned()
}

/// The shared target folder for workspaces that tests write, for one build. Their common dependencies are built once,
/// without debug information.
#[must_use = "the next build overwrites programs and libraries of the same name"]
pub struct Outside {
    /// Programs and libraries of packages are in its `debug`.
    pub target: PathBuf,
    _lock: File,
}

/// Waits until no other test uses the folder.
pub fn outside() -> Outside {
    let target = target_dir().join("outside");
    fs::create_dir_all(&target).expect("the folder can be made");
    let lock = lock(&target.join("lock"));
    Outside { target, _lock: lock }
}

/// Sets `cargo` to build the workspace in its current folder in the [`Outside`], for which it waits.
pub fn build_outside(cargo: &mut Command) -> Outside {
    let outside = outside();
    // Cargo takes the packages of two workspaces for the same, by their places in them, and builds again only what is
    // newer than the last build.
    renew(cargo.get_current_dir().expect("a build outside has a folder"));
    lean(cargo).env_remove("CARGO_BUILD_TARGET_DIR").env("CARGO_TARGET_DIR", &outside.target);
    outside
}

/// Cargo, which builds packages of this workspace in its target folder.
#[must_use]
pub fn build_packages(names: &[&str]) -> Command {
    let mut cargo = build_here();
    cargo.args(names.iter().flat_map(|name| ["-p", name]));
    cargo
}

/// Cargo, which builds programs of this workspace in its target folder: `["--bin", NAME]`, `["--example", NAME]`.
///
/// Cargo chooses features for all packages of a command together, and others for a command with tests. This one has a test,
/// and so the features of `cargo test --workspace`, which has compiled most of it already.
#[must_use]
pub fn build_programs(targets: &[&str]) -> Command {
    let mut cargo = build_here();
    cargo.args(["--workspace", "--test", "loads"]).args(targets);
    cargo
}

fn build_here() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repository()).env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR");
    cargo.args(["build", "--target-dir"]).arg(target_dir());
    cargo
}

/// Makes all files of a folder as new as can be, without those that links lead to.
fn renew(folder: &Path) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let kind = entry.file_type().expect("the file has a type");
        if kind.is_dir() {
            renew(&entry.path());
        } else if kind.is_file() {
            let file = File::options().append(true).open(entry.path()).expect("the file can be opened");
            file.set_modified(SystemTime::now()).expect("the file gets a new time");
        }
    }
}

/// Sets `cargo` to write neither debug information nor incremental data.
pub fn lean(cargo: &mut Command) -> &mut Command {
    cargo.envs([("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_DEBUG", "0")])
}

/// A new, empty folder. It is kept after the test, for inspection, until the target folder is deleted.
#[must_use]
pub fn scratch(name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let all = target_dir().join("scratch");
    fs::create_dir_all(&all).expect("a scratch folder can be made");
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = all.join(format!("{name}-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return path,
            // In Wine, an earlier run had a process with this ID.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => panic!("{} cannot be made: {error}", path.display()),
        }
    }
}

/// Copies a folder without its target folder.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        // A link to a folder counts as a folder.
        if entry.path().is_dir() {
            if entry.file_name() != "target" {
                copy_tree(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

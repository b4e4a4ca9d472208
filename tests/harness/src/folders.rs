//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/harness lies two folders down").to_owned()
}

/// Cargo's target folder of this test run.
#[must_use]
pub fn target_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a test has an executable");
    test.ancestors().nth(3).expect("it lies in target/PROFILE/deps").to_owned()
}

/// A new, empty folder; it stays for a look after a failure, and goes with the target folder.
#[must_use]
pub fn scratch(name: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let unique = format!("{name}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = target_dir().join("scratch").join(unique);
    fs::create_dir_all(&path).expect("a scratch folder can be made");
    path
}

/// Copies a folder without its target folder.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let target = to.join(entry.file_name());
        // Also a link to one.
        if entry.path().is_dir() {
            if entry.file_name() != "target" {
                copy_tree(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

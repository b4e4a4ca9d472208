//! The loader judges and maps the same bytes, even if a library changes while it is loaded. The tests count the steps
//! of a host, and replace, truncate, rewrite or remove its file between every two steps.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use harness::{Build, Child, in_child, patched, repository, scratch};

/// A library that is loaded before `main`, and acts at a given call.
static SHIM: LazyLock<PathBuf> = LazyLock::new(|| {
    let shim = scratch("shim").join("shim.so");
    let source = repository().join("tests/snapshot/shim.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl").status();
    assert!(built.unwrap().success());
    shim
});

fn stripped(build: Build) -> PathBuf {
    build.stripped().library()
}

/// A library with the same records and different code.
static OTHER: LazyLock<PathBuf> = LazyLock::new(|| stripped(Build::plugin().optimized("3")));

/// A library that does not fit. Its initializer creates a separate marker file.
static UNFIT: LazyLock<PathBuf> = LazyLock::new(|| {
    let marked = patched(&stripped(Build::plugin().feature("initializer")), b"FIXTURE_MARK", b"REFUSED_MARK");
    patched(&marked, b"\nrelease 1.", b"\nrelease 0.")
});

/// A folder with a library, and a second library for the action.
fn folder_with(other: &Path) -> PathBuf {
    let folder = scratch("snapshot");
    fs::copy(stripped(Build::plugin()), folder.join("libone.so")).unwrap();
    fs::copy(other, folder.join("other")).unwrap();
    folder
}

/// Runs a host that loads a library, with an action before the host's n-th step. `None` if the host has fewer steps.
fn loaded_while(action: &str, folder: &Path, when: usize) -> Option<Child> {
    let (file, other, mark) = (folder.join("libone.so"), folder.join("other"), folder.join("mark"));
    let refused_mark = folder.join("refused-mark");
    let output = Command::new(Build::new("fixture-plain-hosts").program("plain-host"))
        .arg(&file)
        .env("LD_PRELOAD", &*SHIM)
        // A folder of its own for the copy, because each folder that another process has left is some further steps.
        .env("XDG_RUNTIME_DIR", folder)
        .env("SHIM_ACTION", action)
        .env("SHIM_WHEN", when.to_string())
        .envs([("SHIM_FILE", &file), ("SHIM_OTHER", &other), ("SHIM_MARK", &mark), ("REFUSED_MARK", &refused_mark)])
        .output()
        .unwrap();
    let acted = mark.exists();
    assert!(!refused_mark.exists(), "{action} at step {when}: code of a library that does not fit has run");
    fs::remove_dir_all(folder).unwrap();
    acted.then(|| Child::new(&output))
}

/// At every step, the host works with one of the two libraries, or refuses with one of these words. Returns how often
/// it works.
fn at_every_step(action: &str, with: &Path, words: &[&str]) -> usize {
    let outcomes: Vec<Child> = (1..).map_while(|when| loaded_while(action, &folder_with(with), when)).collect();
    works_or_refuses(action, &outcomes, words)
}

fn works_or_refuses(action: &str, outcomes: &[Child], words: &[&str]) -> usize {
    assert!(outcomes.len() > 20, "{action}: the host has {} steps", outcomes.len());
    for (step, child) in outcomes.iter().enumerate() {
        let refused = !child.success && words.iter().any(|word| child.stderr.contains(word));
        let works = child.success && child.stdout == "a,b,c\n";
        assert!(works || refused && child.signal.is_none(), "{action} at step {step}: {child:?}");
    }
    outcomes.iter().filter(|child| child.success).count()
}

#[test]
fn a_file_that_is_replaced_loads_as_the_one_or_the_other() {
    at_every_step("rename over", &OTHER, &[]);
}

#[test]
fn a_file_that_is_written_anew_loads_as_the_one_or_the_other() {
    // Truncation and writing are one step of the shim, so the loader never sees the file between them.
    at_every_step("rewrite", &OTHER, &[]);
    at_every_step("write into", &OTHER, &[]);
}

#[test]
fn a_file_that_becomes_one_that_does_not_fit_is_refused_or_was_copied_before() {
    for action in ["rename over", "rewrite", "write into"] {
        let worked =
            at_every_step(action, &UNFIT, &["compiler-differs", "the file changed during every attempt to copy it"]);
        assert!(worked > 5, "{action}: after the copy, the file no longer matters");
    }
}

#[test]
fn a_file_that_was_left_alone_for_long_may_change_while_it_is_copied() {
    let folders: Vec<PathBuf> = (0..100).map(|_| folder_with(&UNFIT)).collect();
    // The files are now older than one tick of a coarse clock, so the loader does not suspect a change within the tick.
    std::thread::sleep(Duration::from_millis(2_100));
    let outcomes = (1..).zip(&folders).map_while(|(when, folder)| loaded_while("write into", folder, when));
    let outcomes: Vec<Child> = outcomes.collect();
    assert!(outcomes.len() < folders.len());
    works_or_refuses(
        "write into",
        &outcomes,
        &["compiler-differs", "the file changed during every attempt to copy it"],
    );
    folders.iter().filter(|folder| folder.exists()).for_each(|folder| fs::remove_dir_all(folder).unwrap());
}

#[test]
fn the_one_that_does_not_fit_leaves_its_mark_without_the_gate() {
    let mark = scratch("refused-mark").join("ran");
    let test = "the_one_that_does_not_fit_leaves_its_mark_without_the_gate";
    let child = in_child(test, &[("REFUSED_MARK", mark.to_str().unwrap())], || {
        // SAFETY: the fixture's initializer creates a file, and does nothing else.
        std::mem::forget(unsafe { libloading::Library::new(&*UNFIT) }.unwrap());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    assert!(mark.exists());
}

#[test]
fn a_file_that_is_cut_is_refused_or_was_copied_before() {
    let worked = at_every_step("truncate", &OTHER, &["not-whole", "the file changed during every attempt to copy it"]);
    assert!(worked > 5, "after the copy, the file no longer matters");
}

#[test]
fn a_file_that_is_removed_is_missing_or_was_opened_before() {
    let worked = at_every_step(
        "remove",
        &OTHER,
        &["cannot find the file", "cannot read the file", "the file was replaced", "cannot open the file"],
    );
    assert!(worked > 5, "after opening, the file's path no longer matters");
}

#[test]
fn the_shim_does_something() {
    let first = loaded_while("remove", &folder_with(&OTHER), 1).expect("a host has a first step");
    assert!(!first.success && first.stderr.contains(&*Path::new("libone.so").to_string_lossy()), "{first:?}");
}

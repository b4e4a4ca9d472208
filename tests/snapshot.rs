//! Whatever happens to a library while it is loaded, one set of bytes is judged and mapped: the steps of a host are
//! counted, and between every two of them its file is replaced, cut, rewritten or removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use harness::{Build, Child, repository, scratch};

/// A library that is loaded before `main` and acts at a given call.
static SHIM: LazyLock<PathBuf> = LazyLock::new(|| {
    let shim = scratch("shim").join("shim.so");
    let source = repository().join("tests/snapshot/shim.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl").status();
    assert!(built.unwrap().success());
    shim
});

/// A host loads a library to which something happens before its n-th step; `None` where it has fewer.
fn loaded_while(action: &str, when: usize) -> Option<Child> {
    let folder = scratch("snapshot");
    let (file, other, mark) = (folder.join("libone.so"), folder.join("other"), folder.join("mark"));
    let stripped = |build: Build| build.config("profile.dev.strip=true").library();
    fs::copy(stripped(Build::plugin()), &file).unwrap();
    // The same records, and other code.
    fs::copy(stripped(Build::plugin().config("profile.dev.opt-level=3")), &other).unwrap();
    let output = Command::new(Build::new("fixture-hosts").program("plain-host"))
        .arg(&file)
        .env("LD_PRELOAD", &*SHIM)
        .env("SHIM_ACTION", action)
        .env("SHIM_WHEN", when.to_string())
        .envs([("SHIM_FILE", &file), ("SHIM_OTHER", &other), ("SHIM_MARK", &mark)])
        .output()
        .unwrap();
    let acted = mark.exists();
    fs::remove_dir_all(folder).unwrap();
    acted.then(|| Child::new(&output))
}

/// At every step the host works with one of the two libraries, or refuses with one of these words; how often it works.
fn at_every_step(action: &str, words: &[&str]) -> usize {
    let outcomes: Vec<Child> = (1..).map_while(|when| loaded_while(action, when)).collect();
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
    at_every_step("rename over", &[]);
}

#[test]
fn a_file_that_is_written_anew_loads_as_the_one_or_the_other() {
    // Truncation and new content are one step of the shim's, and in between nobody looks.
    at_every_step("rewrite", &[]);
    at_every_step("write into", &[]);
}

#[test]
fn a_file_that_is_cut_is_refused_or_was_copied_before() {
    let worked = at_every_step("truncate", &["not-whole", "it changed whenever it was copied"]);
    assert!(worked > 5, "what was copied is not touched any more");
}

#[test]
fn a_file_that_is_removed_is_missing_or_was_opened_before() {
    let worked = at_every_step("remove", &["cannot find it", "cannot look at it", "cannot read it", "cannot open it"]);
    assert!(worked > 5, "what was opened is not touched any more");
}

#[test]
fn the_shim_does_something() {
    let first = loaded_while("remove", 1).expect("a host has a first step");
    assert!(!first.success && first.stderr.contains(&*Path::new("libone.so").to_string_lossy()), "{first:?}");
}

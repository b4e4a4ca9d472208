//! Runs everything that crosses the boundary under tools that watch each memory access and each allocation: valgrind's
//! memcheck, and AddressSanitizer.
//!
//! These tests are slow and need valgrind, so a plain test run skips them: `cargo test --test sanitizers -- --ignored`.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Build, Child};

/// The hosts, with the plugin of each.
const PAIRS: [(&str, &str); 4] = [
    ("memory-system", "memory"),
    ("crossing-system", "crossing"),
    ("shown-system", "shown"),
    ("errors-system", "errors"),
];

fn memcheck(host: &Path, library: &Path) -> Child {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible"]);
    valgrind.args(["--errors-for-leak-kinds=definite,indirect,possible", "--error-exitcode=9"]);
    Child::new(&valgrind.args([host, library]).output().expect("valgrind is installed"))
}

/// Builds hosts and plugins with AddressSanitizer. Both sides must have it to fit.
fn address_sanitizer(package: &str) -> Build {
    // The loader reads a whole segment of records. This flag omits the tool's red zones between them.
    let build = Build::new(package).env("RUSTC_BOOTSTRAP", "1").flag("-Zsanitizer=address");
    let build = build.flag("-Cllvm-args=-asan-globals=0");
    // A library finds the tool's functions in the executable.
    build.flag("-Clink-arg=-Wl,--export-dynamic")
}

fn run_sanitized(host: &Path, library: &Path) -> Child {
    // The hosts deliberately ask for more memory than there is. The allocator must return null instead of aborting.
    let mut run = Command::new(host);
    Child::new(&run.arg(library).env("ASAN_OPTIONS", "allocator_may_return_null=1").output().unwrap())
}

fn host(name: &str) -> PathBuf {
    Build::new("fixture-hosts").program(name)
}

#[test]
#[ignore = "slow, and needs valgrind"]
fn what_changes_sides_is_clean_under_memcheck() {
    for (name, plugin) in PAIRS {
        let child = memcheck(&host(name), &Build::new(plugin).library());
        child.must_succeed();
        assert_eq!(child.stdout, "worked\n");
        assert!(!child.stderr.contains("=="), "{}", child.stderr);
    }
}

#[test]
#[ignore = "slow, and needs valgrind"]
fn memcheck_sees_what_a_plugin_has_freed() {
    let child = memcheck(&host("freed"), &Build::new("memory").library());
    assert!(child.stderr.contains("Invalid read of size 1"), "{}", child.stderr);
    assert!(!child.success);
}

#[test]
#[ignore = "slow: hosts and plugins are built again"]
fn what_changes_sides_is_clean_under_address_sanitizer() {
    for (name, plugin) in PAIRS {
        let host = address_sanitizer("fixture-hosts").program(name);
        let child = run_sanitized(&host, &address_sanitizer(plugin).library());
        child.must_succeed();
        assert_eq!(child.stdout, "worked\n");
        assert!(!child.stderr.contains("ERROR"), "{}", child.stderr);
    }
}

#[test]
#[ignore = "slow: hosts and plugins are built again"]
fn address_sanitizer_sees_what_a_plugin_has_freed() {
    let host = address_sanitizer("fixture-hosts").program("freed");
    let child = run_sanitized(&host, &address_sanitizer("memory").library());
    assert!(child.stderr.contains("AddressSanitizer: heap-use-after-free"), "{}", child.stderr);
    assert!(!child.success);
}

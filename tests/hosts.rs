//! Hosts of all kinds: a library that a C program opens, one with another allocator, one that cannot load plugins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use harness::{Build, Child, scratch};

fn run(program: &Path, arguments: &[&Path]) -> Child {
    let output: Output = Command::new(program).args(arguments).output().unwrap();
    Child::new(&output)
}

/// A program of the fixtures' hosts.
fn host(name: &str) -> PathBuf {
    Build::new("fixture-hosts").program(name)
}

#[test]
fn a_host_may_be_a_library_that_a_c_program_opens() {
    let folder = scratch("c-main");
    let (source, program) = (folder.join("main.c"), folder.join("main"));
    let text = r#"
        #include <dlfcn.h>
        #include <stdio.h>
        int main(int argc, char **argv) {
            void *host = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : 0;
            int (*run)(const char *) = host ? (int (*)(const char *))dlsym(host, "host_run") : 0;
            if (!run) { printf("%s\n", dlerror()); return 2; }
            return run(argv[2]);
        }
    "#;
    fs::write(&source, text).unwrap();
    assert!(Command::new("cc").arg(&source).arg("-o").arg(&program).arg("-ldl").status().unwrap().success());
    let host = Build::new("fixture-cdylib-host").library();
    let child = run(&program, &[&host, &Build::plugin().library()]);
    child.must_succeed();
    assert_eq!(child.stdout, "fixture() 3\n");
    // It compares with its own records: the executable has none.
    let child = run(&program, &[&host, &Build::plugin().feature("drift-field").library()]);
    assert!(!child.success);
    assert!(child.stdout.contains("interface-changed at fixture_api::Change"), "{}", child.stdout);
}

#[test]
fn a_host_with_another_allocator_takes_and_drops_what_plugins_allocate() {
    let child = run(&host("mimalloc-host"), &[&Build::plugin().library()]);
    child.must_succeed();
    assert_eq!(child.stdout, "10000 rounds\n");
}

/// The plugin's allocator is the host's, so the pairs of allocators are as many as hosts.
#[test]
fn memory_changes_sides_whatever_the_hosts_allocator_is() {
    let library = Build::new("memory").library();
    for (name, said) in [
        ("memory-system", "worked\n"),
        ("memory-mimalloc", "worked\n"),
        ("memory-counting", "worked\n0 bytes more than before\n"),
    ] {
        let child = run(&host(name), &[&library]);
        child.must_succeed();
        assert_eq!(child.stdout, said, "{name}");
    }
}

#[test]
fn without_a_shared_allocator_that_host_would_abort() {
    let child = run(&host("mimalloc-bare"), &[&Build::new("fixture-bare").library()]);
    assert!(!child.success, "dropping a foreign box did no harm, so the test above shows nothing");
}

#[test]
fn a_host_with_a_static_c_library_is_told_so_at_once() {
    let host = Build::new("fixture-hosts").flag("-Ctarget-feature=+crt-static").program("plain-host");
    let child = run(&host, &[&Build::plugin().library()]);
    assert!(!child.success);
    assert_eq!(child.signal, None, "it ends by itself: {}", child.stderr);
    assert!(child.stderr.contains("its C library is linked statically"), "{}", child.stderr);
}

#[test]
fn a_host_that_aborts_loads_only_when_it_says_so() {
    let host = Build::new("fixture-hosts").flag("-Cpanic=abort").program("plain-host");
    let library = Build::plugin().library();
    let child = run(&host, &[&library]);
    assert!(!child.success);
    assert!(child.stderr.contains("panic-differs"), "{}", child.stderr);
    let child = run(&host, &[&library, Path::new("allow abort")]);
    assert_eq!(child.signal, Some(6), "{}", child.stderr);
    assert_eq!(child.stdout, "a,b,c\n");
    assert!(child.stderr.contains("plugin fixture-plugin 0.7.1 panicked in Plugin::fail at "), "{}", child.stderr);
}

#[test]
fn a_process_ends_in_peace_with_plugins_loaded() {
    let host = host("plain-host");
    let library = Build::plugin().library();
    for end in ["return", "exit", "leak", "thread"] {
        let child = run(&host, &[&library, Path::new(end)]);
        assert!(child.success, "{end}: signal {:?} {}", child.signal, child.stderr);
        assert_eq!(child.stdout, "a,b,c\n");
    }
}

//! All kinds of hosts: a library that a C program opens, a host with a different allocator, a host that cannot load
//! plugins.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use harness::{Build, Child, is_emulated, repository, scratch};

fn run(program: &Path, arguments: &[&Path]) -> Child {
    let output: Output = harness::command(program).args(arguments).output().unwrap();
    Child::new(&output)
}

/// A program of the fixtures' hosts.
fn host(name: &str) -> PathBuf {
    Build::new("fixture-hosts").program(name)
}

/// A C program that opens a host library; see the program's source.
fn c_program() -> PathBuf {
    let program = scratch("c-main").join("main");
    let source = repository().join("tests/hosts/main.c");
    let compiled = harness::c_compiler().arg(source).arg("-o").arg(&program).args(["-ldl", "-lpthread"]).status();
    assert!(compiled.unwrap().success());
    program
}

/// Runs the C program: it opens the host `name` in a folder, runs `command`, and calls `function`.
fn opened(folder: &Path, name: &str, command: &str, function: &str, plugin: &Path) -> Child {
    run(&c_program(), &[folder, Path::new(name), Path::new(command), Path::new(function), plugin])
}

/// The folder of a copy of the host library, `libhost.so`. Tests may remove the copy.
fn host_library() -> PathBuf {
    let folder = scratch("c-host");
    fs::copy(Build::new("fixture-cdylib-host").library(), folder.join("libhost.so")).unwrap();
    folder
}

#[test]
fn a_host_may_be_a_library_that_a_c_program_opens() {
    let run = |plugin: &Path| opened(&host_library(), "./libhost.so", "true", "host_run", plugin);
    let child = run(&Build::plugin().library());
    child.must_succeed();
    assert_eq!(child.stdout, "fixture() 3\nthe host is mapped\n");
    // The host library uses its own records. The executable has none.
    let child = run(&Build::plugin().feature("drift-field").library());
    assert!(!child.success);
    assert!(child.stdout.contains("interface-changed at fixture_api::Change"), "{}", child.stdout);
}

/// A thread of the plugin goes on after the host was closed, and uses the host's memory.
#[test]
#[cfg(unix)]
fn a_host_that_is_a_library_stays_when_it_is_closed() {
    let plugin = Build::new("lasting").library();
    let other = Build::new("fixture-foreign").library();
    let replaced = format!("cp {} other && mv other libhost.so", other.display());
    for (name, command) in [
        // The C program opens the host by this name, and then leaves the folder, so the name no longer leads to the host.
        ("./libhost.so", "true"),
        ("./libhost.so", "rm libhost.so"),
        ("./libhost.so", &replaced),
        ("./libhost.so", "mv libhost.so moved.so && ln -s moved.so libhost.so"),
        ("./link/libhost.so", "rm link"),
    ] {
        let folder = host_library();
        std::os::unix::fs::symlink(".", folder.join("link")).unwrap();
        let child = opened(&folder, name, command, "host_linger", &plugin);
        assert_eq!(child.signal, None, "{name} {command}: {}", child.stdout);
        assert_eq!(child.stdout, "the host is mapped\nthe plugin's thread has 1000 words\n", "{name} {command}");
    }
}

/// The name that the system's loader has for the host leads to a different image.
#[test]
fn a_host_that_nothing_would_keep_loads_no_plugin() {
    let (folder, plugin) = (host_library(), Build::new("lasting").library());
    let arguments = [&*folder, Path::new("./libhost.so"), Path::new("true"), Path::new("host_linger"), &plugin];
    let child =
        Child::new(&harness::command(c_program()).args(arguments).env("HOST_NAME", "libc.so.6").output().unwrap());
    assert_eq!(child.signal, None, "{}", child.stdout);
    let said = "this host cannot load plugins: it is a library that could not be pinned in memory";
    assert!(child.stdout.contains(said), "{}", child.stdout);
    assert!(child.stdout.contains("the name `libc.so.6` belongs to a different image"), "{}", child.stdout);
}

#[test]
fn a_host_with_another_allocator_takes_and_drops_what_plugins_allocate() {
    // An emulator needs a minute and a half for as many rounds.
    let rounds = if is_emulated() { "1000" } else { "10000" };
    let child = run(&host("mimalloc-host"), &[&Build::plugin().library(), Path::new(rounds)]);
    child.must_succeed();
    assert_eq!(child.stdout, format!("{rounds} rounds\n"));
}

/// A plugin uses its host's allocator, so one test for each host covers all pairs of allocators.
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
    assert!(!child.success, "dropping a foreign box did no harm, so the test above proves nothing");
}

#[test]
fn a_host_with_a_static_c_library_is_told_so_at_once() {
    let host = Build::new("fixture-plain-hosts").flag("-Ctarget-feature=+crt-static").program("plain-host");
    let child = run(&host, &[&Build::plugin().library()]);
    assert!(!child.success);
    assert_eq!(child.signal, None, "a signal ended the process: {}", child.stderr);
    assert!(child.stderr.contains("its C library is linked statically"), "{}", child.stderr);
}

#[test]
fn a_host_that_aborts_loads_only_when_it_says_so() {
    let host = Build::new("fixture-plain-hosts").flag("-Cpanic=abort").program("plain-host");
    let library = Build::plugin().library();
    let child = run(&host, &[&library]);
    assert!(!child.success);
    assert!(child.stderr.contains("panic-differs"), "{}", child.stderr);
    let child = run(&host, &[&library, Path::new("allow abort")]);
    assert!(child.has_aborted(), "{}", child.stderr);
    assert_eq!(child.stdout, "a,b,c\n");
    assert!(child.stderr.contains("plugin fixture-plugin 0.7.1 panicked in Plugin::fail at "), "{}", child.stderr);
}

#[test]
fn a_process_ends_in_peace_with_plugins_loaded() {
    let host = Build::new("fixture-plain-hosts").program("plain-host");
    let library = Build::plugin().library();
    for end in ["return", "exit", "leak", "thread"] {
        let child = run(&host, &[&library, Path::new(end)]);
        assert!(child.success, "{end}: signal {:?} {}", child.signal, child.stderr);
        assert_eq!(child.stdout, "a,b,c\n");
    }
}

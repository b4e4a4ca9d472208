//! Invariants of absence: what must not be anywhere, looked for everywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::repository;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            found.push(path);
        }
    }
}

/// The files below some folders whose code (not comments) contains a text.
fn naming(folders: &[&str], text: &str) -> Vec<String> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| sources(&repository().join(folder), &mut files));
    let names = files.iter().filter(|file| {
        let source = fs::read_to_string(file).unwrap();
        source.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(text))
    });
    let mut names: Vec<String> =
        names.map(|file| file.strip_prefix(repository()).unwrap().display().to_string()).collect();
    names.sort();
    names
}

#[test]
fn only_map_names_libloading() {
    assert_eq!(naming(&["loader/src", "core-api/src", "src"], "libloading"), ["loader/src/map/map.rs"]);
}

#[test]
fn the_verdict_does_no_input_and_output_and_knows_no_globals() {
    let mut files = Vec::new();
    ["verdict", "compare"].iter().for_each(|room| sources(&repository().join("loader/src").join(room), &mut files));
    // The host's profile is taken before: it says what the process and the processor are.
    files.retain(|file| !file.ends_with("profile.rs") && !file.ends_with("processor.rs"));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        // A lifetime is no global.
        let code = code.map(|line| line.replace("'static ", "")).collect::<Vec<_>>();
        for text in ["std::fs", "std::env", "static ", "File", "thread_local", "println"] {
            assert!(!code.iter().any(|line| line.contains(text)), "{} has `{text}`", file.display());
        }
    }
}

#[test]
fn unsafe_code_lives_in_few_named_modules() {
    let expected = [
        "core-api/src/allocator.rs",
        "core-api/src/bound.rs",
        "core-api/src/context.rs",
        "core-api/src/contract.rs",
        "core-api/src/guard.rs",
        "core-api/src/panic.rs",
        "core-api/src/record.rs",
        "core-api/src/shape.rs",
        "loader/src/bind/handshake.rs",
        "loader/src/bind/table.rs",
        "loader/src/loaded/loaded.rs",
        "loader/src/loader/construct.rs",
        "loader/src/loader/loader.rs",
        "loader/src/loader/tests.rs",
        "loader/src/map/entry.rs",
        "loader/src/map/map.rs",
        "loader/src/sys/linux/exit.rs",
        "loader/src/sys/linux/image.rs",
    ];
    assert_eq!(naming(&["loader/src", "core-api/src", "src"], "unsafe {"), expected);
}

#[test]
fn libraries_do_not_print() {
    for call in ["println!", "eprintln!", "print!(", "dbg!("] {
        assert_eq!(naming(&["loader/src", "core-api/src"], call), [""; 0], "{call}");
    }
}

#[test]
fn the_hosts_profile_never_asks_for_the_executables_path() {
    assert_eq!(naming(&["loader/src", "core-api/src"], "current_exe"), [""; 0]);
}

#[test]
fn nothing_in_the_plugins_tree_depends_on_the_loader() {
    let tree = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(repository())
        .args(["tree", "-p", "plugbox", "--edges", "normal,build", "--prefix", "none", "--offline"])
        .output()
        .unwrap();
    let text = String::from_utf8(tree.stdout).unwrap();
    assert!(text.contains("plugbox-macros"), "{text}");
    for name in ["plugbox-loader", "libloading", "object"] {
        assert!(!text.contains(name), "{text}");
    }
}

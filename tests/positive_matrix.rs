//! Differences that do not affect the boundary must not be refused. Each build here fits, loads and works in a host
//! with the test's own profile.

use std::process::Command;

use fixture_api::{Change, Kind, Leaf};
use harness::{Build, load, scratch};

/// Loads a library, and uses each kind of value that crosses.
fn works(library: &std::path::Path) {
    let mut plugin = load(library).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(plugin.name(), "fixture()");
    assert_eq!((plugin.first(), plugin.second()), (1, 2));
    assert_eq!(plugin.split("to be or not"), ["to", "be", "or", "not"]);
    assert_eq!(plugin.grow(vec!["seed".to_owned()]), ["seed", "grown 0"]);
    assert_eq!(*plugin.reverse(Box::new([1, 2, 3])), [3, 2, 1]);
    let leaf = |weight, count| Box::new(Leaf { weight, count });
    assert_eq!(plugin.sum(&Some(vec![leaf(2, 10), leaf(3, 100)])), 5110);
    let change = Change { at: 7, kind: Kind::Insert("four".to_owned()) };
    assert_eq!(plugin.change(&change), Change { at: 7, kind: Kind::Remove { len: 4 } });
}

fn works_when_built(build: Build) {
    works(&build.library());
}

#[test]
fn with_each_optimization() {
    works_when_built(Build::plugin().config("profile.dev.opt-level=0"));
    for level in ["1", "2", "3", "\"s\"", "\"z\""] {
        works_when_built(Build::plugin().optimized(level));
    }
}

#[test]
fn with_thin_and_fat_link_time_optimization() {
    for lto in ["thin", "fat"] {
        works_when_built(Build::plugin().optimized("3").lto(lto));
    }
}

#[test]
fn with_one_and_with_many_codegen_units() {
    for units in [1, 64] {
        works_when_built(Build::plugin().config(&format!("profile.dev.codegen-units={units}")));
    }
}

#[test]
fn with_and_without_checks() {
    works_when_built(
        Build::plugin().config("profile.dev.overflow-checks=false").config("profile.dev.debug-assertions=false"),
    );
}

#[test]
fn with_full_debug_information_and_without_any() {
    for level in [2, 0] {
        works_when_built(Build::plugin().config(&format!("profile.dev.debug={level}")));
    }
    works_when_built(Build::plugin().lines());
}

#[test]
fn for_this_processor() {
    works_when_built(Build::plugin().flag("-Ctarget-cpu=native"));
}

#[test]
fn in_another_folder_and_in_one_with_blanks_and_umlauts() {
    works_when_built(Build::plugin().folder("elsewhere"));
    works_when_built(Build::plugin().folder("ein Ordner für Plugins"));
}

#[test]
fn with_remapped_paths() {
    works_when_built(Build::plugin().flag("--remap-path-prefix=/=/somewhere/"));
    // A path with the name of a flag that is refused.
    works_when_built(Build::plugin().flag("--remap-path-prefix=/home/me/prefer-dynamic-demo=/src"));
}

#[test]
fn with_a_std_of_its_own_in_the_end() {
    works_when_built(Build::plugin().flag("-C").flag("prefer-dynamic").flag("-C").flag("prefer-dynamic=no"));
}

#[test]
fn by_the_linkers_that_are_here() {
    for linker in ["bfd", "lld", "gold"] {
        if harness::has_linker(linker) {
            works_when_built(Build::plugin().last_crate_flag(&format!("-Clink-arg=-fuse-ld={linker}")));
        } else {
            eprintln!("SKIPPED: there is no ld.{linker} here");
        }
    }
    // The linker that comes with rustc.
    works_when_built(
        Build::plugin()
            .last_crate_flag("-Zunstable-options")
            .last_crate_flag("-Clinker-features=+lld")
            .last_crate_flag("-Clink-self-contained=+linker")
            .env("RUSTC_BOOTSTRAP", "1"),
    );
}

#[test]
fn stripped() {
    works_when_built(Build::plugin().stripped());
    let library = Build::plugin().library();
    let stripped = scratch("stripped").join("libstripped.so");
    let status = Command::new("strip").arg("--strip-all").arg("-o").arg(&stripped).arg(&library).status().unwrap();
    assert!(status.success());
    works(&stripped);
}

#[test]
fn without_its_section_table() {
    let library = Build::plugin().library();
    let mut bytes = std::fs::read(&library).unwrap();
    // `e_shoff`, and `e_shnum` with `e_shstrndx`, of a 64-bit ELF header.
    bytes[0x28..0x30].fill(0);
    bytes[0x3c..0x40].fill(0);
    let bare = scratch("sectionless").join("libsectionless.so");
    std::fs::write(&bare, bytes).unwrap();
    works(&bare);
}

#[test]
fn with_other_docs_argument_names_an_alias_and_another_private_type() {
    works_when_built(Build::plugin().feature("cosmetic"));
}

#[test]
fn with_an_unrelated_dependency_of_another_version() {
    works_when_built(Build::plugin().folder("bumped").edit(
        "deep/Cargo.toml",
        "version = \"0.4.0\"",
        "version = \"0.4.9\"",
    ));
}

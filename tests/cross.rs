//! Plugins and hosts that are built for another target than the machine that builds them: their records are those of the
//! target, and `plugbox check` judges them as the target's host would.

#[path = "command/run.rs"]
mod run;

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Build, Cross, TARGET, repository, target_dir};
use plugbox_loader::inspect;

/// The compiler for a target. If there is none, this writes a message that is shown although the test passes.
#[allow(clippy::explicit_write, reason = "what `eprintln` writes is shown only if a test fails")]
fn cross(target: &'static str, linker: &'static str) -> Option<Cross> {
    let skipped =
        |what: &String| stderr().write_all(format!("SKIPPED: the tests for {target}: {what}\n").as_bytes()).unwrap();
    Cross::find(target, linker).inspect_err(skipped).ok()
}

fn aarch64() -> Option<Cross> {
    cross("aarch64-unknown-linux-gnu", "aarch64-linux-gnu-gcc")
}

fn windows() -> Option<Cross> {
    cross("x86_64-pc-windows-gnu", "x86_64-w64-mingw32-gcc")
}

fn plugin(cross: &Cross) -> PathBuf {
    Build::plugin().cross(cross).library()
}

fn host(cross: &Cross) -> PathBuf {
    Build::new("records-host").cross(cross).program("records-host")
}

/// Builds the fixture's build record from what the compiler says of itself.
fn expected(cross: &Cross) -> inspect::Build {
    let output = Command::new(&cross.rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim().to_owned();
    let mut build = inspect::Build::default();
    build.rustc = text.lines().next().unwrap().to_owned();
    build.release = value("release:");
    build.commit = value("commit-hash:");
    build.date = value("commit-date:");
    build.builder = value("host:");
    build.target = cross.target.to_owned();
    build.panic = "unwind".to_owned();
    build.libc = "dynamic-libc".to_owned();
    build.plugbox = env!("CARGO_PKG_VERSION").to_owned();
    build
}

/// Compares the records of a plugin and a host with what is known of their target.
fn record_their_target(cross: &Cross, feature: &str) {
    for file in [plugin(cross), host(cross)] {
        let manifest = inspect::image(&file).unwrap().manifest.unwrap();
        assert_eq!(manifest.builds.len(), 1, "{}", file.display());
        let mut build = (*manifest.builds[0]).clone();
        assert!(build.features.iter().any(|known| known == feature), "{build:?}");
        // The compiler writes it with more words than cargo's build scripts see.
        assert!(!build.llvm.is_empty());
        (build.features, build.llvm) = Default::default();
        assert_eq!(build, expected(cross), "{}", file.display());
        assert!(manifest.interfaces.iter().any(|interface| interface.name == "fixture_api::Plugin"));
    }
    let manifest = inspect::image(&plugin(cross)).unwrap().manifest.unwrap();
    assert_eq!(manifest.plugins[0].name, "fixture-plugin");
}

/// Runs `plugbox check` on a library, and returns its exit code, its output, and the codes of the refusal.
fn codes(host: &Path, library: &Path, exit: i32) -> Vec<String> {
    let arguments = ["check", "--as=fixture_api::Plugin", "--format=json", "--host"];
    let ended = run::Ended::of(run::command(arguments).arg(host).arg(library));
    let line = ended.exits(exit).json().remove(0);
    line["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_library_for_another_processor_has_the_records_of_its_target() {
    let Some(cross) = aarch64() else { return };
    record_their_target(&cross, "neon");
    assert_eq!(codes(&host(&cross), &plugin(&cross), 0), [""; 0]);
    let ours = Build::plugin().rustc(&cross.rustc).library();
    assert_eq!(codes(&ours, &plugin(&cross), 1), ["other-target", "target-differs"]);
    assert_eq!(codes(&host(&cross), &ours, 1), ["other-target", "target-differs"]);
}

#[test]
fn a_library_for_another_system_has_the_records_of_its_target() {
    let Some(cross) = windows() else { return };
    record_their_target(&cross, "sse2");
    assert_eq!(codes(&host(&cross), &plugin(&cross), 0), [""; 0]);
    // Not for what it needs of its own system.
    let ours = Build::plugin().rustc(&cross.rustc).library();
    assert_eq!(codes(&ours, &plugin(&cross), 1), ["other-target", "target-differs"]);
    assert_eq!(codes(&host(&cross), &ours, 1), ["other-target", "target-differs"]);
    // The linker keeps the records, with and without symbols.
    let stripped = Build::plugin().stripped().cross(&cross).library();
    let [whole, stripped] =
        [plugin(&cross), stripped].map(|library| inspect::image(&library).unwrap().manifest.unwrap());
    assert_eq!(whole.plugins, stripped.plugins);
    assert_eq!(codes(&host(&cross), &Build::plugin().stripped().cross(&cross).library(), 0), [""; 0]);
    // What it needs is shown, and nothing that the toolchain would have to bring.
    let needed = inspect::linkage(&plugin(&cross)).unwrap().needed;
    assert!(needed.iter().any(|name| name.eq_ignore_ascii_case("kernel32.dll")), "{needed:?}");
    let shown = run::plugbox(["inspect".as_ref(), plugin(&cross).as_os_str()]).exits(0).stdout.clone();
    assert!(shown.contains(&format!("\n  needs        {}\n", needed.join(", "))), "{shown}");
    assert!(shown.contains("\nfile           pe, x86_64, 64-bit, little-endian\n"), "{shown}");
}

/// The section of the records must not be writable.
#[test]
fn records_are_read_only_on_windows() {
    let Some(cross) = windows() else { return };
    for file in [plugin(&cross), host(&cross)] {
        let bytes = std::fs::read(&file).unwrap();
        let header = bytes.windows(8).position(|name| name == b".plugbox").unwrap();
        let flags = u32::from_le_bytes(bytes[header + 36..header + 40].try_into().unwrap());
        let (data, read, write, execute) = (0x40, 0x4000_0000, 0x8000_0000, 0x2000_0000);
        assert_eq!(flags & (data | read | write | execute), data | read, "{}: {flags:x}", file.display());
    }
}

#[test]
fn the_target_of_the_builder_is_recorded_alike_whether_it_was_asked_for_or_not() {
    if harness::is_emulated() {
        eprintln!("SKIPPED: what is built without `--target` is for the builder, and the tests are for {TARGET}");
        return;
    }
    let folder = target_dir().join("fixtures/target-plain");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(repository().join("tests/fixtures")).args(["build", "-p", "fixture-plugin", "--target-dir"]);
    cargo.arg(&folder).env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", "");
    assert!(cargo.status().unwrap().success());
    let plain = inspect::image(&folder.join("debug/libfixture_plugin.so")).unwrap().manifest.unwrap();
    let asked = inspect::image(&Build::plugin().library()).unwrap().manifest.unwrap();
    assert_eq!(plain.builds, asked.builds);
    assert_eq!(plain.interfaces, asked.interfaces);
    assert_eq!(plain.plugins, asked.plugins);
}

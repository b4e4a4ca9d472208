//! Plugins and hosts that are built for another target than the machine that builds them: their records are those of the
//! target, and `plugbox check` judges them as the target's host would.

#[path = "command/run.rs"]
mod run;

use std::fmt::Write as _;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;
use harness::{Build, Cross, Linked, TARGET, repository, scratch, target_dir};
use plugbox_loader::inspect;

/// The compiler for a target. If there is none, this writes a message that is shown although the test passes.
#[allow(clippy::explicit_write, reason = "what `eprintln` writes is shown only if a test fails")]
fn or_skipped(target: &str, found: Result<Cross, String>) -> Option<Cross> {
    let skipped =
        |what: &String| stderr().write_all(format!("SKIPPED: the tests for {target}: {what}\n").as_bytes()).unwrap();
    found.inspect_err(skipped).ok()
}

fn aarch64() -> Option<Cross> {
    let target = "aarch64-unknown-linux-gnu";
    or_skipped(target, Cross::find(target, "aarch64-linux-gnu-gcc"))
}

fn windows() -> Option<Cross> {
    let target = "x86_64-pc-windows-gnu";
    or_skipped(target, Cross::find(target, "x86_64-w64-mingw32-gcc"))
}

/// For systems whose libraries are not at hand. What is linked for them can only be read.
fn only_linked(target: &str) -> Option<Cross> {
    or_skipped(target, Cross::with_own_linker(target))
}

fn plugin(cross: &Cross) -> PathBuf {
    Build::plugin().cross(cross).library()
}

fn host(cross: &Cross) -> PathBuf {
    Build::new("records-host").cross(cross).program("records-host")
}

/// The same plugin, and the same host, where they are only linked.
fn linked(cross: &Cross) -> [PathBuf; 2] {
    let plugin = ["fixture_plugin", "fixture_api", "fixture_deep", "fixture_mark", "plugbox"];
    let host = ["records_host", "fixture_api", "fixture_deep", "plugbox"];
    let (of_plugin, of_host) = (Build::plugin().cross(cross), Build::new("records-host").cross(cross));
    [
        cross.link(Linked::Library, "plugbox_entry_0", &of_plugin.rlibs(&plugin), &plugin, &[]),
        cross.link(Linked::Program, "records_host_begins", &of_host.rlibs(&host), &host, &[]),
    ]
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
fn record_their_target(cross: &Cross, [plugin, host]: &[PathBuf; 2], feature: &str) {
    for file in [plugin, host] {
        let manifest = inspect::image(file).unwrap().manifest.unwrap();
        assert_eq!(manifest.builds.len(), 1, "{}", file.display());
        let mut build = (*manifest.builds[0]).clone();
        assert!(build.features.iter().any(|known| known == feature), "{build:?}");
        // The compiler writes it with more words than cargo's build scripts see.
        assert!(!build.llvm.is_empty());
        (build.features, build.llvm) = Default::default();
        assert_eq!(build, expected(cross), "{}", file.display());
        assert!(manifest.interfaces.iter().any(|interface| interface.name == "fixture_api::Plugin"));
    }
    let manifest = inspect::image(plugin).unwrap().manifest.unwrap();
    assert_eq!(manifest.plugins[0].name, "fixture-plugin");
}

/// A plugin fits the host of its own target, and not the one of ours, and the reverse.
fn fit_each_other_alone(cross: &Cross, [plugin, host]: &[PathBuf; 2]) {
    assert_eq!(codes(host, plugin, 0), [""; 0]);
    let ours = Build::plugin().rustc(&cross.rustc).library();
    // Not for what it needs of its own system.
    assert_eq!(codes(&ours, plugin, 1), ["other-target", "target-differs"]);
    assert_eq!(codes(host, &ours, 1), ["other-target", "target-differs"]);
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
    let files = [plugin(&cross), host(&cross)];
    record_their_target(&cross, &files, "neon");
    fit_each_other_alone(&cross, &files);
}

#[test]
fn a_library_for_another_system_has_the_records_of_its_target() {
    let Some(cross) = windows() else { return };
    let files = [plugin(&cross), host(&cross)];
    record_their_target(&cross, &files, "sse2");
    fit_each_other_alone(&cross, &files);
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
fn are_read_only_in_pe(files: &[PathBuf; 2]) {
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        let header = bytes.windows(8).position(|name| name == b".plugbox").unwrap();
        let flags = u32::from_le_bytes(bytes[header + 36..header + 40].try_into().unwrap());
        let (data, read, write, execute) = (0x40, 0x4000_0000, 0x8000_0000, 0x2000_0000);
        assert_eq!(flags & (data | read | write | execute), data | read, "{}: {flags:x}", file.display());
    }
}

#[test]
fn records_are_read_only_on_windows() {
    let Some(cross) = windows() else { return };
    are_read_only_in_pe(&[plugin(&cross), host(&cross)]);
}

/// The linker removes what nobody refers to, as that of MSVC does (`/OPT:REF`).
#[test]
fn records_survive_the_linker_of_msvc_and_are_read_only() {
    let Some(cross) = only_linked("x86_64-pc-windows-msvc") else { return };
    let files = linked(&cross);
    record_their_target(&cross, &files, "sse2");
    fit_each_other_alone(&cross, &files);
    are_read_only_in_pe(&files);
    // A plugin of the other toolchain for the same system is not one for this host.
    if let Some(gnu) = windows() {
        assert_eq!(codes(&files[1], &plugin(&gnu), 1), ["target-differs"]);
        assert_eq!(codes(&host(&gnu), &files[0], 1), ["target-differs"]);
    }
}

/// The linker puts what is loaded by the first call of a function into a table of its own.
#[test]
fn what_a_plugin_for_windows_loads_later_is_needed_too() {
    let Some(cross) = only_linked("x86_64-pc-windows-msvc") else { return };
    let crates = ["fixture_plugin", "fixture_api", "fixture_deep", "fixture_mark", "plugbox"];
    let rlibs = Build::plugin().cross(&cross).rlibs(&crates);
    let [at_once, later] = ["at_once", "later"].map(|name| cross.import_library(name, name));
    let more = [at_once.to_str().unwrap(), later.to_str().unwrap(), "/INCLUDE:at_once", "/INCLUDE:later"];
    let more = [&more[..], &["/DELAYLOAD:later.dll"]].concat();
    let library = cross.link(Linked::Library, "plugbox_entry_0", &rlibs, &crates, &more);
    assert_eq!(inspect::linkage(&library).unwrap().needed, ["at_once.dll", "later.dll"]);
    let [_, host] = linked(&cross);
    assert_eq!(codes(&host, &library, 1), ["not-trusted", "not-trusted"]);
    let mut command = run::command(["check", "--as=fixture_api::Plugin", "--host"]);
    command.args([&host, &library]).args(["--allow-library=AT_ONCE.dll", "--allow-library=LATER.dll"]);
    run::Ended::of(&mut command).exits(0);
}

/// The linker removes what nobody refers to, as that of macOS does (`-dead_strip`).
#[test]
fn records_survive_the_linker_of_macos_and_are_read_only() {
    let Some(cross) = only_linked("aarch64-apple-darwin") else { return };
    let files = linked(&cross);
    record_their_target(&cross, &files, "neon");
    fit_each_other_alone(&cross, &files);
    for file in &files {
        // The header of a section has its name and that of its segment, 16 bytes each.
        let bytes = std::fs::read(file).unwrap();
        let name = bytes.windows(16).position(|name| name == b"__plugbox\0\0\0\0\0\0\0").unwrap();
        assert_eq!(&bytes[name + 16..name + 23], b"__TEXT\0", "{}", file.display());
    }
}

/// Collects refusals of plugins for macOS in `tests/messages-macos.txt`. `UPDATE_EXPECT=1` writes this file.
#[test]
fn refusals_for_macos_are_worded_for_its_users() {
    let Some(cross) = only_linked("aarch64-apple-darwin") else { return };
    let crates = ["fixture_plugin", "fixture_api", "fixture_deep", "fixture_mark", "plugbox"];
    let rlibs = Build::plugin().cross(&cross).rlibs(&crates);
    let needing = |name: &str| {
        let library = scratch("tbd").join("needed.tbd");
        let targets = "targets: [ arm64-macos ]";
        let text = format!("--- !tapi-tbd\ntbd-version: 4\n{targets}\ninstall-name: '{name}'\n...\n");
        std::fs::write(&library, text).unwrap();
        cross.link(Linked::Library, "plugbox_entry_0", &rlibs, &crates, &[library.to_str().unwrap()])
    };
    let [plugin, host] = linked(&cross);
    let cut = scratch("cut").join("fixture_plugin.dylib");
    let bytes = std::fs::read(&plugin).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() - 1000]).unwrap();
    // The processor is the second word: `CPU_TYPE_ARM64`, or `CPU_TYPE_X86_64`.
    let intel = scratch("intel").join("fixture_plugin.dylib");
    std::fs::write(&intel, [&bytes[..4], &0x0100_0007_u32.to_le_bytes(), &bytes[8..]].concat()).unwrap();
    let mut all = String::new();
    for (title, library, exit) in [
        ("what the system has", needing("/usr/lib/libSystem.B.dylib"), 0),
        ("a library beside the plugin", needing("@rpath/libpng16.16.dylib"), 1),
        ("a library where somebody may write", needing("/System/Volumes/Data/libpng16.16.dylib"), 1),
        ("std as a library", needing("@rpath/libstd-5d2f0a1e.dylib"), 1),
        ("a file that is still being copied", cut, 1),
        ("a plugin for Macs with Intel", intel, 1),
        ("a plugin for Linux", Build::plugin().rustc(&cross.rustc).library(), 1),
    ] {
        let arguments = ["check", "--as=fixture_api::Plugin", "--host"];
        let ended = run::Ended::of(run::command(arguments).arg(&host).arg(&library));
        let said = ended.exits(exit).stdout.replace(library.parent().unwrap().to_str().unwrap(), "plugins");
        let said = said.replace(&(bytes.len() - 1000).to_string(), "N");
        writeln!(all, "# {title}\n{}\n", said.trim_end()).unwrap();
    }
    expect_file!["messages-macos.txt"].assert_eq(&all);
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

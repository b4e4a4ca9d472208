//! Several builds of one plugin in a folder: the loader loads the fitting build with the highest version, and passes
//! over the other builds. A bad build is reported as a failure; a build for other hosts is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture_api::Plugin;
use harness::{Build, as_on_linux, codes, library_name, loader, patched, scratch};
use plugbox_loader::{Code, FileOutcome, LoadError, Loaded, Reason, Report};

/// The fixture, with a changed version.
fn version(build: &Build, version: &str) -> PathBuf {
    patched(&build.library(), b"\nversion 0.7.1\n", format!("\nversion {version}\n").as_bytes())
}

fn for_another_compiler(library: &Path) -> PathBuf {
    patched(library, b"\nrelease 1.", b"\nrelease 0.")
}

fn for_another_machine(library: &Path) -> PathBuf {
    let mut bytes = fs::read(library).unwrap();
    // The place of the machine in the header of an ELF file, or of a PE file, and another machine.
    let (at, this, other) = if cfg!(windows) {
        let header = usize::from(u16::from_le_bytes([bytes[0x3c], bytes[0x3d]]));
        (header + 4, 0x8664_u16, 0xaa64)
    } else if cfg!(target_arch = "x86_64") {
        (18, 62, 183)
    } else {
        (18, 183, 62)
    };
    assert_eq!(bytes[at..at + 2], this.to_le_bytes());
    bytes[at..at + 2].copy_from_slice(&u16::to_le_bytes(other));
    let path = scratch("machine").join("lib.so");
    fs::write(&path, bytes).unwrap();
    path
}

/// A folder that contains these libraries. The tests write their names as on Linux.
fn folder(libraries: &[(&str, &Path)]) -> PathBuf {
    let folder = scratch("builds");
    for (name, library) in libraries {
        fs::copy(library, folder.join(library_name(name))).unwrap();
    }
    folder
}

fn name(path: &Path) -> String {
    as_on_linux(path.file_name().unwrap().to_str().unwrap())
}

/// Loads a folder that contains these libraries.
fn report(libraries: &[(&str, &Path)]) -> Report<dyn Plugin> {
    let folder = folder(libraries);
    loader(&folder.join("any")).load_dir::<dyn Plugin>(&folder).unwrap()
}

/// Loads a folder that contains these libraries, after the command has said the same of it.
fn report_as_checked(libraries: &[(&str, &Path)]) -> Report<dyn Plugin> {
    let folder = folder(libraries);
    let report = loader(&folder.join("any")).load_dir::<dyn Plugin>(&folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugbox"));
    command.args(["check", "--format=json", "--as=fixture_api::Plugin", "--host"]);
    let output = command.arg(std::env::current_exe().unwrap()).arg(&folder).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let checked = lines.map(|line| {
        let codes: Vec<&str> =
            line["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        let path = |field: &serde_json::Value| name(Path::new(field.as_str().unwrap()));
        let outcome = match line["verdict"].as_str().unwrap() {
            "fits" => "loaded".to_owned(),
            "refused" => codes.join(" "),
            "passed-over" => format!("for {} {}", path(&line["chosen"]["file"]), codes.join(" ")),
            other => other.to_owned(),
        };
        (path(&line["file"]), outcome)
    });
    let join = |reasons: &[Reason]| reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(" ");
    let loaded = report.files().iter().map(|file| match file {
        FileOutcome::Loaded { path, .. } => (name(path), "loaded".to_owned()),
        FileOutcome::Failed(error) => (name(error.path().unwrap()), join(error.reasons())),
        FileOutcome::PassedOver(other) => {
            (name(&other.path), format!("for {} {}", name(&other.chosen), join(&other.reasons)))
        }
        FileOutcome::Foreign { path, .. } => (name(path), "not-a-plugin".to_owned()),
        other => unreachable!("{other:?}"),
    });
    assert_eq!(checked.collect::<Vec<_>>(), loaded.collect::<Vec<_>>());
    let refused = report.failures().count() > 0;
    assert_eq!(output.status.code(), Some(i32::from(refused)), "{}", String::from_utf8_lossy(&output.stderr));
    report
}

/// Checks the result for each file: `loaded`, the codes of a refusal, or the file that was chosen instead.
fn outcomes(report: &Report<dyn Plugin>) -> Vec<(String, String)> {
    let outcome = |file: &FileOutcome<dyn Plugin>| match file {
        FileOutcome::Loaded { path, .. } => (name(path), "loaded".to_owned()),
        FileOutcome::Failed(error) => (name(error.path().unwrap()), format!("{:?}", codes(error))),
        FileOutcome::PassedOver(passed_over) => {
            let codes: Vec<Code> = passed_over.reasons.iter().map(|reason| reason.code).collect();
            (name(&passed_over.path), format!("for {} {codes:?}", name(&passed_over.chosen)))
        }
        other => unreachable!("{other:?}"),
    };
    report.files().iter().map(outcome).collect()
}

fn expect(report: &Report<dyn Plugin>, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(file, outcome)| ((*file).to_owned(), (*outcome).to_owned())).collect();
    assert_eq!(outcomes(report), expected);
}

#[test]
fn the_fitting_build_with_the_highest_version_is_loaded() {
    let plugin = Build::plugin();
    let newest = version(&plugin, "0.9.9");
    let report = report_as_checked(&[
        ("liba-0.7.0.so", &version(&plugin, "0.7.0")),
        ("libb-other-compiler.so", &for_another_compiler(&newest)),
        ("libc-0.8.0.so", &version(&plugin, "0.8.0")),
        ("libd-other-machine.so", &for_another_machine(&newest)),
        ("libe-other-api.so", &version(&Build::plugin().api_version("2.0.0"), "0.9.9")),
        ("libf-0.7.9.so", &version(&plugin, "0.7.9")),
        // The same version of the API with a different interface: a mistake of the author.
        ("libg-drifted.so", &version(&Build::plugin().feature("drift-field"), "0.9.9")),
        ("libh-twins.so", &Build::new("fixture-twins").library()),
    ]);
    expect(
        &report,
        &[
            ("liba-0.7.0.so", "for libc-0.8.0.so []"),
            ("libb-other-compiler.so", "for libc-0.8.0.so [CompilerDiffers]"),
            ("libc-0.8.0.so", "loaded"),
            ("libd-other-machine.so", "for libc-0.8.0.so [OtherTarget]"),
            ("libe-other-api.so", "for libc-0.8.0.so [VersionNotAccepted]"),
            ("libf-0.7.9.so", "for libc-0.8.0.so []"),
            ("libg-drifted.so", "[InterfaceChanged]"),
            ("libh-twins.so", "loaded"),
        ],
    );
    assert_eq!(report.passed_over().count(), 5);
    assert_eq!(report.failures().count(), 1);
    let loaded: Vec<_> = report.loaded().map(|plugin| Loaded::info(plugin).version.to_string()).collect();
    assert_eq!(loaded[0], "0.8.0");
    let text = as_on_linux(&report.to_string());
    let lines = [
        "libc-0.8.0.so: fixture-plugin 0.7.0 is not the highest version that fits, or not the first file with that version",
        "libc-0.8.0.so: fixture-plugin 0.9.9 was built for other hosts: compiler-differs: rustc 0.",
        "libc-0.8.0.so: fixture-plugin 0.9.9 was built for other hosts: version-not-accepted: ",
    ];
    for line in lines {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

/// What editors, file systems and copying programs leave beside a library.
#[test]
fn hidden_files_are_no_libraries() {
    let library = Build::plugin().library();
    let (text, cut) = (scratch("hidden").join("text"), scratch("hidden").join("cut"));
    fs::write(&text, "\0\x05\x16\x07Mac OS X").unwrap();
    fs::write(&cut, &fs::read(&library).unwrap()[..9000]).unwrap();
    let hidden = [("._liba.so", &*text), (".#liba.so", &text), (".liba.so.Ab12.so", &cut), (".so", &cut)];
    let report = report(&[&[("liba.so", &*library)][..], &hidden].concat());
    expect(&report, &[("liba.so", "loaded")]);
}

#[test]
fn of_equal_builds_the_first_by_name_is_loaded() {
    let library = Build::plugin().library();
    let report = report_as_checked(&[("libb.so", &library), ("liba.so", &library)]);
    expect(&report, &[("liba.so", "loaded"), ("libb.so", "for liba.so []")]);
}

#[test]
fn of_equal_versions_the_one_for_the_newer_api_is_loaded() {
    let newer = Build::plugin().api_version("1.2.5").library();
    let report = report_as_checked(&[("liba.so", &Build::plugin().library()), ("libb.so", &newer)]);
    expect(&report, &[("liba.so", "for libb.so []"), ("libb.so", "loaded")]);
}

#[test]
fn builds_of_which_none_fits_are_failures() {
    let library = Build::plugin().library();
    let libraries = [("liba.so", &*for_another_compiler(&library)), ("libb.so", &*for_another_machine(&library))];
    let report = report_as_checked(&libraries);
    expect(&report, &[("liba.so", "[CompilerDiffers]"), ("libb.so", "[OtherTarget]")]);
}

#[test]
fn where_the_best_is_refused_when_it_is_bound_the_next_is_loaded() {
    let best = version(&Build::plugin().feature("early-allocation"), "0.7.9");
    let report = report(&[("liba.so", &Build::plugin().library()), ("libb.so", &best)]);
    expect(&report, &[("liba.so", "loaded"), ("libb.so", "[EarlyAllocation]")]);
}

#[test]
fn where_the_constructor_of_the_best_fails_no_older_one_is_taken_behind_the_hosts_back() {
    let best = version(&Build::plugin().feature("constructor-fails"), "0.7.9");
    let report = report(&[("liba.so", &Build::plugin().library()), ("libb.so", &best)]);
    expect(&report, &[("liba.so", "for libb.so []"), ("libb.so", "[]")]);
    assert!(matches!(report.failures().next(), Some(LoadError::Construct { .. })), "{report}");
}

/// Symbols have no versions on Windows.
#[cfg(unix)]
#[test]
fn a_build_for_a_later_c_library_is_passed_over_for_an_older_one() {
    let newest = patched(&version(&Build::plugin(), "0.9.9"), b"GLIBC_2.34\0", b"GLIBC_2.99\0");
    let both = report(&[("liba.so", &newest), ("libb.so", &Build::plugin().library())]);
    expect(&both, &[("liba.so", "for libb.so [LibcTooOld]"), ("libb.so", "loaded")]);
    expect(&report(&[("liba.so", &newest)]), &[("liba.so", "[LibcTooOld]")]);
}

//! Pins: a lock file says which bytes a library must have. The loader compares and maps the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fixture_api::Plugin;
use harness::{Build, as_on_linux, codes, library_name, scratch};
use plugbox_loader::{Code, Loaded, Loader, Pins, Trust};

fn text(said: impl AsRef<[u8]>) -> String {
    as_on_linux(&String::from_utf8_lossy(said.as_ref()))
}

/// A folder with one library.
fn folder() -> (PathBuf, PathBuf) {
    let folder = scratch("pins");
    let library = folder.join(library_name("libone.so"));
    fs::copy(Build::plugin().library(), &library).unwrap();
    (folder, library)
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugbox"));
    command.current_dir(folder).args(["check", "--host"]).arg(std::env::current_exe().unwrap());
    command.args(arguments.iter().map(|argument| library_name(argument)));
    command.output().unwrap()
}

fn trust(folder: &Path) -> Trust {
    // SAFETY: the test built the library in this folder.
    unsafe { Trust::directory(folder) }.unwrap().allow_group_writable()
}

fn pinned(folder: &Path) -> Trust {
    trust(folder).pinned_by(folder.join("plugbox.lock")).unwrap()
}

#[test]
fn what_is_pinned_loads_with_these_bytes_only() {
    let (folder, library) = folder();
    let output = check(&folder, &["--write-lock", "libone.so"]);
    assert!(output.status.success(), "{output:?}");
    let loader = Loader::new(pinned(&folder));
    assert!(Loaded::info(&loader.load_file::<dyn Plugin>(&library).unwrap()).pinned);
    // The new file fits, but its bytes differ.
    fs::copy(Build::plugin().feature("cosmetic").library(), &library).unwrap();
    let error = loader.load_file::<dyn Plugin>(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
    let reason = &error.reasons()[0];
    assert!(reason.at.ends_with("plugbox.lock"), "{error}");
    assert!(reason.host.starts_with("SHA-256 ") && reason.plugin.starts_with("SHA-256 "), "{error}");
    assert_ne!(reason.host, reason.plugin);
    // The operator checked the new file, and pinned it.
    assert!(check(&folder, &["--write-lock", "libone.so"]).status.success());
    assert!(Loaded::info(&Loader::new(pinned(&folder)).load_file::<dyn Plugin>(&library).unwrap()).pinned);
}

#[test]
fn what_has_no_pin_loads_visibly_unless_pins_are_enforced() {
    let (folder, library) = folder();
    fs::write(folder.join("plugbox.lock"), "").unwrap();
    for trust in [trust(&folder), pinned(&folder)] {
        let report = Loader::new(trust).load_dir::<dyn Plugin>(&folder).unwrap();
        assert!(text(report.to_string()).ends_with("libone.so: loaded fixture-plugin 0.7.1 (not pinned)"), "{report}");
        assert!(!Loaded::info(&report.into_loaded()[0]).pinned);
    }
    for trust in [trust(&folder).enforce_pins(), pinned(&folder).enforce_pins()] {
        let error = Loader::new(trust).load_file::<dyn Plugin>(&library).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        assert!(error.to_string().contains("the library has no pin"), "{error}");
    }
    assert!(check(&folder, &["--write-lock", "libone.so"]).status.success());
    let report = Loader::new(pinned(&folder).enforce_pins()).load_dir::<dyn Plugin>(&folder).unwrap();
    assert!(text(report.to_string()).ends_with("libone.so: loaded fixture-plugin 0.7.1"), "{report}");
}

#[cfg(unix)]
#[test]
fn the_lock_is_one_that_sha256sum_checks() {
    let (folder, _) = folder();
    fs::copy(Build::plugin().feature("cosmetic").library(), folder.join(library_name("a name with blanks.so")))
        .unwrap();
    assert!(check(&folder, &["--write-lock", "libone.so", "a name with blanks.so"]).status.success());
    let checked = Command::new("sha256sum").current_dir(&folder).args(["--check", "--strict", "plugbox.lock"]).output();
    let checked = checked.unwrap();
    assert!(checked.status.success(), "{checked:?}");
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "a name with blanks.so: OK\nlibone.so: OK\n");
}

#[test]
fn only_what_fits_is_pinned() {
    let (folder, _) = folder();
    fs::copy(Build::plugin().feature("drift-field").library(), folder.join(library_name("libdrifted.so"))).unwrap();
    let output = check(&folder, &["--write-lock=mine.lock", "libdrifted.so", "libone.so"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let pins = Pins::read(&folder.join("mine.lock")).unwrap();
    assert_eq!(pins.names().collect::<Vec<_>>(), [library_name("libone.so")]);
}

#[test]
fn what_lies_elsewhere_cannot_be_pinned() {
    let (folder, _) = folder();
    let elsewhere = Build::plugin().library();
    let output = check(&folder, &["--write-lock=plugbox.lock", elsewhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be pinned by"), "{output:?}");
    assert!(!folder.join("plugbox.lock").exists());
}

#[test]
fn a_lock_that_says_what_is_no_pin_is_an_error() {
    let (folder, _) = folder();
    let lock = folder.join("plugbox.lock");
    let hash = "0".repeat(64);
    for (text, expected) in [
        ("nonsense\n".to_owned(), "line 1: the line is not"),
        (format!("{hash}  a\n{}  b\n", &hash[1..]), "line 2: the line is not"),
        (format!("{hash}  ../a\n"), "points outside the lock's folder"),
        (format!("{hash}  /a\n"), "points outside the lock's folder"),
        (format!("{hash}  a\n{hash}  a\n"), "line 2: the name is pinned twice"),
    ] {
        fs::write(&lock, &text).unwrap();
        let error = trust(&folder).pinned_by(&lock).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn a_lock_that_others_may_write_to_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, library) = folder();
    let lock = folder.join("plugbox.lock");
    assert!(check(&folder, &["--write-lock", "libone.so"]).status.success());
    fs::set_permissions(&lock, fs::Permissions::from_mode(0o666)).unwrap();
    let error = Loader::new(pinned(&folder)).load_file::<dyn Plugin>(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
    assert_eq!(error.reasons()[0].at, lock.canonicalize().unwrap().display().to_string());
}

/// The command verifies a lock as a host that enforces it, for files and for a folder.
#[test]
fn the_command_verifies_a_lock() {
    let (folder, library) = folder();
    let others: [&[&str]; 2] = [&["--lock", "."], &["--lock", "libone.so"]];
    assert!(check(&folder, &["--write-lock", "."]).status.success());
    for arguments in others {
        let output = check(&folder, arguments);
        assert!(output.status.success(), "{output:?}");
        assert!(text(&output.stdout).contains("libone.so: fits as "), "{output:?}");
    }
    let loader = Loader::new(pinned(&folder).enforce_pins());
    assert!(loader.load_file::<dyn Plugin>(&library).is_ok());
    // Other bytes, and then no pin at all: the command has the loader's words.
    fs::copy(Build::plugin().feature("cosmetic").library(), &library).unwrap();
    for lock in [None, Some("")] {
        lock.into_iter().for_each(|text| fs::write(folder.join("plugbox.lock"), text).unwrap());
        let loader = Loader::new(pinned(&folder).enforce_pins());
        let error = text(loader.load_file::<dyn Plugin>(&library).unwrap_err().to_string());
        let (_, reasons) = error.split_once(": refused").unwrap();
        for arguments in others {
            let output = check(&folder, arguments);
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(text(&output.stdout).contains(reasons), "{}\n{error}", text(&output.stdout));
        }
        // Without the option, pins are not looked at.
        assert!(check(&folder, &["."]).status.success());
    }
}

#[test]
fn a_lock_that_pins_what_is_missing_or_that_cannot_be_read_is_an_error() {
    let (folder, library) = folder();
    fs::copy(&library, folder.join(library_name("libtwo.so"))).unwrap();
    assert!(check(&folder, &["--write-lock", "."]).status.success());
    fs::remove_file(folder.join(library_name("libtwo.so"))).unwrap();
    let output = check(&folder, &["--lock", "."]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("plugbox.lock: it pins libtwo.so, which is not there"), "{output:?}");
    for lock in ["--lock=missing.lock", "--lock=libone.so"] {
        let output = check(&folder, &[lock, "."]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    }
}

/// Of several builds, the one whose bytes are pinned is taken, as by a loader.
#[test]
fn of_several_builds_the_best_pinned_one_fits() {
    let (folder, _) = folder();
    assert!(check(&folder, &["--write-lock", "."]).status.success());
    let newer = harness::patched(&Build::plugin().library(), b"\nversion 0.7.1\n", b"\nversion 0.9.9\n");
    fs::copy(newer, folder.join(library_name("libnewer.so"))).unwrap();
    let output = check(&folder, &["--lock", "."]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("libnewer.so: refused\n  not-trusted") && stdout.contains("libone.so: fits as "),
        "{stdout}"
    );
    let report = Loader::new(pinned(&folder).enforce_pins()).load_dir::<dyn Plugin>(&folder).unwrap();
    assert_eq!((report.failures().count(), report.loaded().count()), (1, 1), "{report}");
}

//! For each code, one fixture that is refused with exactly this code. No code of a refused library runs, not even an
//! initializer.

use std::fs;
use std::path::{Path, PathBuf};

use boundary_api::Transform;
use fixture_api::{Nobody, Plugin};
use harness::{Build, TARGET, codes, in_child, lacking_feature, load, loader, patched, refused, scratch};
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};
use plugbox_loader::{Code, LoadError};

fn plugin() -> Build {
    Build::plugin().feature("initializer")
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = scratch("written").join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Loads a library that must be refused, in a process where its initializer would create a marker file.
fn never_runs(test: &str, library: &Path, code: Code) {
    never_runs_when(test, library, code, || refused(library));
}

/// Does the same with a custom way to load.
fn never_runs_when(test: &str, library: &Path, code: Code, load: impl FnOnce() -> LoadError) {
    let mark = scratch("mark").join("ran");
    let child = in_child(test, &[("FIXTURE_MARK", mark.to_str().unwrap())], || {
        let error = load();
        assert_eq!(codes(&error), [code], "{error}");
    });
    let Some(child) = child else { return };
    child.must_succeed();
    assert!(!mark.exists(), "code of the refused library has run");
    // The control: the initializer runs without the gate.
    let opened = harness::command(std::env::current_exe().unwrap())
        .args(["--exact", "control", "--ignored", "--nocapture"])
        .envs([("FIXTURE_MARK", mark.as_path()), ("FIXTURE_LIBRARY", library)])
        .output()
        .unwrap();
    assert!(opened.status.success(), "{opened:?}");
    assert!(mark.exists(), "the fixture proves nothing: its initializer does not run even without the gate");
}

#[test]
#[ignore = "opens a library without the gate; `never_runs` calls it"]
fn control() {
    let library = std::env::var_os("FIXTURE_LIBRARY").unwrap();
    // SAFETY: the fixture's initializer creates a file, and does nothing else.
    let opened = unsafe { libloading::Library::new(library) }.unwrap();
    std::mem::forget(opened);
}

#[test]
fn not_a_library() {
    for (name, bytes) in [("libtext.so", &b"#!/bin/sh\necho no\n"[..]), ("libempty.so", b""), ("libzeros.so", &[0; 64])]
    {
        let error = refused(&written(name, bytes));
        assert_eq!(codes(&error), [Code::NotALibrary], "{error}");
    }
}

#[test]
fn not_whole() {
    // Stripped, because the end of an unstripped library is debug information, which is not mapped.
    let whole = fs::read(plugin().stripped().library()).unwrap();
    for share in [1, 3, 5, 20, 40, 60, 80, 95] {
        let cut = written("libcut.so", &whole[..whole.len() * share / 100]);
        let error = refused(&cut);
        assert_eq!(codes(&error), [Code::NotWhole], "{share} %: {error}");
    }
}

#[test]
fn other_target() {
    // The machine's number in the ELF header: 62 is x86-64, 183 is AArch64.
    let mut bytes = fs::read(plugin().library()).unwrap();
    bytes[18] = if bytes[18] == 62 { 183 } else { 62 };
    let error = refused(&written("libother.so", &bytes));
    assert_eq!(codes(&error), [Code::OtherTarget], "{error}");
}

#[test]
fn no_manifest() {
    never_runs("no_manifest", &Build::new("fixture-foreign").library(), Code::NoManifest);
}

#[test]
fn no_plugin() {
    // A host that is itself a library: it has build and interface records.
    never_runs("no_plugin", &Build::new("fixture-cdylib-host").library(), Code::NoPlugin);
}

#[test]
fn contract_differs() {
    let library = patched(&plugin().library(), b"contract 1\n", b"contract 7\n");
    never_runs("contract_differs", &library, Code::ContractDiffers);
}

#[test]
fn compiler_differs() {
    let library = patched(&plugin().library(), b"\nrelease 1.", b"\nrelease 0.");
    never_runs("compiler_differs", &library, Code::CompilerDiffers);
}

#[test]
fn target_differs() {
    let library = patched(&plugin().library(), b"-gnu\nfeatures", b"-gnx\nfeatures");
    never_runs("target_differs", &library, Code::TargetDiffers);
}

#[test]
fn panic_differs() {
    let library = plugin().config("profile.dev.panic=\"abort\"").library();
    never_runs("panic_differs", &library, Code::PanicDiffers);
}

#[test]
fn flags_differ() {
    // For the last crate only: build scripts do not see the flag, and no type of the interface is shuffled.
    let library = plugin().last_crate_flag("-Zrandomize-layout").env("RUSTC_BOOTSTRAP", "1").library();
    never_runs("flags_differ", &library, Code::FlagsDiffer);
}

#[test]
fn a_shared_std_is_refused_whether_or_not_the_flag_was_seen() {
    // A plugin with a shared std does not use the host's allocator. If the host uses the same std, both also share the
    // panic hook.
    let seen = plugin().flag("-Cprefer-dynamic").library();
    never_runs("a_shared_std_is_refused_whether_or_not_the_flag_was_seen", &seen, Code::FlagsDiffer);
    let unseen = Build::plugin().last_crate_flag("-Cprefer-dynamic").library();
    let flags = |library: &Path| inspect::image(library).unwrap().manifest.unwrap().builds[0].flags.clone();
    assert_eq!((flags(&seen), flags(&unseen)), (vec!["prefer-dynamic".to_owned()], vec![]));
    let error = refused(&unseen);
    assert_eq!(codes(&error), [Code::FlagsDiffer], "{error}");
}

/// The records do not show a shared std, and the library does not even need `libstd`: a vendor ships a `dylib` that
/// contains std under a different name, and the host allows that name.
#[test]
fn a_shared_std_of_another_name_is_refused_when_it_is_mapped() {
    let shared = Build::plugin().last_crate_flag("-Cprefer-dynamic").last_crate_flag("-Clink-arg=-Wl,-rpath,$ORIGIN");
    let library = patched(&shared.library(), b"libstd-", b"libour-");
    let needed = inspect::linkage(&library).unwrap().needed;
    let name = needed.iter().find(|name| name.starts_with("libour-")).expect("the library needs a shared std");
    let std = harness::compiler().args(["--print", "target-libdir", "--target", TARGET]).output().unwrap();
    let std = Path::new(String::from_utf8(std.stdout).unwrap().trim()).join(name.replace("libour-", "libstd-"));
    fs::copy(std, library.with_file_name(name)).unwrap();
    let error = loader(&library).allow_library(name).load_file::<dyn Plugin>(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::FlagsDiffer], "{error}");
    assert_eq!(error.reasons()[0].host, "a plugin with its own copy of std");
}

#[test]
fn a_library_that_does_not_say_who_built_it_is_refused() {
    // Gives the build record an unknown kind.
    let record = [&b"\x01\x01\0\0plugbox\0contract 1\nplugbox "[..], env!("CARGO_PKG_VERSION").as_bytes()].concat();
    let mut unknown = record.clone();
    unknown[1] = 0x7f;
    let error = refused(&patched(&plugin().library(), &record, &unknown));
    assert_eq!(codes(&error), [Code::NotWhole], "{error}");
}

#[test]
fn cpu_lacks() {
    let Some(feature) = lacking_feature() else {
        eprintln!("SKIPPED: this processor has every feature that the test knows of");
        return;
    };
    let library = plugin().flag(&format!("-Ctarget-feature=+{feature}")).library();
    never_runs("cpu_lacks", &library, Code::CpuLacks);
    // Also if only the last crate has the features.
    let library = Build::plugin().last_crate_flag(&format!("-Ctarget-feature=+{feature}")).library();
    assert_eq!(codes(&refused(&library)), [Code::CpuLacks]);
}

/// The system does not open the library either (`tests/linkage.rs`), so nothing can show that it has an initializer.
#[test]
fn libc_too_old() {
    let error = refused(&patched(&plugin().library(), b"GLIBC_2.34\0", b"GLIBC_2.99\0"));
    assert_eq!(codes(&error), [Code::LibcTooOld], "{error}");
}

#[test]
fn executable_stack() {
    let library = plugin().last_crate_flag("-Clink-arg=-Wl,-z,execstack").library();
    never_runs("executable_stack", &library, Code::ExecutableStack);
}

#[test]
fn interface_missing() {
    let library = plugin().library();
    let wants_another = || loader(&library).load_file::<dyn Nobody>(&library).unwrap_err();
    never_runs_when("interface_missing", &library, Code::InterfaceMissing, wants_another);
}

#[test]
fn a_host_that_does_not_know_the_interface_accepts_nothing() {
    let library = inspect::image(&plugin().library());
    let mut host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    host.manifest.interfaces.clear();
    let requirements = Requirements::for_interfaces(["fixture_api::Plugin"]);
    for requirements in [requirements, Requirements::default()] {
        let verdict = judge(&host, library.as_ref(), &requirements);
        let codes: Vec<Code> = verdict.reasons().iter().map(|reason| reason.code).collect();
        assert_eq!(codes, [Code::InterfaceMissing]);
    }
}

#[test]
fn version_not_accepted() {
    never_runs("version_not_accepted", &plugin().api_version("2.0.0").library(), Code::VersionNotAccepted);
}

#[test]
fn interface_changed() {
    never_runs("interface_changed", &plugin().feature("drift-field").library(), Code::InterfaceChanged);
}

#[test]
fn boundary_differs() {
    let library = Build::other_bytes().library();
    let load = || loader(&library).load_file::<dyn Transform>(&library).unwrap_err();
    never_runs_when("boundary_differs", &library, Code::BoundaryDiffers, load);
}

#[test]
fn not_trusted() {
    let library = plugin().library();
    let elsewhere = loader(&scratch("elsewhere").join("lib.so"));
    let load = || elsewhere.load_file::<dyn Plugin>(&library).unwrap_err();
    never_runs_when("not_trusted", &library, Code::NotTrusted, load);
}

#[test]
fn early_allocation() {
    let error = refused(&Build::plugin().feature("early-allocation").library());
    assert_eq!(codes(&error), [Code::EarlyAllocation], "{error}");
    // Memory that was freed before the library was bound does no harm.
    assert!(load(&Build::plugin().feature("early-and-freed").library()).is_ok());
}

#[test]
fn probe_differs() {
    let error = refused(&Build::plugin().feature("other-probe").library());
    assert_eq!(codes(&error), [Code::ProbeDiffers], "{error}");
}

#[test]
fn all_reasons_at_once() {
    let built = plugin().feature("drift-field").api_version("2.0.0").config("profile.dev.panic=\"abort\"").library();
    let library = patched(&built, b"\nrelease 1.", b"\nrelease 0.");
    let error = refused(&library);
    let expected = [Code::CompilerDiffers, Code::VersionNotAccepted, Code::PanicDiffers, Code::InterfaceChanged];
    assert_eq!(codes(&error), expected, "{error}");
}

#[test]
fn a_message_names_the_file_both_sides_and_the_cure() {
    let library = plugin().feature("drift-field").library();
    let LoadError::Refused(refused) = refused(&library) else { panic!("the error is not a refusal") };
    let text = refused.to_string();
    for part in [library.to_str().unwrap(), "interface-changed", "plugin:", "host:", "why:", "fix:"] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
}

#[test]
fn every_code_has_a_test_of_its_name() {
    let source = include_str!("refusals.rs");
    for code in Code::ALL {
        assert!(source.contains(&format!("fn {}()", code.as_str().replace('-', "_"))), "no test is named after {code}");
    }
}

//! A plugin from a different compiler is refused before any of its code runs. A distribution's name for its build does
//! not make the compiler different.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use fixture_api::Plugin;
use harness::{
    Build, Child, build_programs, codes, in_child, refused, repository, scratch, second_compilers, target_dir,
};
use plugbox_loader::Code;
use plugbox_loader::inspect::{self, Build as Identity, HostProfile, Requirements, Verdict, judge};

/// The verdict on the fixture for a host from a different compiler.
fn verdict_of_host(change: impl FnOnce(&mut Identity)) -> Verdict {
    let mut host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    change(Arc::make_mut(&mut host.manifest.builds[0]));
    let library = inspect::image(&Build::plugin().library());
    judge(&host, library.as_ref(), &Requirements::default())
}

fn codes_of(verdict: &Verdict) -> Vec<Code> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn the_same_compiler_fits() {
    assert_eq!(verdict_of_host(|_| {}), Verdict::Fits);
}

#[test]
fn another_release_is_refused() {
    let verdict = verdict_of_host(|host| host.release = "1.94.0".to_owned());
    assert_eq!(codes_of(&verdict), [Code::CompilerDiffers]);
    assert!(verdict.reasons()[0].remedy.contains("rustup run 1.94.0 cargo build"), "{verdict:?}");
}

#[test]
fn a_nightly_is_named_as_rustup_names_it() {
    for (commit_date, toolchain) in [("2026-05-19", "nightly-2026-05-20"), ("2027-12-31", "nightly-2028-01-01")] {
        let verdict = verdict_of_host(|host| {
            host.release = "1.97.0-nightly".to_owned();
            host.date = commit_date.to_owned();
        });
        let remedy = &verdict.reasons()[0].remedy;
        assert!(remedy.ends_with(&format!("rustup run {toolchain} cargo build --release")), "{remedy}");
    }
}

#[test]
fn another_commit_of_one_release_is_refused() {
    let verdict = verdict_of_host(|host| host.commit = "0123456789abcdef0123456789abcdef01234567".to_owned());
    assert_eq!(codes_of(&verdict), [Code::CompilerDiffers]);
    assert!(verdict.reasons()[0].host.contains("012345678 "), "{verdict:?}");
}

#[test]
fn a_distributions_suffix_and_llvm_are_not_another_compiler() {
    let verdict = verdict_of_host(|host| {
        host.rustc.push_str(" (built from a source tarball)");
        host.llvm = "19.1".to_owned();
    });
    assert_eq!(verdict, Verdict::Fits);
}

#[test]
fn two_unknown_commits_prove_nothing_unless_all_else_is_equal() {
    let library = inspect::image(&Build::plugin().library()).unwrap();
    let judged = |llvm: &str| {
        let mut host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
        let mut library = library.clone();
        let ours = Arc::make_mut(&mut host.manifest.builds[0]);
        ours.commit = "unknown".to_owned();
        ours.llvm = llvm.to_owned();
        let theirs = Arc::make_mut(&mut library.manifest.as_mut().unwrap().builds[0]);
        theirs.commit = "unknown".to_owned();
        theirs.llvm = "22.1".to_owned();
        codes_of(&judge(&host, Ok(&library), &Requirements::default()))
    };
    assert_eq!(judged("22.1"), []);
    assert_eq!(judged("19.1"), [Code::CompilerDiffers]);
}

/// The other compilers. If there are none, this prints a message.
fn others() -> Vec<PathBuf> {
    let compilers = second_compilers();
    if compilers.is_empty() {
        eprintln!("SKIPPED: no second compiler was found; name one in PLUGBOX_OTHER_RUSTC");
    }
    compilers
}

#[test]
fn real_plugins_of_other_compilers_are_refused_and_never_run() {
    let libraries: Vec<_> =
        others().iter().map(|rustc| Build::plugin().feature("initializer").rustc(rustc).library()).collect();
    let mark = scratch("mark").join("ran");
    let child = in_child(
        "real_plugins_of_other_compilers_are_refused_and_never_run",
        &[("FIXTURE_MARK", mark.to_str().unwrap())],
        || {
            for library in &libraries {
                let error = refused(library);
                assert_eq!(codes(&error).first(), Some(&Code::CompilerDiffers), "{error}");
            }
        },
    );
    if let Some(child) = child {
        child.must_succeed();
        assert!(!mark.exists(), "code of a refused plugin has run");
    }
}

/// The compilers take turns: the plugin above is built by all of them.
#[test]
fn every_other_fixture_of_other_compilers_is_refused_for_that_reason() {
    let packages = [
        "boundary",
        "calculator",
        "contract",
        "copies",
        "crossing",
        "fixture-linked-export",
        "fixture-twins",
        "journal",
        "memory",
        "registers",
    ];
    for (package, rustc) in packages.iter().zip(others().iter().cycle()) {
        let error = refused(&Build::new(package).rustc(rustc).library());
        assert_eq!(codes(&error).first(), Some(&Code::CompilerDiffers), "{package}: {error}");
    }
}

#[test]
fn the_sample_plugins_of_other_compilers_are_refused_by_their_hosts() {
    let compilers = others();
    if compilers.is_empty() {
        return;
    }
    assert!(build_programs(&["--bin", "edit", "--bin", "hello-host"]).env_remove("RUSTC").status().unwrap().success());
    let target = target_dir().join("other-compilers");
    let samples = [("edit", &["abbrev", "count", "lines", "shout", "tidy", "toc"][..]), ("hello-host", &["hello"])];
    // The compilers take turns.
    for ((host, plugins), rustc) in samples.into_iter().zip(compilers.iter().cycle()) {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(repository()).env_remove("CARGO_BUILD_TARGET_DIR").env_remove("RUSTUP_TOOLCHAIN");
        cargo.env("RUSTC", rustc).args(["build", "--target-dir"]).arg(&target);
        assert!(cargo.args(plugins.iter().flat_map(|plugin| ["-p", plugin])).status().unwrap().success());
        let folder = scratch("samples");
        for plugin in plugins {
            let library = format!("lib{plugin}.so");
            fs::copy(target.join("debug").join(&library), folder.join(library)).unwrap();
        }
        let mut run = Command::new(target_dir().join("debug").join(host));
        match host {
            "edit" => run.arg("--plugins").arg(&folder).args(["--print", "README.md"]),
            _ => run.arg(&folder),
        };
        let child = Child::new(&run.current_dir(repository()).output().unwrap());
        let said = format!("{}{}", child.stdout, child.stderr);
        assert_eq!(said.matches("refused\n  compiler-differs\n").count(), plugins.len(), "{host}: {said}");
    }
}

//! A randomized layout is refused on either side and on both sides, even if the build script could not see the flag.

use fixture_api::Plugin;
use harness::{Build, codes, load, patched, refused};
use plugbox_loader::Code;
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};

fn randomized(seed: u64) -> Build {
    Build::plugin().flag("-Zrandomize-layout").flag(&format!("-Zlayout-seed={seed}")).env("RUSTC_BOOTSTRAP", "1")
}

#[test]
fn a_plugin_with_shuffled_layouts_is_refused_whatever_the_seed() {
    for seed in [1, 2] {
        let error = refused(&randomized(seed).library());
        assert!(codes(&error).contains(&Code::FlagsDiffer), "{error}");
        assert!(error.to_string().contains("plugin: randomized layouts"), "{error}");
    }
}

#[test]
fn it_is_refused_also_when_the_flags_in_its_record_are_blanked() {
    let flags = b"flags layout-seed,randomize-layout\n";
    let blank = b"flags                             \n";
    let error = refused(&patched(&randomized(1).library(), flags, blank));
    assert!(codes(&error).contains(&Code::FlagsDiffer), "{error}");
}

#[test]
fn it_is_refused_also_when_only_the_last_crate_is_shuffled() {
    let library = Build::plugin().last_crate_flag("-Zrandomize-layout").env("RUSTC_BOOTSTRAP", "1").library();
    assert_eq!(codes(&refused(&library)), [Code::FlagsDiffer]);
}

#[test]
fn two_sides_of_one_seed_are_refused_too() {
    // Without a seed, the shuffle depends on the crate's metadata. So equal flags do not imply equal layouts.
    let library = inspect::image(&randomized(1).library()).unwrap();
    let mut host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    host.manifest = library.manifest.clone().unwrap();
    let verdict = judge(&host, Ok(&library), &Requirements::default());
    assert_eq!(verdict.reasons().iter().map(|reason| reason.code).collect::<Vec<_>>(), [Code::FlagsDiffer]);
}

#[test]
fn the_same_bootstrap_build_without_the_flag_works() {
    // The control: the refusal depends on the flag, not on `RUSTC_BOOTSTRAP`.
    assert!(load(&Build::plugin().env("RUSTC_BOOTSTRAP", "1").library()).is_ok());
}

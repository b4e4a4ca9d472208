//! The gate compares the API's version by Cargo's rules, from host to plugin and from plugin to host. It always
//! compares the fingerprint, too.

use std::sync::Arc;

use fixture_api::Plugin;
use harness::{Build, codes, load, loader, refused};
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};
use plugbox_loader::{Code, Loaded};
use semver::{Version, VersionReq};

/// The codes of a host and a plugin that were built against different versions of the API, with the same interface.
fn judged(host_version: &str, plugin_version: &str, requirements: &Requirements) -> Vec<Code> {
    let mut host = HostProfile::of_this_process::<dyn Plugin>().unwrap();
    for interface in &mut host.manifest.interfaces {
        Arc::make_mut(interface).version = Version::parse(host_version).unwrap();
    }
    let mut library = inspect::image(&Build::plugin().library()).unwrap();
    let plugin = Arc::make_mut(&mut library.manifest.as_mut().unwrap().plugins[0]);
    plugin.interfaces[0].version = Version::parse(plugin_version).unwrap();
    judge(&host, Ok(&library), requirements).reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn an_older_plugin_runs_in_a_newer_host() {
    assert_eq!(judged("1.3.0", "1.2.4", &Requirements::default()), []);
}

#[test]
fn a_newer_plugin_runs_in_an_older_host_if_the_interface_is_the_same() {
    assert_eq!(judged("1.2.4", "1.2.5", &Requirements::default()), []);
    assert_eq!(judged("1.2.4", "1.9.0", &Requirements::default()), []);
}

#[test]
fn another_major_version_is_refused_in_both_directions() {
    assert_eq!(judged("2.0.0", "1.2.4", &Requirements::default()), [Code::VersionNotAccepted]);
    assert_eq!(judged("1.2.4", "2.0.0", &Requirements::default()), [Code::VersionNotAccepted]);
}

#[test]
fn before_one_the_minor_version_counts() {
    assert_eq!(judged("0.3.1", "0.3.9", &Requirements::default()), []);
    assert_eq!(judged("0.4.0", "0.3.9", &Requirements::default()), [Code::VersionNotAccepted]);
}

#[test]
fn a_host_may_take_fewer_versions() {
    let requirements = Requirements::new().require_versions(VersionReq::parse(">=1.2.5").unwrap());
    assert_eq!(judged("1.3.0", "1.2.4", &requirements), [Code::VersionNotAccepted]);
    assert_eq!(judged("1.3.0", "1.2.5", &requirements), []);
}

#[test]
fn a_real_plugin_of_a_compatible_version_works() {
    for version in ["1.2.5", "1.0.0"] {
        let plugin = load(&Build::plugin().api_version(version).library()).unwrap();
        assert_eq!(plugin.split("a b"), ["a", "b"]);
        assert_eq!(Loaded::info(&plugin).interface.version, Version::parse(version).unwrap());
    }
}

#[test]
fn a_real_plugin_of_another_major_version_is_refused() {
    let error = refused(&Build::plugin().api_version("2.0.0").library());
    assert_eq!(codes(&error), [Code::VersionNotAccepted]);
    assert_eq!((&*error.reasons()[0].host, &*error.reasons()[0].plugin), ("fixture_api 1.2.4", "fixture_api 2.0.0"));
}

#[test]
fn a_loader_takes_fewer_versions_if_it_is_told_to() {
    let library = Build::plugin().library();
    let narrow = loader(&library).require_versions(VersionReq::parse("^1.3").unwrap());
    let error = narrow.load_file::<dyn Plugin>(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::VersionNotAccepted]);
    assert!(error.to_string().contains("fixture_api 1.2.4 (and accepts only ^1.3)"), "{error}");
}

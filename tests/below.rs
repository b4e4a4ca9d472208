//! Versions of interfaces below: if an interface reaches an interface of a different crate, the versions of that crate
//! must be compatible, even if the interfaces are equal.

use std::sync::Arc;

use above_api::{Clock, Plain, Plugin};
use below_api::Callback;
use harness::{Build, codes, loader};
use plugbox_loader::{Code, LoadError, Loaded};

/// The plugin, built with a different version of the crate below.
fn with(version: &str) -> Build {
    let version = format!("version = \"{version}\"");
    Build::new("above").folder(&format!("below-{}", &version[11..version.len() - 1])).edit(
        "below-api/Cargo.toml",
        "version = \"1.0.0\"",
        &version,
    )
}

fn load(build: &Build) -> Result<Loaded<dyn Plugin>, LoadError> {
    let library = build.library();
    loader(&library).load_file::<dyn Plugin>(&library)
}

/// Loads the plugin as the interface that reaches nothing, in a host with a clock.
fn plain(build: &Build) -> Loaded<dyn Plain> {
    let library = build.library();
    loader(&library).service::<dyn Clock>(Arc::new(Seven)).load_file::<dyn Plain>(&library).unwrap()
}

struct Seven;

impl Callback for Seven {
    fn call(&self) -> u32 {
        7
    }
}

impl Clock for Seven {
    fn tell(&self, callback: &dyn Callback) -> u32 {
        callback.call()
    }
}

#[test]
fn a_compatible_version_below_fits_in_all_ways() {
    for build in [Build::new("above"), with("1.0.1"), with("1.4.0")] {
        assert_eq!(load(&build).unwrap().ask(Box::new(Seven)), 7);
        let plain = plain(&build);
        assert!(plain.has_clock());
        assert_eq!(Loaded::get::<dyn Plugin>(&plain).unwrap().ask(Box::new(Seven)), 7);
    }
}

#[test]
fn another_version_below_is_refused_with_the_one_that_fits() {
    let error = load(&with("2.0.0")).unwrap_err();
    assert_eq!(codes(&error), [Code::VersionNotAccepted], "{error}");
    let reason = &error.reasons()[0];
    assert_eq!(
        [&*reason.at, &reason.host, &reason.plugin],
        ["below_api::Callback", "below_api 1.0.0", "below_api 2.0.0"]
    );
    assert_eq!(reason.remedy, "build the plugin against `below_api` 1.0.0, like the host's `above_api` 1.0.0");
}

#[test]
fn another_version_below_is_no_face_and_no_service() {
    let mut plain = plain(&with("2.0.0"));
    assert!(!plain.has_clock());
    assert!(Loaded::get::<dyn Plugin>(&plain).is_none() && Loaded::get_mut::<dyn Plugin>(&mut plain).is_none());
}

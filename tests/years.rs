//! An API in its third year: a host takes the plugins of all three years. It refuses other plugins, and names the
//! versions that it takes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use harness::{Child, build_packages, build_programs, codes, loader, scratch, target_dir};
use plugbox_loader::inspect::{self, HostProfile, Requirements, judge};
use plugbox_loader::{Code, Loaded, Loader};

const PLUGINS: [&str; 5] = ["shout", "tidy", "quote", "number", "count"];

/// A folder with the example's plugins and host.
fn built() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let target = target_dir();
        assert!(build_programs(&["--bin", "years-host"]).status().unwrap().success());
        let packages = PLUGINS.map(|plugin| format!("years-{plugin}"));
        assert!(build_packages(&packages.each_ref().map(String::as_str)).status().unwrap().success());
        let folder = scratch("years");
        let libraries = PLUGINS.map(|plugin| format!("libyears_{plugin}.so"));
        for file in libraries.into_iter().chain(["years-host".to_owned()]) {
            fs::copy(target.join("debug").join(&file), folder.join(file)).unwrap();
        }
        folder
    };
    BUILT.get_or_init(build).clone()
}

fn library(plugin: &str) -> PathBuf {
    built().join(format!("libyears_{plugin}.so"))
}

fn run() -> Child {
    let output = Command::new(built().join("years-host")).arg(built()).output().unwrap();
    Child::new(&output)
}

/// A host of the second year, which also takes plugins of the first year.
fn second_year() -> Loader {
    struct Adapted(Loaded<dyn v1::Plugin>);
    impl v2::Plugin for Adapted {
        fn apply(&self, line: &str) -> Option<String> {
            Some(self.0.apply(line))
        }
    }
    loader(&library("quote")).adapt::<dyn v1::Plugin, dyn v2::Plugin>(|old| Box::new(Adapted(old)))
}

#[test]
fn the_chapter_shows_the_files_and_what_they_print() {
    harness::shows("docs/years.md", |_| {
        let child = run();
        child.must_succeed();
        assert_eq!(child.stderr, "");
        child.stdout
    });
}

#[test]
fn a_plugin_of_an_earlier_year_is_wrapped_and_one_of_this_year_is_not() {
    let shout = second_year().load_file::<dyn v2::Plugin>(library("shout")).unwrap();
    assert_eq!(shout.apply("a").as_deref(), Some("A"));
    assert_eq!(Loaded::info(&shout).interface.version.to_string(), "1.0.0");
    // The object is the host's adapter, so the plugin's own interface is not available.
    assert!(Loaded::get::<dyn v1::Plugin>(&shout).is_none());

    let tidy = second_year().load_file::<dyn v2::Plugin>(library("tidy")).unwrap();
    assert_eq!(tidy.apply(" "), None);
    assert!(Loaded::get::<dyn v2::Plugin>(&tidy).is_some());
}

#[test]
fn a_plugin_of_two_years_is_had_in_either() {
    let quote = second_year().load_file::<dyn v2::Plugin>(library("quote")).unwrap();
    assert_eq!(quote.apply("a").as_deref(), Some("> a"));
    assert_eq!(Loaded::info(&quote).interface.version.to_string(), "2.0.0");
    let line = v3::Line { number: 1, text: "b".to_owned() };
    assert_eq!(Loaded::get::<dyn v3::Plugin>(&quote).unwrap().apply(&line).unwrap(), ["> b"]);

    let quote = loader(&library("quote")).load_file::<dyn v3::Plugin>(library("quote")).unwrap();
    assert_eq!(Loaded::info(&quote).interface.version.to_string(), "3.0.0");
}

#[test]
fn a_plugin_of_two_years_fits_a_host_that_asks_for_nothing_special() {
    let host = HostProfile::of_this_process::<dyn v2::Plugin>().unwrap();
    let verdict = judge(&host, inspect::image(&library("quote")).as_ref(), &Requirements::default());
    assert_eq!(verdict.reasons(), []);
}

#[test]
fn a_plugin_that_fits_no_year_of_the_host_is_told_which_there_are() {
    let error = second_year().load_file::<dyn v2::Plugin>(library("number")).unwrap_err();
    assert_eq!(codes(&error)[0], Code::VersionNotAccepted);
    let reason = &error.reasons()[0];
    assert_eq!((&*reason.plugin, &*reason.host), ("years_api 3.0.0", "years_api 2.0.0 or 1.0.0"));
    assert!(reason.remedy.contains("build the plugin against `years_api` 2.0.0"), "{error}");
}

#[test]
fn without_the_adapter_an_earlier_plugin_is_refused() {
    let error = loader(&library("shout")).load_file::<dyn v2::Plugin>(library("shout")).unwrap_err();
    assert_eq!(codes(&error)[0], Code::VersionNotAccepted, "{error}");
}

#[test]
fn versions_that_the_host_leaves_out_stay_left_out_of_its_adapters() {
    let loader = second_year().require_versions(">=2".parse().unwrap());
    assert!(loader.load_file::<dyn v2::Plugin>(library("tidy")).is_ok());
    let error = loader.load_file::<dyn v2::Plugin>(library("shout")).unwrap_err();
    assert_eq!(codes(&error)[0], Code::VersionNotAccepted, "{error}");
}

#[test]
fn a_panic_of_an_adapter_is_the_hosts_own() {
    let loader = loader(&library("shout")).adapt::<dyn v1::Plugin, dyn v2::Plugin>(|old| {
        struct Adapted(Loaded<dyn v1::Plugin>);
        impl v2::Plugin for Adapted {
            fn apply(&self, line: &str) -> Option<String> {
                assert!(line != "host", "the adapter's own");
                Some(self.0.apply(line))
            }
        }
        Box::new(Adapted(old))
    });
    let shout = loader.load_file::<dyn v2::Plugin>(library("shout")).unwrap();
    let own =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Loaded::call(&shout, |plugin| plugin.apply("host"))));
    assert!(own.is_err(), "a panic of the adapter must pass through");
    assert_eq!(Loaded::poison(&shout), None);
}

//! What is no error, and probably a mistake: the host's author learns of it from the report and from a `tracing` event.

use std::fs;
use std::path::{Path, PathBuf};

use fixture_api::{Commands, Plugin};
use harness::{Build, load, loader, logged, patched, scratch};
use plugbox_loader::{Loader, Report, Warning};
use tracing::Level;

/// A folder with the fixture, and a build of it of another name that is refused.
fn folder() -> PathBuf {
    let folder = scratch("warnings");
    let library = Build::plugin().library();
    fs::copy(&library, folder.join("libgood.so")).unwrap();
    let other = patched(&library, b"\nname fixture-plugin\n", b"\nname refused-plugin\n");
    fs::copy(patched(&other, b"\nrelease 1.", b"\nrelease 0."), folder.join("librefused.so")).unwrap();
    folder
}

fn in_folder(folder: &Path, set: impl FnOnce(Loader) -> Loader) -> Report<dyn Plugin> {
    set(loader(&folder.join("any"))).load_dir::<dyn Plugin>(folder).unwrap()
}

#[test]
fn a_configured_name_that_no_plugin_has_is_told() {
    let folder = folder();
    let set = |loader: Loader| loader.configure("fixture-plugin", "a").configure("fixture_plugin", "b");
    let (report, logged) = logged(Level::WARN, || in_folder(&folder, set));
    let expected = format!(
        "{}: `fixture_plugin` is configured, but no library here has a plugin of this name; they have fixture-plugin, \
         refused-plugin",
        folder.display()
    );
    let warnings: Vec<String> = report.warnings().iter().map(Warning::to_string).collect();
    assert_eq!(warnings, [&*expected]);
    assert!(report.to_string().ends_with(&format!("\n{expected}")), "{report}");
    assert!(logged.contains(&expected), "{logged}");
    assert_eq!(report.loaded().count(), 1);
}

/// A plugin that is refused, passed over or there for another interface is no typo.
#[test]
fn a_configured_name_of_a_plugin_that_is_not_loaded_is_not_a_mistake() {
    let folder = folder();
    let set = |loader: Loader| loader.configure("fixture-plugin", "a").configure("refused-plugin", "b");
    let (report, logged) = logged(Level::WARN, || in_folder(&folder, set));
    assert_eq!(report.warnings(), []);
    assert!(!logged.contains("configured"), "{logged}");
    let commands = set(loader(&folder.join("any"))).load_dir::<dyn Commands>(&folder).unwrap();
    assert_eq!(commands.warnings(), []);
}

/// A host loads one file after another with one loader, so no single file says that a name is wrong.
#[test]
fn loading_a_single_file_warns_of_nothing() {
    let library = Build::plugin().library();
    let loader = loader(&library).configure("nobody", "a");
    let (_, logged) = logged(Level::WARN, || {
        loader.load_file::<dyn Plugin>(&library).unwrap();
        loader.load_library::<dyn Plugin>(&library).unwrap();
    });
    assert_eq!(logged, "");
}

#[test]
fn a_folder_in_which_cargo_built_no_cdylib_is_told_with_the_way_out() {
    let folder = scratch("rlibs");
    assert_eq!(in_folder(&folder, |loader| loader).warnings(), []);
    fs::write(folder.join("libshout.rlib"), "!<arch>\n").unwrap();
    let (report, logged) = logged(Level::WARN, || in_folder(&folder, |loader| loader));
    let expected = format!(
        "{}: no library here can be loaded, only used by rustc (libshout.rlib); to build a plugin that can be loaded, \
         write `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml",
        folder.display()
    );
    assert_eq!(report.to_string(), expected);
    assert!(logged.contains(&expected), "{logged}");

    let error = load(&folder.join("libshout.so")).unwrap_err().to_string();
    assert!(error.contains("cannot find the file: No such file or directory"), "{error}");
    assert!(error.contains("cargo has built libshout.rlib instead") && error.contains("crate-type = [\"cdylib\"]"));

    // The API's own Rust library beside plugins is what cargo builds.
    fs::copy(Build::plugin().library(), folder.join("libgood.so")).unwrap();
    assert_eq!(in_folder(&folder, |loader| loader).warnings(), []);
}

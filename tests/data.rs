//! Each plugin has its own folder for its data, for every name of a plugin, and finds the files beside its library.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fixture_api::Plugin;
use harness::{Build, loader, patched, scratch};
use plugbox_loader::{LoadError, Loaded};

fn load(library: &Path, plugin: &str, root: &Path) -> Result<Loaded<dyn Plugin>, LoadError> {
    loader(library).configure(plugin, "data").data_dir(root).load_file::<dyn Plugin>(library)
}

#[test]
fn a_plugin_writes_into_its_own_folder_which_only_this_user_may_enter() {
    let root = scratch("data").join("not/there/yet");
    let folder = root.join("fixture-plugin");
    for _ in 0..2 {
        let plugin = load(&Build::plugin().library(), "fixture-plugin", &root).unwrap();
        assert_eq!(plugin.name(), format!("fixture({})", folder.display()));
        assert_eq!(fs::read_to_string(folder.join("kept")).unwrap(), "by the plugin");
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_plugin_whose_name_leads_elsewhere_stays_below_the_hosts_folder() {
    let name = "../../x-plugin";
    let library =
        patched(&Build::plugin().library(), b"\nname fixture-plugin\n", format!("\nname {name}\n").as_bytes());
    let root = scratch("data").join("below/here");
    let plugin = load(&library, name, &root).unwrap();
    assert_eq!(plugin.name(), format!("fixture({})", root.join("%2E.%2F..%2Fx-plugin").display()));
    let made: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, ["%2E.%2F..%2Fx-plugin"]);
}

#[test]
fn without_a_folder_of_the_hosts_there_is_none() {
    let library = Build::plugin().library();
    let plugin = loader(&library).configure("fixture-plugin", "data").load_file::<dyn Plugin>(&library).unwrap();
    assert_eq!(plugin.name(), "fixture(data)");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
    let root = scratch("data").join("file");
    fs::write(&root, "").unwrap();
    let error = load(&Build::plugin().library(), "fixture-plugin", &root).unwrap_err().to_string();
    assert!(error.contains("file/fixture-plugin: cannot create this folder for the plugin's data"), "{error}");
}

/// The library that runs is a private copy. The plugin is told of the original, also where it was loaded through a link.
#[test]
fn a_plugin_finds_what_is_beside_its_library() {
    let folder = scratch("installed");
    let installed = folder.join("libinstalled.so");
    fs::copy(Build::plugin().library(), &installed).unwrap();
    fs::write(folder.join("beside.txt"), "beside the original").unwrap();
    let link = scratch("links").join("liblink.so");
    std::os::unix::fs::symlink(&installed, &link).unwrap();
    let loaders = [loader(&installed), loader(&installed).without_staging()];
    for (loader, path) in loaders.iter().zip([&link, &installed]) {
        let plugin = loader.clone().configure("fixture-plugin", "beside").load_file::<dyn Plugin>(path).unwrap();
        assert_eq!(plugin.name(), "fixture(beside the original)");
    }
}

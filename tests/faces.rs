//! One plugin with several interfaces: a host asks for the interfaces that it knows, and a missing optional interface
//! is not a refusal.

use fixture_api::{Commands, Nobody, Plugin};
use harness::{Build, codes, load, loader};
use plugbox_loader::{CallError, Code, Loaded};

#[test]
fn a_plugin_is_asked_for_its_other_interfaces() {
    let mut plugin = load(&Build::plugin().library()).unwrap();
    let commands = Loaded::get::<dyn Commands>(&plugin).expect("the plugin exports this interface, too");
    assert_eq!(commands.commands(), ["grow", "fail"]);
    // Both handles share one object.
    assert_eq!(Loaded::get_mut::<dyn Commands>(&mut plugin).unwrap().run("grow").unwrap(), 1);
    assert_eq!(plugin.grow(Vec::new()), ["grown 0", "grown 1"]);
    assert_eq!(Loaded::get_mut::<dyn Commands>(&mut plugin).unwrap().run("7").unwrap(), 2);
    assert!(Loaded::get::<dyn Plugin>(&plugin).is_some_and(|same| same.second() == 2));
}

#[test]
fn a_plugin_is_loaded_as_any_of_its_interfaces() {
    let library = Build::plugin().library();
    let mut commands = loader(&library).load_file::<dyn Commands>(&library).unwrap();
    assert_eq!(Loaded::info(&commands).interface.name, "fixture_api::Commands");
    assert_eq!(commands.run("grow").unwrap(), 1);
    assert_eq!(Loaded::get::<dyn Plugin>(&commands).unwrap().first(), 1);
}

#[test]
fn an_interface_that_it_is_not_exported_as_is_absent() {
    let mut plugin = load(&Build::plugin().library()).unwrap();
    assert!(Loaded::get::<dyn Nobody>(&plugin).is_none());
    assert!(Loaded::get_mut::<dyn Nobody>(&mut plugin).is_none());
}

#[test]
fn an_interface_that_has_changed_is_absent_and_the_others_are_there() {
    let library = Build::plugin().feature("drift-commands").library();
    let plugin = load(&library).unwrap();
    assert_eq!(plugin.second(), 2);
    assert!(Loaded::get::<dyn Commands>(&plugin).is_none());
    let error = loader(&library).load_file::<dyn Commands>(&library).unwrap_err();
    assert_eq!(codes(&error), [Code::InterfaceChanged], "{error}");
}

#[test]
fn an_interface_of_a_compatible_version_is_there() {
    let plugin = load(&Build::plugin().api_version("1.3.0").library()).unwrap();
    assert!(Loaded::get::<dyn Commands>(&plugin).is_some());
}

#[test]
fn a_panic_in_another_interface_is_caught_and_poisons_the_plugin() {
    let mut plugin = load(&Build::plugin().library()).unwrap();
    let library = Build::plugin().library();
    let mut commands = loader(&library).load_file::<dyn Commands>(&library).unwrap();
    let error = Loaded::call_mut(&mut commands, |commands| commands.run("fail")).unwrap_err();
    assert_eq!(error.panic().method.as_deref(), Some("Commands::run"));
    assert!(matches!(Loaded::call(&commands, |commands| commands.commands()), Err(CallError::Poisoned(_))));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        Loaded::get_mut::<dyn Commands>(&mut plugin).unwrap().run("fail")
    }));
    assert!(caught.unwrap_err().is::<plugbox_loader::PluginPanic>());
}

#[test]
fn an_error_crosses_with_its_sources() {
    let mut plugin = load(&Build::plugin().library()).unwrap();
    let error = Loaded::get_mut::<dyn Commands>(&mut plugin).unwrap().run("dance").unwrap_err();
    drop(plugin);
    assert_eq!(error.to_string(), "no such command");
    assert_eq!(format!("{error:#}"), "no such command: invalid digit found in string");
    assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
}

//! One plugin is linked into the host and also loaded from a library, and both are in one list.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fixture_api::Commands;
use fixture_linked::Tally;
use harness::{Build, loader};
use plugbox_loader::{CallError, Loaded, Origin};
use semver::Version;

fn linked() -> Loaded<dyn Commands> {
    Loaded::linked("tally", Version::new(0, 5, 0), Box::new(Tally::default()))
}

fn loaded() -> Loaded<dyn Commands> {
    let library = Build::new("fixture-linked-export").library();
    loader(&library).load_file(&library).unwrap()
}

#[test]
fn a_host_has_linked_and_loaded_plugins_in_one_list() {
    let mut plugins: Vec<Loaded<dyn Commands>> = vec![linked(), loaded()];
    for plugin in &mut plugins {
        assert_eq!(plugin.commands(), ["tally", "fail"]);
        // Each has its own state.
        assert_eq!(plugin.run("tally").unwrap(), 1);
        assert_eq!(plugin.run("dance").unwrap_err().to_string(), "no command `dance`");
    }
    let [linked, loaded] = [0, 1].map(|place: usize| Loaded::info(&plugins[place]));
    assert_eq!((&linked.name, &linked.version), (&loaded.name, &loaded.version));
    assert_eq!((&linked.interface, &linked.rustc), (&loaded.interface, &loaded.rustc));
    assert!(loaded.origin.path().is_some() && loaded.origin.generation().is_some());
    assert_eq!((&linked.origin, linked.size), (&Origin::Linked, 0));
    assert_eq!((linked.origin.path(), linked.origin.generation()), (None, None));
}

#[test]
fn a_call_turns_the_panic_of_either_into_an_error_and_poisons_it() {
    for mut plugin in [linked(), loaded()] {
        let error = Loaded::call_mut(&mut plugin, |plugin| plugin.run("fail")).unwrap_err();
        let panic = error.panic();
        assert_eq!((&*panic.plugin, &*panic.message), ("tally", "0 runs are too many"));
        assert_eq!(panic.version, Some(Version::new(0, 5, 0)));
        assert_eq!(panic.origin, Loaded::info(&plugin).origin);
        let text = error.to_string();
        assert!(text.starts_with("plugin tally 0.5.0 panicked") && text.ends_with(": 0 runs are too many"), "{text}");
        assert!(matches!(Loaded::call(&plugin, |plugin| plugin.commands()), Err(CallError::Poisoned(_))));
        Loaded::clear_poison(&plugin);
        let error = Loaded::call_mut(&mut plugin, |plugin| plugin.run("value")).unwrap_err();
        assert_eq!(error.panic().message, "(a panic payload that is not text)");
    }
}

#[test]
fn a_direct_call_of_a_linked_plugin_panics_as_its_code_does() {
    let mut plugin = linked();
    let payload = catch_unwind(AssertUnwindSafe(|| plugin.run("value"))).unwrap_err();
    assert_eq!(payload.downcast_ref::<u64>(), Some(&7));
}

#[test]
fn the_panic_of_a_loaded_plugin_passes_through_a_linked_one() {
    let (linked, mut loaded) = (linked(), loaded());
    let payload = catch_unwind(AssertUnwindSafe(|| Loaded::call(&linked, |_| loaded.run("fail")))).unwrap_err();
    assert!(payload.is::<plugbox_loader::PluginPanic>());
    assert_eq!(Loaded::poison(&linked), None);
}

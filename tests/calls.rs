//! Guarded calls: a plugin's panic becomes an error, and poisons the handle of the call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fixture_api::Plugin;
use harness::{Answering, Build, load, loader, passed_alone};
use plugbox_loader::{CallError, Loaded};

fn plugin() -> Loaded<dyn Plugin> {
    load(&Build::plugin().library()).unwrap()
}

#[test]
fn a_call_gives_what_the_method_gives() {
    if passed_alone("a_call_gives_what_the_method_gives") {
        return;
    }
    let mut plugin = plugin();
    assert_eq!(Loaded::call(&plugin, |plugin| plugin.second()), Ok(2));
    assert_eq!(Loaded::call_mut(&mut plugin, |plugin| plugin.grow(Vec::new())).unwrap(), ["grown 0"]);
}

#[test]
fn a_panic_is_an_error_and_poisons_every_later_call() {
    if passed_alone("a_panic_is_an_error_and_poisons_every_later_call") {
        return;
    }
    let mut plugin = plugin();
    let Err(CallError::Panicked(panic)) = Loaded::call(&plugin, |plugin| plugin.fail("text")) else {
        panic!("it panics")
    };
    assert_eq!(
        (&*panic.plugin, panic.method.as_deref(), &*panic.message),
        ("fixture-plugin", Some("Plugin::fail"), "failed with text")
    );
    let location = panic.location.as_ref().unwrap();
    assert!(location.file.ends_with("plugin/src/lib.rs") && location.line > 0, "{panic}");

    let mut called = false;
    let refused = Loaded::call(&plugin, |_| called = true);
    assert_eq!(refused, Err(CallError::Poisoned(panic.clone())));
    assert_eq!(Loaded::call_mut(&mut plugin, |_| called = true), refused);
    assert!(!called, "a poisoned plugin must not be called");
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("failed with text") && text.contains("clear_poison"), "{text}");
}

#[test]
fn poison_can_be_looked_at_and_cleared() {
    if passed_alone("poison_can_be_looked_at_and_cleared") {
        return;
    }
    let plugin = plugin();
    assert_eq!(Loaded::poison(&plugin), None);
    let error = Loaded::call(&plugin, |plugin| plugin.fail("text")).unwrap_err();
    assert_eq!(Loaded::poison(&plugin).as_ref(), Some(error.panic()));
    Loaded::clear_poison(&plugin);
    assert_eq!(Loaded::poison(&plugin), None);
    assert_eq!(Loaded::call(&plugin, |plugin| plugin.first()), Ok(1));
}

#[test]
fn direct_calls_neither_see_nor_set_poison() {
    if passed_alone("direct_calls_neither_see_nor_set_poison") {
        return;
    }
    let plugin = plugin();
    assert!(catch_unwind(AssertUnwindSafe(|| plugin.fail("text"))).is_err());
    assert_eq!(Loaded::poison(&plugin), None);
    let _ = Loaded::call(&plugin, |plugin| plugin.fail("text"));
    assert_eq!(plugin.first(), 1);
}

#[test]
fn a_panic_of_the_hosts_own_passes_through_a_call_and_poisons_nothing() {
    if passed_alone("a_panic_of_the_hosts_own_passes_through_a_call_and_poisons_nothing") {
        return;
    }
    let plugin = plugin();
    let host = Answering::new(0, |question: &str| match question {
        "caught" => "pass on".to_owned(),
        _ => std::panic::panic_any(42_u64),
    });
    let payload = catch_unwind(AssertUnwindSafe(|| Loaded::call(&plugin, |plugin| plugin.ask(&host)))).unwrap_err();
    assert_eq!(payload.downcast_ref::<u64>(), Some(&42));
    assert_eq!(Loaded::poison(&plugin), None);
}

#[test]
fn a_panic_of_another_plugin_passes_through_a_call_and_poisons_only_that_one() {
    if passed_alone("a_panic_of_another_plugin_passes_through_a_call_and_poisons_only_that_one") {
        return;
    }
    let twins = Build::new("fixture-twins").library();
    let twins = loader(&twins).load_library::<dyn Plugin>(&twins).unwrap();
    let (castor, pollux) = (&twins[0], &twins[1]);
    let host = Answering::new(0, |_: &str| pollux.fail("fails").to_string());
    let payload = catch_unwind(AssertUnwindSafe(|| Loaded::call(castor, |castor| castor.ask(&host)))).unwrap_err();
    assert!(payload.is::<plugbox_loader::PluginPanic>());
    assert_eq!(Loaded::poison(castor), None);
    assert!(matches!(Loaded::call(pollux, |pollux| pollux.fail("fails")), Err(CallError::Panicked(_))));

    // A second image of the same file counts as a different plugin.
    let (one, other) = (plugin(), plugin());
    let host = Answering::new(0, |_: &str| other.fail("text").to_string());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        Loaded::call(&one, |one| {
            one.ask(&Answering::new(0, |question: &str| match question {
                "caught" => "pass on".to_owned(),
                _ => fixture_api::Host::answer(&host, question),
            }))
        })
    }));
    assert!(caught.is_err());
    assert_eq!(Loaded::poison(&one), None);
}

#[test]
fn a_panic_of_an_object_that_the_plugin_lends_poisons_it() {
    if passed_alone("a_panic_of_an_object_that_the_plugin_lends_poisons_it") {
        return;
    }
    let plugin = plugin();
    let host = Answering::new(13, |_: &str| "pass on".to_owned());
    let error = Loaded::call(&plugin, |plugin| plugin.ask(&host)).unwrap_err();
    assert!(error.panic().message.contains("the visitor saw 13"), "{error}");
    assert_eq!(Loaded::poison(&plugin).as_ref(), Some(error.panic()));
}

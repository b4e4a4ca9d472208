//! Panics at the boundary: each side's std catches its own panics, and the host sees a panic of the host's std.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fixture_api::Plugin;
use harness::{Answering, Build, codes, in_child, load, loader, passed_alone, refused};
use plugbox_loader::{Code, LoadError, Loaded, PluginPanic};

fn plugin() -> Loaded<dyn Plugin> {
    load(&Build::plugin().library()).unwrap()
}

fn caught<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    catch_unwind(AssertUnwindSafe(call)).err().expect("it panics")
}

fn plugin_panic<R>(call: impl FnOnce() -> R) -> PluginPanic {
    *caught(call).downcast::<PluginPanic>().expect("the payload is a `PluginPanic`")
}

#[test]
fn a_method_that_panics_is_caught_with_plugin_method_message_file_and_line() {
    if passed_alone("a_method_that_panics_is_caught_with_plugin_method_message_file_and_line") {
        return;
    }
    let plugin = plugin();
    let panic = plugin_panic(|| plugin.fail("text"));
    assert_eq!(panic.plugin, "fixture-plugin");
    assert_eq!(panic.version.as_ref().unwrap().to_string(), "0.7.1");
    assert_eq!(panic.method.as_deref(), Some("Plugin::fail"));
    assert_eq!(panic.message, "failed with text");
    let location = panic.location.as_ref().unwrap();
    assert!(location.file.ends_with("plugin/src/lib.rs"), "{panic}");
    let source = include_str!("fixtures/plugin/src/lib.rs");
    let line = source.lines().position(|line| line.contains("failed with {}")).unwrap() + 1;
    assert_eq!(location.line as usize, line);
    assert!(!std::thread::panicking());
    // The plugin still works.
    assert_eq!(plugin.first(), 1);
}

#[test]
fn a_panic_of_std_code_in_the_plugin_is_caught() {
    if passed_alone("a_panic_of_std_code_in_the_plugin_is_caught") {
        return;
    }
    let plugin = plugin();
    let panic = plugin_panic(|| plugin.fail("index"));
    assert!(panic.message.contains("index out of bounds"), "{panic}");
}

#[test]
fn payloads_that_are_no_text_and_that_cannot_be_dropped_are_survived() {
    if passed_alone("payloads_that_are_no_text_and_that_cannot_be_dropped_are_survived") {
        return;
    }
    let plugin = plugin();
    for how in ["value", "drop of the payload"] {
        let panic = plugin_panic(|| plugin.fail(how));
        assert_eq!(panic.message, "(a panic payload that is not text)");
        let location = panic.location.as_ref().unwrap();
        assert!(location.file.ends_with("plugin/src/lib.rs") && location.line > 0, "{panic}");
    }
}

#[test]
fn a_panic_of_the_host_comes_back_as_the_hosts_own_payload() {
    if passed_alone("a_panic_of_the_host_comes_back_as_the_hosts_own_payload") {
        return;
    }
    let plugin = plugin();
    // Under the plugin's own `catch_unwind`, the host's panic arrives as a panic of the plugin's std.
    let catching = Answering::new(3, |question: &str| match question {
        "caught" => std::panic::panic_any(41_u64),
        _ => unreachable!("the plugin has answered by itself"),
    });
    assert_eq!(plugin.ask(&catching), "the plugin caught the host's panic");

    let passing = Answering::new(3, |question: &str| match question {
        "caught" => "pass on".to_owned(),
        _ => std::panic::panic_any(42_u64),
    });
    let payload = caught(|| plugin.ask(&passing));
    assert_eq!(payload.downcast_ref::<u64>(), Some(&42));
    assert!(!std::thread::panicking());

    let fine =
        Answering::new(3, |question: &str| if question == "caught" { "pass on".to_owned() } else { "yes".to_owned() });
    assert_eq!(plugin.ask(&fine), "yes after seeing 6");
}

#[test]
fn a_panic_of_an_object_that_the_plugin_lends_to_the_host_is_one_of_the_plugins() {
    if passed_alone("a_panic_of_an_object_that_the_plugin_lends_to_the_host_is_one_of_the_plugins") {
        return;
    }
    let plugin = plugin();
    let unlucky = Answering::new(13, |_: &str| "pass on".to_owned());
    let panic = plugin_panic(|| plugin.ask(&unlucky));
    assert!(panic.message.contains("the visitor saw 13"), "{panic}");
}

#[test]
fn ten_thousand_panics_leave_the_counts_balanced() {
    if passed_alone("ten_thousand_panics_leave_the_counts_balanced") {
        return;
    }
    let plugin = plugin();
    std::panic::set_hook(Box::new(|_| {}));
    for _ in 0..10_000 {
        assert!(caught(|| plugin.fail("text")).is::<PluginPanic>());
    }
    let _ = std::panic::take_hook();
    assert!(!std::thread::panicking());
    assert_eq!(plugin.second(), 2);
}

#[test]
fn a_constructor_that_fails_or_panics_is_an_error() {
    if passed_alone("a_constructor_that_fails_or_panics_is_an_error") {
        return;
    }
    let error = load(&Build::plugin().feature("constructor-fails").library()).unwrap_err();
    let LoadError::Construct { plugin, failure, .. } = &error else { panic!("{error}") };
    assert_eq!(plugin, "fixture-plugin");
    assert_eq!(failure[..], ["invalid digit found in string"]);

    let error = load(&Build::plugin().feature("constructor-panics").library()).unwrap_err();
    assert!(error.to_string().contains("the constructor panicked: the constructor of the fixture (at "), "{error}");
    assert!(error.to_string().contains("plugin/src/lib.rs:"), "{error}");
}

#[test]
fn a_drop_that_panics_is_swallowed() {
    if passed_alone("a_drop_that_panics_is_swallowed") {
        return;
    }
    drop(load(&Build::plugin().feature("drop-panics").library()).unwrap());
    assert!(!std::thread::panicking());
}

#[test]
fn a_drop_that_panics_while_its_thread_ends_is_swallowed_too() {
    let library = Build::plugin().feature("drop-panics").library();
    let child = in_child("a_drop_that_panics_while_its_thread_ends_is_swallowed_too", &[], || {
        thread_local!(static KEPT: std::cell::RefCell<Option<Loaded<dyn Plugin>>> = const { std::cell::RefCell::new(None) });
        let thread = std::thread::spawn(move || {
            // Initialized first, so that it is dropped last.
            KEPT.with(|kept| *kept.borrow_mut() = None);
            let plugin = load(&library).unwrap();
            // The host's data about a panic on this thread is dropped before the plugin.
            let _ = plugin_panic(|| plugin.fail("text"));
            KEPT.with(|kept| *kept.borrow_mut() = Some(plugin));
        });
        thread.join().unwrap();
    });
    if let Some(child) = child {
        child.must_succeed();
    }
}

#[test]
fn an_error_of_a_constructor_is_not_given_the_place_of_a_panic_that_was_caught() {
    if passed_alone("an_error_of_a_constructor_is_not_given_the_place_of_a_panic_that_was_caught") {
        return;
    }
    assert_eq!(plugin().fail("caught by itself"), 9);
    let error = load(&Build::plugin().feature("constructor-fails").library()).unwrap_err();
    assert!(!error.to_string().contains(" (at "), "{error}");
}

#[test]
fn a_thread_of_the_plugins_that_panics_ends_alone() {
    if passed_alone("a_thread_of_the_plugins_that_panics_ends_alone") {
        return;
    }
    assert_eq!(plugin().fail("thread"), 1);
}

#[test]
fn the_panic_hook_speaks_once_and_names_the_plugin() {
    let child = in_child("the_panic_hook_speaks_once_and_names_the_plugin", &[], || {
        let plugin = plugin();
        let _ = plugin_panic(|| plugin.fail("text"));
    });
    if let Some(child) = child {
        child.must_succeed();
        assert_eq!(
            child.stderr.matches("panicked").count(),
            2,
            "once by the hook, once in the message\n{}",
            child.stderr
        );
        assert!(child.stderr.contains("plugin fixture-plugin 0.7.1 panicked at "), "{}", child.stderr);
    }
}

#[test]
fn a_plugin_that_aborts_is_taken_only_when_the_host_allows_it() {
    let library = Build::plugin().config("profile.dev.panic=\"abort\"").library();
    assert_eq!(codes(&refused(&library)), [Code::PanicDiffers]);
    let child = in_child("a_plugin_that_aborts_is_taken_only_when_the_host_allows_it", &[], || {
        let plugin = loader(&library).allow_panic_abort().load_file::<dyn Plugin>(&library).unwrap();
        assert_eq!(plugin.first(), 1);
        println!("works");
        let _ = catch_unwind(AssertUnwindSafe(|| plugin.fail("text")));
        println!("caught");
    });
    if let Some(child) = child {
        assert!(child.has_aborted(), "{}", child.stderr);
        assert!(child.stdout.contains("works") && !child.stdout.contains("caught"), "{}", child.stdout);
        assert!(child.stderr.contains("plugin fixture-plugin 0.7.1 panicked at "), "{}", child.stderr);
        assert_eq!(child.stderr.matches("failed with text").count(), 1, "{}", child.stderr);
    }
}

#[test]
fn without_the_guard_the_process_would_abort() {
    // The reason for the guards: a direct call of a Rust function with a different std, in a host that tries to catch
    // its panic.
    let library = Build::new("fixture-bare").library();
    let child = in_child("without_the_guard_the_process_would_abort", &[], || {
        // SAFETY: the library has no initializer.
        let library = unsafe { libloading::Library::new(&library) }.unwrap();
        // SAFETY: the function has this type.
        let fail = unsafe { library.get::<extern "C-unwind" fn()>(b"bare_panic") }.unwrap();
        let _ = catch_unwind(AssertUnwindSafe(|| fail()));
    });
    if let Some(child) = child {
        assert!(!child.success);
        assert!(child.stderr.contains("Rust cannot catch foreign exceptions"), "{}", child.stderr);
    }
}

//! What a panic in a plugin prints: the same as in a plain program, once, by the host's own panic hook, with the
//! plugin's name. No test here has a `tracing` subscriber.

use std::env::consts::DLL_SUFFIX;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use fixture_api::Commands;
use harness::{Build, Child, in_child, loader, passed_alone};
use lasting_api::Witness;
use plugbox_loader::{LoadError, Loaded, Loader, PluginPanic};

#[path = "fixtures/panics/src/kinds.rs"]
mod kinds;

const SOURCE: &str = include_str!("fixtures/panics/src/kinds.rs");

fn load(settings: impl FnOnce(Loader) -> Loader) -> Result<Loaded<dyn Commands>, LoadError> {
    let library = Build::new("panics").library();
    settings(loader(&library)).load_file(&library)
}

fn plugin() -> Loaded<dyn Commands> {
    load(|loader| loader).unwrap()
}

/// A plugin that is itself the host of the plugin above.
fn nested() -> Loaded<dyn Commands> {
    let (library, inner) = (Build::new("nested").library(), Build::new("panics").library());
    loader(&library).configure("nested", inner.to_str().unwrap()).load_file(&library).unwrap()
}

/// The panic with which a kind arrives at the host.
fn panic_of(plugin: &mut Loaded<dyn Commands>, kind: &str) -> Option<PluginPanic> {
    let payload = catch_unwind(AssertUnwindSafe(|| plugin.run(kind))).err()?;
    Some(*payload.downcast().expect("the payload is a `PluginPanic`"))
}

/// The line of a text in the plugin's source.
fn line(text: &str) -> u32 {
    SOURCE.lines().position(|line| line.contains(text)).unwrap() as u32 + 1
}

/// The first lines of what std's hook has printed: the location and the message of each panic.
fn printed(stderr: &str) -> Vec<(String, String)> {
    let mut lines = stderr.lines();
    let mut printed = Vec::new();
    while let Some(line) = lines.next() {
        if let Some((_, location)) = line.strip_prefix("thread '").and_then(|line| line.split_once(" panicked at ")) {
            let location = location.trim_end_matches(':').to_owned();
            printed.push((location, lines.next().unwrap_or_default().to_owned()));
        }
    }
    printed
}

/// The locations and messages of a plain program's panics; locations without the folders.
fn of_a_program(child: &Child) -> Vec<(String, String)> {
    let message = |message: String| message.replace("Box<dyn Any>", "(a panic payload that is not text)");
    printed(&child.stderr).into_iter().map(|(place, text)| (file_name(&place), message(text))).collect()
}

/// The locations and messages of a plugin's panics, which the host's hook has printed with the plugin's name.
fn of_the_plugin(child: &Child) -> Vec<(String, String)> {
    let own = |(_, text): (String, String)| {
        let report = text.strip_prefix("plugin panics 1.2.3 panicked at ");
        let report = report.unwrap_or_else(|| panic!("the plugin is not named: {text}\n{}", child.stderr));
        // After the line and the column.
        let (place, message) = report.split_once(": ").unwrap();
        (file_name(place), message.to_owned())
    };
    printed(&child.stderr).into_iter().map(own).collect()
}

fn file_name(place: &str) -> String {
    place.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn every_kind_of_panic_is_printed_as_in_a_plain_program() {
    let name = "every_kind_of_panic_is_printed_as_in_a_plain_program";
    for (kind, _) in kinds::ALL {
        let run = |side: &str| {
            in_child(name, &[("PANICS_KIND", kind), ("PANICS_SIDE", side), ("RUST_BACKTRACE", "0")], || {
                let kind = std::env::var("PANICS_KIND").unwrap();
                if std::env::var("PANICS_SIDE").unwrap() == "plugin" {
                    let mut plugin = plugin();
                    let _ = catch_unwind(AssertUnwindSafe(|| plugin.run(&kind)));
                } else {
                    // The payload's drop may panic, which is printed too.
                    let _ = catch_unwind(|| drop(catch_unwind(|| kinds::run(&kind))));
                }
            })
        };
        let Some(program) = run("program") else { return };
        let with_plugin = run("plugin").unwrap();
        assert_eq!(of_the_plugin(&with_plugin), of_a_program(&program), "{kind}\n{}", with_plugin.stderr);
        assert_eq!(with_plugin.signal, program.signal, "{kind}\n{}", with_plugin.stderr);
        assert_eq!(with_plugin.success, program.success, "{kind}\n{}", with_plugin.stderr);
    }
}

#[test]
fn a_panic_of_a_constructor_is_printed_and_so_is_one_of_a_drop() {
    let name = "a_panic_of_a_constructor_is_printed_and_so_is_one_of_a_drop";
    let child = in_child(name, &[], || {
        let error = load(|loader| loader.configure("panics", "panics")).unwrap_err();
        println!("{error}");
        drop(load(|loader| loader.configure("panics", "drop")).unwrap());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    let texts: Vec<String> = of_the_plugin(&child).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["in the constructor", "in the drop"]);
    assert!(
        child.stdout.contains("the constructor panicked: in the constructor (at panics/src/lib.rs:"),
        "{}",
        child.stdout
    );
}

/// A host's object.
struct Unlucky;

impl Witness for Unlucky {
    fn saw(&self, _: String) {}

    fn wait(&self) {
        panic!("the service is {}", "down");
    }
}

#[test]
fn a_panic_of_a_service_in_a_constructor_has_its_text() {
    let name = "a_panic_of_a_service_in_a_constructor_has_its_text";
    let child = in_child(name, &[], || {
        let load = |config| load(|loader| loader.service::<dyn Witness>(Arc::new(Unlucky)).configure("panics", config));
        println!("{}", load("asks").unwrap_err());
        drop(load("drop asks").unwrap());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    assert!(
        child.stdout.contains("the constructor panicked: the host panicked: the service is down"),
        "{}",
        child.stdout
    );
    // The host's own panics are printed by the host's own std, once.
    let texts: Vec<String> = printed(&child.stderr).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["the service is down", "the service is down"], "{}", child.stderr);
}

#[test]
fn a_panic_of_a_plugin_of_a_plugin_is_printed_once_and_has_its_text() {
    let name = "a_panic_of_a_plugin_of_a_plugin_is_printed_once_and_has_its_text";
    let child = in_child(name, &[("RUST_BACKTRACE", "0")], || {
        let mut nested = nested();
        let panic = panic_of(&mut nested, "a literal").unwrap();
        println!("{panic}");
        nested.run("call a formatted text").unwrap_err();
        nested.run("a thread").unwrap();
        nested.run("a double panic").unwrap();
    });
    let Some(child) = child else { return };
    assert!(child.has_aborted(), "{}", child.stderr);
    let arrived = "plugin nested 1.0.0 panicked in Commands::run: plugin panics 1.2.3 panicked in Commands::run at ";
    assert!(child.stdout.contains(arrived), "{}", child.stdout);
    let texts: Vec<String> = printed(&child.stderr).into_iter().map(|(_, text)| text).collect();
    let ends = [
        ": a literal",
        ": number 7",
        ": in a thread",
        ": the first",
        ": the second",
        ": panic in a destructor during cleanup",
    ];
    assert_eq!(texts.len(), ends.len(), "{}", child.stderr);
    for (text, end) in texts.iter().zip(ends) {
        assert!(text.starts_with("plugin nested 1.0.0 panicked: plugin panics 1.2.3 panicked at "), "{text}");
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn a_panic_in_a_library_of_several_plugins_names_all_of_them() {
    let name = "a_panic_in_a_library_of_several_plugins_names_all_of_them";
    let child = in_child(name, &[], || {
        let library = Build::new("fixture-twins").library();
        let twins = loader(&library).load_library::<dyn fixture_api::Plugin>(&library).unwrap();
        let payload = catch_unwind(AssertUnwindSafe(|| twins[1].fail("fails"))).unwrap_err();
        println!("{}", payload.downcast::<PluginPanic>().unwrap());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    let [(_, text)] = &printed(&child.stderr)[..] else { panic!("{}", child.stderr) };
    assert!(
        text.starts_with("plugin ")
            && text
                .contains(&format!("fixture_twins{DLL_SUFFIX} (castor-the-first or pollux-the-second) panicked at ")),
        "{text}"
    );
    // Where it arrives, it is known.
    assert!(child.stdout.contains("plugin pollux-the-second 0.2.0 panicked in Plugin::fail at "), "{}", child.stdout);
}

/// Panics in the same call, and earlier ones, are told apart from the panic that arrives.
#[test]
fn the_location_is_that_of_the_panic_that_arrives() {
    if passed_alone("the_location_is_that_of_the_panic_that_arrives") {
        return;
    }
    let mut plugin = plugin();
    for (kind, message, place) in [
        ("a literal", "a literal", r#"panic!("a literal")"#),
        ("a value", "(a panic payload that is not text)", "panic_any(7_u64)"),
        ("caught in a Drop", "outer inner", "outer {outer}"),
        ("caught in a Drop, with an equal text", "equal", r#"equal", |text| panic!"#),
        ("caught before, with an equal text", "equal 0", r#"        panic!("equal {}""#),
    ] {
        let panic = panic_of(&mut plugin, kind).unwrap();
        assert_eq!(panic.message, message, "{kind}");
        assert_eq!(panic.location.map(|location| location.line), Some(line(place)), "{kind}");
    }
    // A panic with an equal literal, which the plugin caught in an earlier call.
    assert!(panic_of(&mut plugin, "nothing there, caught").is_none());
    let panic = panic_of(&mut plugin, "nothing there").unwrap();
    assert_eq!(panic.location.map(|location| location.line), Some(line(r#"("nothing there", "#)));
    // No location is better than that of another panic.
    let panic = panic_of(&mut plugin, "caught in a Drop, with an equal literal").unwrap();
    assert_eq!((&*panic.message, panic.location), ("called `Option::unwrap()` on a `None` value", None));
    // A panic that no hook has seen.
    let panic = panic_of(&mut plugin, "only resumed").unwrap();
    assert_eq!((&*panic.message, panic.location), ("never seen by a hook", None));
}

#[test]
fn the_hook_that_the_host_has_set_is_the_one_that_speaks() {
    let name = "the_hook_that_the_host_has_set_is_the_one_that_speaks";
    let child = in_child(name, &[("RUST_BACKTRACE", "0")], || {
        static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        std::panic::set_hook(Box::new(|info| {
            let text = info.payload().downcast_ref::<String>().expect("a text that a hook can print");
            HEARD.lock().unwrap().push(text.clone());
        }));
        let mut plugin = plugin();
        for kind in ["a literal", "caught", "a thread", "only resumed", "a value"] {
            let _ = catch_unwind(AssertUnwindSafe(|| plugin.run(kind)));
        }
        println!("{:#?}", HEARD.lock().unwrap());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    assert_eq!(printed(&child.stderr), [], "{}", child.stderr);
    let heard: Vec<&str> =
        child.stdout.lines().filter(|line| line.contains("plugin panics 1.2.3 panicked at ")).collect();
    for text in [": a literal\"", ": caught\"", ": in a thread\"", ": (a panic payload that is not text)\""] {
        assert_eq!(heard.iter().filter(|line| line.contains(text)).count(), 1, "{text}\n{}", child.stdout);
    }
    assert_eq!(heard.len(), 4, "{}", child.stdout);
}

#[test]
fn a_panic_while_the_host_unwinds_is_printed_and_caught() {
    let name = "a_panic_while_the_host_unwinds_is_printed_and_caught";
    let child = in_child(name, &[], || {
        struct Last(Loaded<dyn Commands>);
        impl Drop for Last {
            fn drop(&mut self) {
                assert!(std::thread::panicking());
                assert!(Loaded::call_mut(&mut self.0, |plugin| plugin.run("a literal")).is_err());
            }
        }
        let last = Last(plugin());
        let payload = catch_unwind(AssertUnwindSafe(move || {
            let _last = last;
            panic!("the host's own");
        }));
        assert_eq!(payload.unwrap_err().downcast_ref(), Some(&"the host's own"));
        assert!(!std::thread::panicking());
    });
    let Some(child) = child else { return };
    child.must_succeed();
    let texts: Vec<String> = printed(&child.stderr).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts.len(), 2, "{}", child.stderr);
    assert!(texts[0] == "the host's own" && texts[1].ends_with(": a literal"), "{texts:?}");
}

/// The host's report with the plugin's frames, as its own hook prints it.
fn with_frames(name: &str, style: &str, build: fn() -> Build) -> Option<String> {
    let child = in_child(name, &[("RUST_BACKTRACE", style)], || {
        let library = build().library();
        // The host's std has read the list of libraries before this one is loaded.
        let _ = std::backtrace::Backtrace::force_capture().to_string();
        let mut plugin = loader(&library).load_file::<dyn Commands>(&library).unwrap();
        let panic = panic_of(&mut plugin, "nothing there").unwrap();
        println!("FRAMES{}END", panic.backtrace.as_deref().unwrap_or("none"));
        assert!(!panic.to_string().contains("panics::kinds"), "{panic}");
    })?;
    child.must_succeed();
    let (_, report) = child.stderr.split_once("plugin panics 1.2.3 panicked at ").unwrap();
    let frames = child.stdout.split_once("FRAMES").unwrap().1.split_once("END").unwrap().0;
    if frames != "none" {
        assert!(report.contains(&format!("stack backtrace of the plugin:\n{frames}\n")), "{report}");
    }
    Some(frames.to_owned())
}

#[test]
fn the_plugins_frames_are_printed_where_backtraces_are_asked_for() {
    let name = "the_plugins_frames_are_printed_where_backtraces_are_asked_for";
    let Some(frames) = with_frames(name, "1", || Build::new("panics").lines()) else { return };
    let lines: Vec<&str> = frames.lines().map(str::trim).collect();
    let names: Vec<&str> = lines.iter().filter(|line| !line.starts_with("at ")).copied().collect();
    let place = format!("panics/src/kinds.rs:{}:", line(r#"("nothing there", "#));
    assert!(lines.iter().any(|line| line.starts_with("at ") && line.contains(&place)), "{frames}");
    assert!(names.iter().any(|name| name.contains("panics::kinds::run")), "{frames}");
    assert!(names.last().unwrap().contains("<panics::Panics as fixture_api::Commands>::run"), "{frames}");
    assert!(names[0].starts_with("0: "), "{frames}");
}

#[test]
fn a_full_backtrace_has_the_hosts_frames_too_and_stays_bounded() {
    let name = "a_full_backtrace_has_the_hosts_frames_too_and_stays_bounded";
    let Some(frames) = with_frames(name, "full", || Build::new("panics")) else { return };
    assert!(frames.contains("panics::kinds::run") && frames.contains("reports::panic_of"), "{frames}");
    assert!(frames.len() < 17 * 1024, "{}", frames.len());
}

/// The std of each library keeps the debug information of the whole program.
#[test]
fn the_frames_of_33_libraries_are_too_many() {
    let child = in_child("the_frames_of_33_libraries_are_too_many", &[("RUST_BACKTRACE", "1")], || {
        let has_frames = |_| panic_of(&mut plugin(), "a literal").unwrap().backtrace.is_some();
        let with_frames: Vec<bool> = (0..33).map(has_frames).collect();
        assert!(with_frames[..32].iter().all(|has| *has) && !with_frames[32], "{with_frames:?}");
    });
    if let Some(child) = child {
        child.must_succeed();
    }
}

#[test]
fn without_the_variable_there_are_no_frames() {
    if let Some(frames) = with_frames("without_the_variable_there_are_no_frames", "0", || Build::new("panics")) {
        assert_eq!(frames, "none");
    }
}

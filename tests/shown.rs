//! Supertraits of std: `Debug` and `Display` of an object of the other side, with each formatter, and with each side's
//! panics and errors. And borrows that are `'static`.

use std::any::Any;
use std::fmt::{self, Debug, Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use harness::{Build, in_child, loader, passed_alone};
use plugbox_loader::{Loaded, PluginPanic};
use shown_api::{About, Into, Key, Plugin, Sample, Shown, Text, Writer, texts};

/// A panic payload whose type only the host knows.
#[derive(Debug, PartialEq)]
struct HostsOwn(u8);

/// An object of the host that panics with the host's own payload.
struct Own(Text);

impl Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Text::Panics {
            std::panic::panic_any(HostsOwn(1));
        }
        Debug::fmt(&Sample(self.0), f)
    }
}

impl Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == Text::Panics {
            std::panic::panic_any(HostsOwn(2));
        }
        Display::fmt(&Sample(self.0), f)
    }
}

impl Shown for Own {
    fn number(&self) -> u64 {
        17
    }
}

/// A writer of the host that panics with the host's own payload.
struct Panics;

impl fmt::Write for Panics {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        std::panic::panic_any(HostsOwn(3))
    }
}

fn plugin() -> Loaded<dyn Plugin> {
    let library = Build::new("shown").library();
    loader(&library).load_file::<dyn Plugin>(&library).unwrap()
}

fn caught<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    assert!(!std::thread::panicking());
    payload
}

fn is_the_plugins(payload: &(dyn Any + Send), method: &str, message: &str) {
    let panic = payload.downcast_ref::<PluginPanic>().expect("a panic of the plugin");
    assert_eq!((&*panic.plugin, panic.method.as_deref(), &*panic.message), ("shown", Some(method), message));
}

#[test]
fn an_object_of_either_side_is_formatted_as_at_home() {
    let plugin = plugin();
    let expected = texts(&Sample(Text::Good));
    assert_eq!(texts(&*plugin.boxed(Text::Good)), expected);
    assert_eq!(texts(&*plugin.shared(Text::Good)), expected);
    assert_eq!(texts(&*plugin.named(Text::Good)), expected);
    assert_eq!(plugin.texts(&Own(Text::Good)), expected);
    assert_eq!(plugin.texts_exclusive(&mut Own(Text::Good)), expected);
    assert_eq!(plugin.texts_boxed(Box::new(Own(Text::Good))), expected);
    assert_eq!(plugin.texts_shared(Arc::new(Own(Text::Good))), expected);
    assert_eq!(texts(&*plugin.pass(Box::new(Own(Text::Good)))), expected);
    assert_eq!(format!("{:?}", &*plugin), "Own { number: 0 }");
    assert_eq!(format!("{:#?}", &*plugin), "Own {\n    number: 0,\n}");
}

#[test]
fn an_object_may_be_seen_as_its_supertrait() {
    let plugin = plugin();
    let as_debug: Box<dyn Debug> = plugin.boxed(Text::Good);
    assert_eq!(format!("{as_debug:?}"), format!("{:?}", Sample(Text::Good)));
    let named = plugin.named(Text::Good);
    assert_eq!((named.name(), named.number()), ("sample", 17));
    let shown: Box<dyn Shown> = named;
    let shown = plugin.pass(shown);
    let as_display: Arc<dyn Display> = plugin.shared(Text::Good);
    assert_eq!(format!("{shown:>8}{as_display}"), "  samplesample");
}

#[test]
fn a_panic_in_a_text_arrives_from_either_side() {
    if passed_alone("a_panic_in_a_text_arrives_from_either_side") {
        return;
    }
    let plugin = plugin();
    let (boxed, shared) = (plugin.boxed(Text::Panics), plugin.shared(Text::Panics));
    for shown in [&*boxed, &*shared] {
        is_the_plugins(&*caught(|| format!("{shown:?}")), "Debug::fmt", "the text panics");
        is_the_plugins(&*caught(|| format!("{shown:#10}")), "Display::fmt", "the text panics");
    }
    assert_eq!(caught(|| plugin.texts(&Own(Text::Panics))).downcast_ref(), Some(&HostsOwn(2)));
    assert_eq!(caught(|| plugin.texts_boxed(Box::new(Own(Text::Panics)))).downcast_ref(), Some(&HostsOwn(2)));
    assert_eq!(caught(|| plugin.write(&Own(Text::Panics), Writer::Good)).downcast_ref(), Some(&HostsOwn(1)));
    // Everything works afterward.
    assert_eq!(plugin.texts(&Own(Text::Good)), texts(&*plugin.boxed(Text::Good)));
}

#[test]
fn a_writer_that_panics_ends_no_process() {
    if passed_alone("a_writer_that_panics_ends_no_process") {
        return;
    }
    let plugin = plugin();
    let (boxed, shared) = (plugin.boxed(Text::Good), plugin.shared(Text::Good));
    for shown in [&*boxed, &*shared] {
        assert_eq!(caught(|| write!(Panics, "{shown:?}")).downcast_ref(), Some(&HostsOwn(3)));
        assert_eq!(caught(|| write!(Panics, "{shown}")).downcast_ref(), Some(&HostsOwn(3)));
    }
    assert_eq!(caught(|| write!(Panics, "{:?}", &*plugin)).downcast_ref(), Some(&HostsOwn(3)));
    let payload = caught(|| plugin.write(&Own(Text::Good), Writer::Panics));
    is_the_plugins(&*payload, "Plugin::write", "the writer panics");
    assert_eq!(format!("{boxed}"), "sample");
}

#[test]
fn errors_of_a_writer_and_of_an_object_arrive() {
    let plugin = plugin();
    let mut full = Into { kind: Writer::Fails, text: String::new() };
    write!(full, "{}", plugin.boxed(Text::Good)).unwrap_err();
    let mut good = Into { kind: Writer::Good, text: String::new() };
    write!(good, "{}", plugin.boxed(Text::Fails)).unwrap_err();
    assert_eq!(good.text, "some text");
    assert_eq!(plugin.write(&Own(Text::Good), Writer::Fails), (String::new(), false));
    assert_eq!(plugin.write(&Own(Text::Fails), Writer::Good), ("some text".to_owned(), false));
}

/// What a panic of the host's writer would do if the plugin's code wrote into it under the plugin's catch.
#[test]
fn without_a_guard_a_panic_of_a_text_aborts() {
    let child = in_child("without_a_guard_a_panic_of_a_text_aborts", &[], || {
        let library = Build::new("shown").library();
        // SAFETY: the same compiler has just built the fixture, and it stays mapped.
        let library = Box::leak(Box::new(unsafe { libloading::Library::new(library) }.unwrap()));
        // SAFETY: the function exists, and has this type.
        let make = unsafe { library.get::<fn() -> Box<dyn Shown>>(b"unguarded") }.unwrap();
        println!("{}", make());
        caught(|| format!("{:?}", make()));
    });
    let Some(child) = child else { return };
    assert!(child.stdout.contains("sample"), "{}", child.stderr);
    assert!(child.has_aborted(), "{}", child.stderr);
}

#[test]
fn static_borrows_cross_in_both_directions_and_outlive_their_plugin() {
    let plugin = plugin();
    let (about, motto, words) = (plugin.about(), plugin.motto(), plugin.words());
    let kept = plugin.keep("of the host's image");
    drop(plugin);
    assert_eq!(about, About { name: "shown", notes: vec!["static".into(), "owned".into()] });
    assert_eq!((motto, words, kept), ("of the plugin's image", &["two", "words"][..], "of the host's image"));
}

#[test]
fn types_without_a_size_cross_behind_pointers() {
    let plugin = plugin();
    let key = Key::new("a key");
    assert!(std::ptr::eq(plugin.key(key), key));
    assert_eq!(plugin.twice(Key::boxed("b")), Key::boxed("Key(\"b\")Key(\"b\")"));
}

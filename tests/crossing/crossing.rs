//! Objects that cross the boundary: each form of the table in both directions, with working and panicking calls, and on
//! the way back.

use std::any::Any;
use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crossing_api::{Bag, Callback, Counter, Crossing, Delegate, Kind, Peer, UNLUCKY, Visitor, WAYS};
use harness::{Build, in_child, loader, passed_alone};
use kinds_api::Kinds;
use libloading::Library;
use plugbox::__private::Origin;
use plugbox_loader::{Loaded, PluginPanic};

/// A panic payload whose type only the host knows.
#[derive(Debug, PartialEq)]
struct HostsOwn(u64);

#[derive(Default)]
struct Own;

fn answer(number: u64) -> u64 {
    if number == UNLUCKY {
        std::panic::panic_any(HostsOwn(number));
    }
    number * 20
}

impl Peer for Own {
    fn answer(&self, number: u64) -> u64 {
        answer(number)
    }
}

kinds_api::everything!(Own, answer);

#[derive(Default)]
struct OwnCounter(u64);

impl Counter for OwnCounter {
    fn count(&mut self, step: u64) -> u64 {
        if step == UNLUCKY {
            std::panic::panic_any(HostsOwn(step));
        }
        self.0 += step;
        self.0
    }
}

fn own() -> Box<dyn Peer> {
    Box::new(Own)
}

fn plugin() -> Loaded<dyn Crossing> {
    built(Build::new("crossing"))
}

fn built(build: Build) -> Loaded<dyn Crossing> {
    let library = build.library();
    loader(&library).load_file::<dyn Crossing>(&library).unwrap()
}

fn kinds_plugin() -> Loaded<dyn Kinds> {
    let library = Build::new("kinds").library();
    loader(&library).load_file::<dyn Kinds>(&library).unwrap()
}

/// The same calls without a guard, for comparison.
fn unguarded<Api: ?Sized>(fixture: &str) -> Box<Api> {
    // SAFETY: the same compiler has just built the fixture, and the fixture stays mapped.
    let library = Box::leak(Box::new(unsafe { Library::new(Build::new(fixture).library()) }.unwrap()));
    // SAFETY: the function exists. Each fixture has one interface, which the callers name.
    let make = unsafe { library.get::<fn() -> Box<Api>>(b"unguarded") }.unwrap();
    make()
}

fn caught<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    assert!(!std::thread::panicking());
    payload
}

/// A way through a row: the caller, the part, and the side whose peer is asked.
type Way = (&'static str, &'static str, &'static str);

/// Runs each way of each row of each kind's table.
fn each<Api: ?Sized>(kinds: &[Kind<Api>], mut row: impl FnMut(&str, &Kind<Api>, usize, Way)) {
    for kind in kinds {
        for (index, form) in kind.forms.iter().enumerate() {
            for way in WAYS {
                row(&format!("{}: {form} {way:?}", kind.name), kind, index, way);
            }
        }
    }
}

#[test]
fn every_form_works_in_both_directions() {
    assert_eq!(rows_that_work(&*plugin(), &crossing_api::kinds::<Own>()), 38);
}

#[test]
fn every_form_works_for_interfaces_of_every_kind() {
    assert_eq!(rows_that_work(&*kinds_plugin(), &kinds_api::kinds::<Own>()), 5 * 38);
}

fn rows_that_work<Api: ?Sized>(plugin: &Api, kinds: &[Kind<Api>]) -> usize {
    let mut of_row = HashMap::new();
    each(kinds, |name, kind, row, (caller, part, whose)| {
        let answer = (kind.play)(plugin, caller, row, part, 100);
        let of_one = if whose == "host" { 2000 } else { 200 };
        assert_eq!(answer % of_one, 0, "{name}");
        let peers = answer / of_one;
        assert!(peers > 0, "{name}");
        assert_eq!(*of_row.entry((kind.name, row)).or_insert(peers), peers, "{name}");
    });
    of_row.len()
}

#[test]
fn panics_arrive_out_of_interfaces_of_every_kind() {
    if passed_alone("panics_arrive_out_of_interfaces_of_every_kind") {
        return;
    }
    every_panic_arrives("kinds", &*kinds_plugin(), &kinds_api::kinds::<Own>());
}

#[test]
fn whichever_side_panics_in_a_form_its_own_payload_arrives() {
    if passed_alone("whichever_side_panics_in_a_form_its_own_payload_arrives") {
        return;
    }
    every_panic_arrives("crossing", &*plugin(), &crossing_api::kinds::<Own>());
}

#[test]
fn panics_arrive_however_the_plugin_was_optimized() {
    if passed_alone("panics_arrive_however_the_plugin_was_optimized") {
        return;
    }
    let optimized = |level| Build::new("crossing").optimized(level);
    for build in [optimized("1"), optimized("2"), optimized("3"), optimized("2").lto("thin"), optimized("3").lto("fat")]
    {
        println!("{build:?}");
        every_panic_arrives("crossing", &*built(build), &crossing_api::kinds::<Own>());
    }
}

fn every_panic_arrives<Api: ?Sized>(fixture: &str, plugin: &Api, kinds: &[Kind<Api>]) {
    each(kinds, |name, kind, row, way| {
        let (caller, part, whose) = way;
        let payload = caught(|| (kind.play)(plugin, caller, row, part, UNLUCKY));
        if whose == "host" {
            assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)), "{name}");
            return;
        }
        let panic = payload.downcast_ref::<PluginPanic>().unwrap_or_else(|| panic!("{name}"));
        assert_eq!((&*panic.plugin, &*panic.message), (fixture, "the plugin's peer knows no 13"));
        // A peer that the host holds is called by the host. A peer that came home is called by the plugin.
        let home = way == ("plugin", "home", "plugin");
        let method = if home { panic.method.as_deref().unwrap() } else { kind.methods[row] };
        assert_eq!(panic.method.as_deref(), Some(method), "{name}");
        assert!(!home || method.contains("::call"), "{name}: {method}");
        let location = panic.location.as_ref().unwrap();
        assert!(location.file.ends_with(&format!("{fixture}/src/lib.rs")) && location.line > 0, "{panic}");
    });
}

/// The comparison for the tests above: where a plugin's peer panics there, the process ends here, for each row.
#[test]
fn without_guards_every_panic_of_the_plugin_aborts() {
    const TEST: &str = "without_guards_every_panic_of_the_plugin_aborts";
    every_panic_aborts::<dyn Crossing>(TEST, "crossing", &crossing_api::kinds::<Own>(), usize::MAX);
}

/// One form of each kind suffices. The test above shows which forms need a guard.
#[test]
fn without_guards_a_panic_out_of_an_interface_of_any_kind_aborts() {
    const TEST: &str = "without_guards_a_panic_out_of_an_interface_of_any_kind_aborts";
    every_panic_aborts::<dyn Kinds>(TEST, "kinds", &kinds_api::kinds::<Own>(), 1);
}

fn every_panic_aborts<Api: ?Sized + 'static>(test: &str, fixture: &str, kinds: &[Kind<Api>], most_rows: usize) {
    let case = |index: usize, row: usize, way: usize| format!("{index} {row} {way}");
    for (index, kind) in kinds.iter().enumerate() {
        for row in 0..kind.forms.len().min(most_rows) {
            for (way, (caller, part, _)) in WAYS.into_iter().enumerate().filter(|(_, way)| way.2 == "plugin") {
                // Backtraces of a hundred processes would cost time, and the test does not need them.
                let variables = [("CROSSING_CASE", &*case(index, row, way)), ("RUST_BACKTRACE", "0")];
                let child = in_child(test, &variables, || {
                    // The child starts from the beginning, and finds its own case here.
                    let wanted = std::env::var("CROSSING_CASE").unwrap();
                    let numbers: Vec<usize> = wanted.split(' ').map(|number| number.parse().unwrap()).collect();
                    let [index, row, way] = numbers[..] else { panic!("{wanted}") };
                    let ((caller, part, _), kind) = (WAYS[way], &kinds[index]);
                    let plugin = unguarded::<Api>(fixture);
                    assert!((kind.play)(&*plugin, caller, row, part, 100) > 0);
                    println!("works while nobody panics");
                    caught(|| (kind.play)(&*plugin, caller, row, part, UNLUCKY));
                });
                let Some(child) = child else { return };
                let name = format!("{}: {} {caller} {part}", kind.name, kind.forms[row]);
                assert!(child.stdout.contains("works while nobody panics"), "{name}: {}", child.stderr);
                assert!(child.has_aborted(), "{name}: {}", child.stderr);
            }
        }
    }
}

/// A host's panic passes through a plugin's frames, guarded or not. Without a guard, it aborts where the plugin's std
/// meets it.
#[test]
fn without_guards_a_panic_of_the_host_aborts_where_the_plugin_catches_it() {
    let child = in_child("without_guards_a_panic_of_the_host_aborts_where_the_plugin_catches_it", &[], || {
        let plugin = unguarded::<dyn Crossing>("crossing");
        plugin.keep(Some(Arc::from(own())));
        assert_eq!(plugin.ask_kept_elsewhere(1), 20);
        println!("works while nobody panics");
        caught(|| plugin.ask_kept_elsewhere(UNLUCKY));
    });
    let Some(child) = child else { return };
    assert!(child.stdout.contains("works while nobody panics"), "{}", child.stderr);
    assert!(child.has_aborted(), "{}", child.stderr);
}

#[test]
fn a_box_that_comes_home_is_the_very_object() {
    if passed_alone("a_box_that_comes_home_is_the_very_object") {
        return;
    }
    let plugin = plugin();
    let forms = plugin.forms();
    let mut boxed: Box<dyn Peer> = own();
    let address = ptr::from_ref(&*boxed).cast::<()>();
    for _ in 0..10_000 {
        boxed = forms.pass_box(boxed);
        assert_eq!(ptr::from_ref(&*boxed).cast::<()>(), address);
    }
    // A plugin's object: the host always has the guard around the object, and the guard itself is never guarded.
    let mut theirs = forms.give_box();
    for _ in 0..10_000 {
        theirs = forms.pass_box(theirs);
        assert_eq!(theirs.answer(1), 2);
    }
    let size = size_of_val(&*theirs);
    assert_eq!(size, size_of_val(&*forms.give_box()));
}

/// A macro that delegates a trait's methods also delegates the hidden method. Malicious code could do the same.
#[test]
fn an_object_that_delegates_to_a_wrapper_is_not_taken_for_it() {
    if passed_alone("an_object_that_delegates_to_a_wrapper_is_not_taken_for_it") {
        return;
    }
    let plugin = plugin();
    let forms = plugin.forms();
    // A plugin's object, inside a host's object, goes home to the plugin and comes back.
    let theirs = forms.pass_box(Box::new(Delegate(forms.give_box())));
    assert_eq!(theirs.answer(4), 8);
    let shared = forms.pass_arc(Arc::new(Delegate(forms.give_arc())));
    assert_eq!(shared.answer(4), 8);
    assert!(caught(|| shared.answer(UNLUCKY)).is::<PluginPanic>());
    // A host's object, inside a plugin's object, goes home to the host.
    let ours = plugin.delegate(own());
    assert_eq!(ours.answer(4), 80);
    assert_eq!(caught(|| ours.answer(UNLUCKY)).downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    let ours: Arc<dyn Peer> = Arc::from(own());
    assert_eq!(plugin.delegate_shared(ours.clone()).answer(4), 80);
    assert_eq!(Arc::strong_count(&ours), 1);
    // The box was moved into an `Arc`, so its wrapper has a different kind of owner now.
    let moved: Arc<dyn Peer> = Arc::from(forms.give_box());
    assert_eq!(forms.pass_arc(moved.clone()).answer(4), 8);
    assert!(caught(|| forms.take_arc(moved, UNLUCKY)).is::<PluginPanic>());
    // An object may claim the origin of a wrapper that is never dropped.
    thread_local! {
        static SAID: Cell<Option<Origin<'static>>> = const { Cell::new(None) };
    }
    struct Liar;
    impl Peer for Liar {
        fn answer(&self, number: u64) -> u64 {
            number
        }
        fn __plugbox_origin(&self) -> Option<Origin<'_>> {
            SAID.get()
        }
    }
    let leaked: &'static dyn Peer = Box::leak(forms.give_box());
    SAID.set(leaked.__plugbox_origin());
    assert!(SAID.get().is_some());
    assert_eq!(forms.take_box(Box::new(Liar), 4), 4);
}

#[test]
fn an_arc_that_comes_home_is_the_very_object_and_its_counts_are_right() {
    if passed_alone("an_arc_that_comes_home_is_the_very_object_and_its_counts_are_right") {
        return;
    }
    struct Counted(Arc<AtomicUsize>);
    impl Peer for Counted {
        fn answer(&self, number: u64) -> u64 {
            number
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let plugin = plugin();
    let forms = plugin.forms();
    let ours: Arc<dyn Peer> = Arc::new(Counted(dropped.clone()));
    for _ in 0..10_000 {
        let back = forms.pass_arc(ours.clone());
        assert!(Arc::ptr_eq(&ours, &back));
        assert_eq!(Arc::strong_count(&ours), 2);
    }
    assert_eq!(Arc::strong_count(&ours), 1);
    assert!(plugin.keep(Some(ours.clone())).is_none());
    assert_eq!(Arc::strong_count(&ours), 2);
    drop(ours);
    assert_eq!(dropped.load(Relaxed), 0);
    // The plugin drops the object last.
    assert!(plugin.keep(None).is_some());
    assert_eq!(dropped.load(Relaxed), 1);

    let theirs = forms.give_arc();
    for _ in 0..10_000 {
        assert!(plugin.keep(Some(theirs.clone())).is_none());
        let back = plugin.keep(None).unwrap();
        assert_eq!(back.answer(1), 2);
    }
    assert_eq!(Arc::strong_count(&theirs), 1);
}

struct OwnVisitor;

impl Visitor for OwnVisitor {
    fn visit(&self, bag: &mut Bag<'_>, number: u64) -> u64 {
        bag.peers.push(own());
        bag.peers[0].answer(number) + bag.shared.as_ref().unwrap().answer(number)
    }
}

#[test]
fn objects_in_what_is_lent_cross_for_the_call_and_back() {
    let plugin = plugin();
    let (name, shared): (_, Arc<dyn Peer>) = ("name".to_owned(), Arc::new(Own));
    let mut bag = Bag { name: &name, peers: vec![own(), own()], shared: Some(shared.clone()) };
    let places: Vec<_> = bag.peers.iter().map(|peer| ptr::from_ref(&**peer)).collect();
    assert_eq!(plugin.visit(&mut bag, 3), 60 + 60 + 4);
    // The first went to the end, and each of the host's is itself again.
    let now: Vec<_> = bag.peers.iter().map(|peer| ptr::from_ref(&**peer)).collect();
    assert!(ptr::addr_eq(now[3], places[0]) && ptr::addr_eq(now[1], places[1]));
    assert!(Arc::ptr_eq(&shared, bag.shared.as_ref().unwrap()));
    assert_eq!(bag.peers.iter().map(|peer| peer.answer(5)).collect::<Vec<_>>(), [10, 100, 10, 100]);
    // The plugin's are guarded.
    let payload = caught(|| bag.peers[0].answer(UNLUCKY));
    assert!(payload.downcast_ref::<PluginPanic>().is_some());

    // A panic of the host's peer, in the middle, keeps its payload. What is in the bag then has crossed back.
    let mut bag = Bag { name: "", peers: vec![own()], shared: None };
    let payload = caught(|| plugin.visit(&mut bag, UNLUCKY));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    assert_eq!(bag.peers.iter().map(|peer| peer.answer(5)).collect::<Vec<_>>(), [10, 10]);
    let payload = caught(|| bag.peers[1].answer(UNLUCKY));
    assert!(payload.downcast_ref::<PluginPanic>().is_some());

    let (mut one, mut others) = (Some(own()), vec![own(), Box::new(Own) as Box<dyn Peer>]);
    let last = ptr::from_ref(&*others[1]);
    plugin.swap(&mut one, &mut others);
    assert!(ptr::addr_eq(ptr::from_ref(&**one.as_ref().unwrap()), last));

    assert_eq!(plugin.visited_by(&OwnVisitor, 3), 6 + 6 + 60);
    let payload = caught(|| plugin.visited_by(&OwnVisitor, UNLUCKY));
    assert!(payload.downcast_ref::<PluginPanic>().is_some());
}

#[test]
fn a_lent_object_is_guarded_in_both_directions() {
    if passed_alone("a_lent_object_is_guarded_in_both_directions") {
        return;
    }
    let plugin = plugin();
    assert_eq!(plugin.lent(&Own, 2), 40);
    assert_eq!(caught(|| plugin.lent(&Own, UNLUCKY)).downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    let mut counter = OwnCounter::default();
    assert_eq!(plugin.lent_exclusively(&mut counter, 2), 2);
    assert_eq!(caught(|| plugin.lent_exclusively(&mut counter, UNLUCKY)).downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    assert_eq!(plugin.lent_exclusively(&mut counter, 3), 5);
    let theirs = plugin.forms().give_box();
    assert_eq!(plugin.lent(&*theirs, 2), 4);
    assert!(caught(|| plugin.lent(&*theirs, UNLUCKY)).is::<PluginPanic>());
}

#[test]
fn a_counter_keeps_counting_wherever_it_is() {
    if passed_alone("a_counter_keeps_counting_wherever_it_is") {
        return;
    }
    let plugin = plugin();
    let mut counter = plugin.counted(Box::new(OwnCounter(1)), 2);
    assert_eq!(counter.count(4), 7);
    assert_eq!(caught(|| plugin.counted(counter, UNLUCKY)).downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    let mut counter = plugin.counted(plugin.counter(), 2);
    assert_eq!(counter.count(4), 6);
    let panic = caught(|| counter.count(UNLUCKY)).downcast::<PluginPanic>().unwrap();
    assert_eq!(panic.method.as_deref(), Some("Counter::count"));
}

#[test]
fn a_closure_crosses_as_a_callback_in_both_directions() {
    if passed_alone("a_closure_crosses_as_a_callback_in_both_directions") {
        return;
    }
    let plugin = plugin();
    let ending = "!".to_owned();
    let twice = plugin.twice(Box::new(move |text: &str| format!("{text}{ending}")));
    assert_eq!(twice.call("a"), "a!!");
    let failing = plugin.twice(Box::new(|text: &str| -> String {
        assert!(text != "a", "the host's callback");
        String::new()
    }));
    assert_eq!(caught(|| failing.call("a")).downcast_ref::<&str>(), Some(&"the host's callback"));
}

#[test]
fn a_service_of_the_host_reaches_the_constructor_guarded() {
    if passed_alone("a_service_of_the_host_reaches_the_constructor_guarded") {
        return;
    }
    let library = Build::new("crossing").library();
    let ours: Arc<dyn Peer> = Arc::from(own());
    let (other, callback) = (Arc::from(own()), Arc::new(|text: &str| text.to_owned()));
    let loader = loader(&library).service::<dyn Peer>(other).service::<dyn Callback>(callback);
    let plugin = loader.service(ours.clone()).load_file::<dyn Crossing>(&library).unwrap();
    assert_eq!(plugin.ask_kept_elsewhere(2), 40);
    let payload = caught(|| plugin.ask_kept_elsewhere(UNLUCKY));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    assert!(Arc::ptr_eq(&plugin.keep(None).unwrap(), &ours));
    assert_eq!(Arc::strong_count(&ours), 1, "the loader or the plugin still holds the object");

    assert!(self::plugin().keep(None).is_none(), "a host without services");
}

#[test]
fn a_panic_of_the_host_on_a_thread_of_the_plugin_arrives_when_the_plugin_joins_it() {
    if passed_alone("a_panic_of_the_host_on_a_thread_of_the_plugin_arrives_when_the_plugin_joins_it") {
        return;
    }
    let plugin = plugin();
    plugin.keep(Some(Arc::from(own())));
    assert_eq!(plugin.ask_kept_elsewhere(1), 20);
    let payload = caught(|| plugin.ask_kept_elsewhere(UNLUCKY));
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)));
}

#[test]
fn objects_outlive_every_handle() {
    if passed_alone("objects_outlive_every_handle") {
        return;
    }
    let plugin = plugin();
    let forms = plugin.forms();
    let peer = forms.give_arc();
    let twice = plugin.twice(Box::new(|text: &str| format!("{text}.")));
    drop(plugin);
    drop(forms);
    assert_eq!(peer.answer(4), 8);
    assert_eq!(twice.call("a"), "a..");
    assert!(caught(|| peer.answer(UNLUCKY)).is::<PluginPanic>());
    // The objects are dropped on a different thread.
    std::thread::spawn(move || drop((peer, twice))).join().unwrap();
}

#[test]
fn a_panic_in_the_drop_of_an_object_is_not_raised() {
    if passed_alone("a_panic_in_the_drop_of_an_object_is_not_raised") {
        return;
    }
    struct Bomb;
    impl Peer for Bomb {
        fn answer(&self, number: u64) -> u64 {
            number
        }
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the drop of a host's object");
        }
    }
    let plugin = plugin();
    drop(plugin.bomb());
    let peers: [Box<dyn Peer>; 2] = [plugin.bomb(), own()];
    drop(peers);
    // The plugin drops the host's object.
    assert_eq!(plugin.forms().take_box(Box::new(Bomb), 1), 1);
    assert_eq!(plugin.forms().take_arc(Arc::new(Bomb), 1), 1);
    assert!(!std::thread::panicking());
}

#[test]
fn an_object_of_one_plugin_works_in_another() {
    if passed_alone("an_object_of_one_plugin_works_in_another") {
        return;
    }
    let (one, other) = (plugin(), plugin());
    assert_ne!(Loaded::info(&one).origin.generation(), Loaded::info(&other).origin.generation());
    let theirs = one.forms().give_box();
    let back = other.forms().pass_box(theirs);
    assert_eq!(back.answer(3), 6);
    let payload = caught(|| other.forms().take_box(back, UNLUCKY));
    assert_eq!(payload.downcast_ref::<PluginPanic>().unwrap().method.as_deref(), Some("Peer::answer"));
    let callback: Box<dyn Callback> = other.twice(one.twice(Box::new(|text: &str| format!("{text}-"))));
    assert_eq!(callback.call("a"), "a----");
}

#[test]
fn locks_are_poisoned_on_the_side_whose_frames_a_panic_passes() {
    if passed_alone("locks_are_poisoned_on_the_side_whose_frames_a_panic_passes") {
        return;
    }
    /// Asks the given peer while a lock of the host is held.
    struct Locked(Mutex<u64>, Box<dyn Peer>);
    impl Peer for Locked {
        fn answer(&self, number: u64) -> u64 {
            let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *total += self.1.answer(number);
            *total
        }
    }
    let plugin = plugin();
    assert_eq!(plugin.ask_locked(&Own, 1), 20);
    assert!(!plugin.is_poisoned());
    // A panic of the host passes through the plugin's frames.
    assert_eq!(caught(|| plugin.ask_locked(&Own, UNLUCKY)).downcast_ref(), Some(&HostsOwn(UNLUCKY)));
    assert!(plugin.is_poisoned());
    // A panic of the plugin passes through the host's frames, and then through the plugin's.
    let locked = Locked(Mutex::default(), plugin.forms().give_box());
    assert_eq!(plugin.lent(&locked, 1), 2);
    assert!(!locked.0.is_poisoned());
    assert!(caught(|| plugin.lent(&locked, UNLUCKY)).is::<PluginPanic>());
    assert!(locked.0.is_poisoned());
}

#[test]
fn a_plugin_that_panics_while_the_host_unwinds_is_caught() {
    if passed_alone("a_plugin_that_panics_while_the_host_unwinds_is_caught") {
        return;
    }
    /// Calls the plugin while this frame is unwound.
    struct Cleanup<'a>(&'a dyn Peer);
    impl Drop for Cleanup<'_> {
        fn drop(&mut self) {
            assert!(std::thread::panicking());
            assert_eq!(self.0.answer(1), 2);
            let panic = catch_unwind(AssertUnwindSafe(|| self.0.answer(UNLUCKY))).unwrap_err();
            assert!(panic.is::<PluginPanic>());
            assert!(std::thread::panicking());
        }
    }
    let peer = plugin().forms().give_box();
    let payload = caught(|| {
        let _cleanup = Cleanup(&*peer);
        std::panic::panic_any(HostsOwn(1));
    });
    assert_eq!(payload.downcast_ref(), Some(&HostsOwn(1)));
    assert_eq!(peer.answer(2), 4);
}

#[test]
fn counts_are_balanced_after_ten_thousand_panics() {
    if passed_alone("counts_are_balanced_after_ten_thousand_panics") {
        return;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let plugin = plugin();
    let forms = plugin.forms();
    let theirs = forms.give_arc();
    for round in 0..10_000 {
        let call = || if round % 2 == 0 { theirs.answer(UNLUCKY) } else { forms.take_box(own(), UNLUCKY) };
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
    }
    let _ = std::panic::take_hook();
    assert!(!std::thread::panicking());
    assert_eq!((theirs.answer(1), Arc::strong_count(&theirs)), (2, 1));
    // With a wrong count of panics, this panic would count as a second one, and abort.
    assert!(caught(|| theirs.answer(UNLUCKY)).is::<PluginPanic>());
}

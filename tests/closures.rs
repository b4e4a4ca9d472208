//! Closures that cross the boundary: lent for a call, returned to their own side, dropped; and what they cost.

use std::alloc::{GlobalAlloc, Layout, System};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crossing_api::{Bombs, Crossing, Lends, PARTS, Peer, UNLUCKY, lend};
use harness::{Build, loader, passed_alone};
use plugbox_loader::{Loaded, PluginPanic};

/// The closure of some of the forms.
type Sum = dyn Fn(&str, u64) -> u64 + Send + Sync;

/// Counts the blocks of both sides, because the plugin's allocator is the host's.
struct Counting;

static MADE: AtomicUsize = AtomicUsize::new(0);
static FREED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all blocks are the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MADE.fetch_add(1, Relaxed);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        FREED.fetch_add(1, Relaxed);
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Boxed = Box<dyn Fn(u64) -> u64 + Send + Sync>;
type Shared = Arc<dyn Fn(u64) -> u64 + Send + Sync>;

#[derive(Debug, PartialEq)]
struct HostsOwn(u64);

/// A peer that multiplies.
struct By<const FACTOR: u64>;

impl<const FACTOR: u64> Peer for By<FACTOR> {
    fn answer(&self, number: u64) -> u64 {
        if number == UNLUCKY {
            std::panic::panic_any(HostsOwn(number));
        }
        number * FACTOR
    }
}

fn own() -> Box<dyn Peer> {
    Box::new(By::<20>)
}

/// A peer that answers as the plugin's.
fn theirs() -> Box<dyn Peer> {
    Box::new(By::<2>)
}

fn plugin() -> Loaded<dyn Crossing> {
    let library = Build::new("crossing").library();
    loader(&library).load_file::<dyn Crossing>(&library).unwrap()
}

fn caught<R>(call: impl FnOnce() -> R) -> Box<dyn Any + Send> {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    assert!(!std::thread::panicking());
    payload
}

fn address<T: ?Sized>(object: &T) -> *const () {
    ptr::from_ref(object).cast()
}

/// What a closure calls and takes is guarded as well: closures in closures, and objects among their arguments and results.
#[test]
fn a_lent_closure_works_in_both_directions() {
    let plugin = plugin();
    for part in PARTS {
        assert_eq!(lend(&*plugin.lender(), part, own, 100), lend(&Lends(theirs), part, own, 100), "{part}");
        assert_eq!(plugin.lend(&Lends(own), part, 100), lend(&Lends(own), part, theirs, 100), "{part}");
    }
}

#[test]
fn a_panic_in_a_lent_closure_arrives_at_its_caller() {
    if passed_alone("a_panic_in_a_lent_closure_arrives_at_its_caller") {
        return;
    }
    let plugin = plugin();
    for part in PARTS {
        let payload = caught(|| lend(&*plugin.lender(), part, own, UNLUCKY));
        assert_eq!(payload.downcast_ref(), Some(&HostsOwn(UNLUCKY)), "{part}");
        let payload = caught(|| plugin.lend(&Lends(own), part, UNLUCKY));
        let panic = payload.downcast_ref::<PluginPanic>().unwrap_or_else(|| panic!("{part}"));
        assert_eq!((&*panic.plugin, &*panic.message), ("crossing", "the plugin's peer knows no 13"), "{part}");
    }
}

#[test]
fn a_box_that_comes_home_is_the_very_closure() {
    let plugin = plugin();
    let mut ours: Boxed = Box::new(|number| number + 7);
    let text = "not zero-sized".to_owned();
    let mut large: Boxed = Box::new(move |number| number + text.len() as u64);
    let at = address(&*large);
    for _ in 0..10_000 {
        (ours, large) = (plugin.same(ours), plugin.same(large));
        assert_eq!(address(&*large), at);
    }
    assert_eq!((ours(1), large(1), size_of_val(&*ours)), (8, 15, 0));
    // A closure of the plugin has one wrapper here, however often it was there.
    let shared = plugin.forms().give_arc_fn();
    let mut theirs: Boxed = Box::new(move |number| shared(number));
    for _ in 0..10_000 {
        theirs = plugin.same(theirs);
    }
    assert_eq!(theirs(4), 8);
}

#[test]
fn an_arc_that_comes_home_is_the_very_closure_and_its_counts_are_right() {
    let plugin = plugin();
    let text = "text".to_owned();
    let ours: Shared = Arc::new(move |number| number + text.len() as u64);
    for _ in 0..10_000 {
        assert!(plugin.keep_closure(Some(ours.clone())).is_none());
        assert_eq!(Arc::strong_count(&ours), 2);
        let back = plugin.keep_closure(None).unwrap();
        assert!(Arc::ptr_eq(&ours, &back));
    }
    assert_eq!((ours(1), Arc::strong_count(&ours)), (5, 1));
    let theirs = plugin.forms().give_arc_fn();
    for _ in 0..10_000 {
        assert!(plugin.keep_closure(Some(theirs.clone())).is_none());
        assert_eq!(plugin.keep_closure(None).unwrap()(4), 8);
    }
    // What is held weakly does not come home.
    let weak = Arc::downgrade(&theirs);
    drop(theirs);
    assert!(weak.upgrade().is_none());
    assert!(plugin.keep_closure(None).is_none());
}

/// The guide names these numbers.
#[test]
fn a_hundred_round_trips_leave_one_wrapper() {
    if passed_alone("a_hundred_round_trips_leave_one_wrapper") {
        return;
    }
    let plugin = plugin();
    let forms = plugin.forms();
    let trips = |mut go: Box<dyn FnMut() + '_>| {
        go();
        let (made, freed) = (MADE.load(Relaxed), FREED.load(Relaxed));
        (0..100).for_each(|_| go());
        let (made, freed) = (MADE.load(Relaxed) - made, FREED.load(Relaxed) - freed);
        (made, made - freed)
    };
    let text = "text".to_owned();
    let mut ours: Option<Boxed> = Some(Box::new(move |number| number + text.len() as u64));
    // One wrapper for each trip, and what the record needs for it.
    let (made, left) = trips(Box::new(|| ours = ours.take().map(|closure| plugin.same(closure))));
    assert!((100..=200).contains(&made) && left == 0, "{made} blocks, {left} left");
    let shared: Shared = Arc::new(|number| number);
    let (made, left) = trips(Box::new(|| {
        plugin.keep_closure(Some(shared.clone()));
        assert!(Arc::ptr_eq(&plugin.keep_closure(None).unwrap(), &shared));
    }));
    assert!((100..=200).contains(&made) && left == 0, "{made} blocks, {left} left");
    // A closure of the plugin keeps its wrapper here, and one more is made when it comes back.
    let mut theirs = Some(forms.give_fn());
    let (made, left) = trips(Box::new(|| theirs = theirs.take().map(|closure| forms.pass_fn(closure))));
    assert!((100..=200).contains(&made) && left == 0, "{made} blocks, {left} left");
    assert_eq!(theirs.unwrap()("", 4), 8);
}

/// Turned into an `Arc`, a box's contents move without a trace, and the next box may get its place: a closure of the same
/// size, with anything in it, or another wrapper.
#[test]
fn a_closure_at_the_place_of_a_wrapper_that_has_moved_is_not_taken_for_it() {
    if passed_alone("a_closure_at_the_place_of_a_wrapper_that_has_moved_is_not_taken_for_it") {
        return;
    }
    let plugin = plugin();
    let forms = plugin.forms();
    let mut taken = 0;
    for round in 0..1000_u64 {
        let theirs = forms.give_fn();
        let (at, size) = (address(&*theirs), size_of_val(&*theirs));
        assert_eq!(size, size_of::<[usize; 6]>(), "the closures below have another size");
        let moved: Arc<Sum> = Arc::from(theirs);
        let numbers = [round; 6];
        let uninit = std::mem::MaybeUninit::<[usize; 6]>::uninit();
        let boxes: [Box<Sum>; 2] = match round % 3 {
            0 => [Box::new(move |_, number| number + numbers[0]), Box::new(move |_, number| number + numbers[5])],
            1 => [(); 2].map(|()| {
                let closure: Box<Sum> = Box::new(move |_, number| {
                    let _ = &uninit;
                    number + round
                });
                closure
            }),
            _ => [forms.give_fn(), forms.give_fn()],
        };
        for closure in boxes {
            taken += usize::from(address(&*closure) == at);
            let expected = if round % 3 == 2 { 8 } else { 4 + round };
            assert_eq!(closure("", 4), expected);
            assert_eq!(forms.pass_fn(closure)("", 4), expected);
        }
        assert_eq!(moved("", 4), 8);
        // The `Arc` comes as another closure's box.
        let again: Box<Sum> = Box::new(move |text, number| moved(text, number));
        assert_eq!(forms.pass_fn(again)("", 4), 8);
    }
    assert!(taken > 300, "the allocator gave the place away only {taken} times");
}

#[test]
fn a_closure_crosses_as_each_of_its_types() {
    let plugin = plugin();
    let forms = plugin.forms();
    // It loses `Send` and `Sync` on this side, or on that one.
    let weaker = plugin.weaker(plugin.same(Box::new(|number| number + 1)));
    assert_eq!(plugin.weaker(weaker)(1), 2);
    let theirs: Box<dyn Fn(u64) -> u64> = {
        let theirs = forms.give_arc_fn();
        Box::new(move |number| theirs(number))
    };
    assert_eq!(plugin.weaker(plugin.weaker(theirs))(4), 8);
    // A box becomes an `Arc` over there.
    let shared = plugin.shared(Box::new(|number| number + 1));
    assert_eq!(shared(1), 2);
    assert!(plugin.keep_closure(Some(shared.clone())).is_none());
    assert_eq!(plugin.keep_closure(None).unwrap()(1), 2);
    assert_eq!(Arc::strong_count(&shared), 1);
    // A `Fn` is also an `FnMut` and an `FnOnce`.
    let mut changing: Box<dyn FnMut(u64) -> u64 + Send> = Box::new(plugin.same(Box::new(|number| number + 1)));
    changing = forms.pass_fn_mut(changing);
    assert_eq!(forms.pass_fn_once(Box::new(changing))(1), 2);
}

#[test]
fn a_closure_may_borrow_and_return_what_was_borrowed() {
    let plugin = plugin();
    let texts = ["a", "b"].map(str::to_owned);
    let calls = std::cell::Cell::new(0);
    let chosen = plugin.chosen(
        &texts,
        Box::new(|texts: &[String], ending: &str| {
            calls.set(calls.get() + 1);
            texts.iter().find(|text| text.ends_with(ending)).map_or("", |text| text)
        }),
    );
    assert_eq!(address(chosen), address(texts[1].as_str()));
    assert_eq!(calls.get(), 1);
    let mut seen = Vec::new();
    {
        let mut closure = plugin.borrowing(Box::new(|text: &str| seen.push(text.to_owned())));
        closure("host");
    }
    assert_eq!(seen, ["plugin", "host"]);
}

#[test]
fn a_panic_in_the_drop_of_a_closure_is_not_raised() {
    if passed_alone("a_panic_in_the_drop_of_a_closure_is_not_raised") {
        return;
    }
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    static REPORTS: AtomicUsize = AtomicUsize::new(0);
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Relaxed);
            panic!("the drop of a host's closure");
        }
    }
    std::panic::set_hook(Box::new(|_| _ = REPORTS.fetch_add(1, Relaxed)));
    let plugin = plugin();
    drop(plugin.bombs());
    assert_eq!(REPORTS.load(Relaxed), 4);
    plugin.drop_bombs(Bombs::of(|| Bomb));
    assert_eq!((REPORTS.load(Relaxed), DROPS.load(Relaxed)), (8, 4));
    // The call of an `FnOnce` consumes it: the panic is one of the call.
    let bombs = plugin.bombs();
    let panic = caught(bombs.last).downcast::<PluginPanic>().unwrap();
    assert_eq!((&*panic.message, panic.method.as_deref()), ("the drop of an object", Some("FnOnce()")));
    assert!(!std::thread::panicking());
}

#[test]
fn closures_outlive_every_handle_and_move_to_other_threads() {
    let plugin = plugin();
    let forms = plugin.forms();
    let (boxed, shared, once) = (forms.give_fn(), forms.give_arc_fn(), forms.give_fn_mut());
    assert!(plugin.keep_closure(Some(shared.clone())).is_none());
    drop((plugin, forms));
    let mut once = once;
    let sum = std::thread::spawn(move || boxed("", 4) + shared(4) + once(4)).join().unwrap();
    assert_eq!(sum, 24);
}

#[test]
fn a_closure_of_one_plugin_works_in_another() {
    let (one, other) = (plugin(), plugin());
    let theirs = one.forms().give_fn();
    let mut back = theirs;
    for _ in 0..10 {
        back = other.forms().pass_fn(back);
    }
    assert_eq!(back("", 4), 8);
    let lender = other.lender();
    assert_eq!(one.lend(&*lender, "peers", 100), lend(&Lends(theirs_too), "peers", theirs_too, 100));
}

fn theirs_too() -> Box<dyn Peer> {
    theirs()
}

/// Many threads pass closures at once, and drop them elsewhere.
#[test]
fn threads_pass_closures_at_once() {
    let plugin = plugin();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let plugin = &plugin;
            scope.spawn(move || {
                for round in 0..500 {
                    let ours = plugin.same(Box::new(move |number| number + thread));
                    let shared = plugin.shared(ours);
                    let previous = plugin.keep_closure(Some(shared));
                    assert!(previous.is_none_or(|previous| previous(round) < round + 4));
                }
            });
        }
    });
}

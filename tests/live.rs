//! Plugins that reload while they serve, keep their state, and roll back on failure.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier, Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use harness::{Build, hears, loader, logged, passed_alone, scratch};
use live_api::{Both, Counter, Named, Script, Tally};
use plugbox_loader::{
    CallError, Code, Events, Handover, Live, LiveBuilder, LiveEvent, LiveInterface, LiveLock, LivePin, NotCarried,
    OpenError, Probation, ReloadError, ReloadPhase, Reloaded,
};

/// The host's script: what each plugin does at each point.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<(String, String)>>,
    seen: Mutex<Vec<(String, ThreadId)>>,
    /// Points at which a call says that it has come, and waits.
    stops: Mutex<Vec<Stop>>,
}

/// A point, and how a call there says that it has come, and hears that it may go on.
type Stop = (String, Sender<()>, Receiver<()>);

impl Script for Scripted {
    fn at(&self, point: &str) -> String {
        lock(&self.seen).push((point.to_owned(), thread::current().id()));
        let stop = {
            let mut stops = lock(&self.stops);
            stops.iter().position(|(at, ..)| at == point).map(|found| stops.remove(found))
        };
        if let Some((_, here, go)) = stop {
            let _ = here.send(());
            let _ = go.recv();
        }
        let answers = lock(&self.answers);
        answers.iter().find(|(at, _)| at == point).map(|(_, answer)| answer.clone()).unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scripted {
    /// From now on, plugins answer so at this point.
    fn answer(&self, point: &str, answer: &str) {
        lock(&self.answers).insert(0, (point.to_owned(), answer.to_owned()));
    }

    fn clear(&self) {
        lock(&self.answers).clear();
    }

    /// The threads on which plugins were at this point.
    fn threads_at(&self, point: &str) -> Vec<ThreadId> {
        lock(&self.seen).iter().filter(|(at, _)| at == point).map(|(_, thread)| *thread).collect()
    }

    /// The next plugin at this point says so, and waits until the sender sends or is gone.
    fn stop(&self, point: &str) -> (Receiver<()>, Sender<()>) {
        let (here, is_here) = mpsc::channel();
        let (go, may_go) = mpsc::channel();
        lock(&self.stops).push((point.to_owned(), here, may_go));
        (is_here, go)
    }
}

/// A host with a library of its own, which the test replaces.
struct Host {
    path: PathBuf,
    script: Arc<Scripted>,
}

fn first() -> PathBuf {
    Build::new("live").stripped().library()
}

fn second() -> PathBuf {
    Build::new("live").stripped().feature("second").library()
}

fn stateless() -> PathBuf {
    Build::new("live").stripped().feature("stateless").library()
}

fn drifted() -> PathBuf {
    Build::new("live").stripped().feature("drift").library()
}

fn needs_an_executable_stack() -> PathBuf {
    Build::new("live").stripped().last_crate_flag("-Clink-arg=-Wl,-z,execstack").library()
}

fn unresolved() -> PathBuf {
    Build::new("live").stripped().feature("unresolved").library()
}

fn early() -> PathBuf {
    Build::new("live").stripped().feature("early-allocation").library()
}

/// Ends the tests if one of them waits for something that does not come, such as for itself: if no test has begun for five
/// minutes.
fn wait_for_no_test_longer_than_five_minutes() {
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    static WATCHDOG: Once = Once::new();
    BEGUN.fetch_add(1, Ordering::Relaxed);
    WATCHDOG.call_once(|| {
        thread::spawn(|| {
            let mut begun = 0;
            while begun != BEGUN.load(Ordering::Relaxed) {
                begun = BEGUN.load(Ordering::Relaxed);
                thread::sleep(Duration::from_secs(300));
            }
            eprintln!("a test waits");
            std::process::abort();
        });
    });
}

impl Host {
    fn new(library: &Path) -> Self {
        wait_for_no_test_longer_than_five_minutes();
        let host = Self { path: scratch("live").join("liblive.so"), script: Arc::default() };
        host.put(library);
        host
    }

    /// Replaces the library, as an installer does.
    fn put(&self, library: &Path) {
        let partial = self.path.with_extension("partial");
        fs::copy(library, &partial).unwrap();
        self.change(|path| fs::rename(&partial, path));
    }

    /// Changes the file at the library's path. In Wine 8, no file can be replaced while somebody reads it, so this tries it
    /// again, as an installer would.
    fn change(&self, how: impl Fn(&Path) -> io::Result<()>) {
        let mut tries = 0;
        while let Err(error) = how(&self.path) {
            assert!(cfg!(windows) && tries < 100, "{error}");
            tries += 1;
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn live<I: ?Sized + LiveInterface>(&self) -> LiveBuilder<I> {
        loader(&self.path).service::<dyn Script>(self.script.clone()).live::<I>(&self.path)
    }
}

fn all(events: &Events) -> Vec<LiveEvent> {
    std::iter::from_fn(|| events.try_next()).collect()
}

/// The names of the events, in their order.
fn names(events: &Events) -> Vec<String> {
    let name = |event: &LiveEvent| format!("{event:?}").split([' ', '(']).next().unwrap().to_owned();
    all(events).iter().map(name).collect()
}

// The handle.

#[test]
fn it_serves_the_newest_good_generation() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    assert_eq!(live.pin().version(), 1);
    let old = live.info();
    host.put(&second());
    assert_eq!(live.pin().version(), 1, "nobody has asked for a reload");
    let other = live.clone();
    let reloaded = other.reload().unwrap();
    assert_eq!((live.pin().version(), other.pin().version()), (2, 2));
    assert_eq!(live.call(|counter| counter.version()), Ok(2));
    assert_eq!(reloaded.from, old);
    assert_eq!(reloaded.to, live.info());
    assert_ne!(old.origin, live.info().origin);
}

#[test]
fn whoever_hears_of_a_reload_gets_the_new_generation() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Counter>().open().unwrap();
    let (events, reloads) = (live.events(), 50);
    thread::scope(|scope| {
        scope.spawn(|| {
            // It ends even if a reload fails.
            let heard = std::iter::from_fn(|| events.next_within(Duration::from_secs(60)));
            let reloaded = heard.filter_map(|event| match event {
                LiveEvent::Reloaded(reloaded) => Some(reloaded),
                _ => None,
            });
            let pins = reloaded.take(reloads).map(|Reloaded { to, .. }| {
                let pin = live.pin();
                assert!(LivePin::info(&pin).origin.generation() >= to.origin.generation());
            });
            assert_eq!(pins.count(), reloads);
        });
        for _ in 0..reloads {
            live.reload().unwrap();
        }
    });
}

#[test]
fn a_pin_gives_its_plugins_other_interfaces_and_facts() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    thread::scope(|scope| {
        let pin = live.pin();
        host.put(&stateless());
        scope.spawn(|| live.reload().unwrap()).join().unwrap();
        // The pin is of the old generation, and so is all that comes through it.
        assert_eq!(LivePin::get::<dyn Named>(&pin).unwrap().name(), "count 1");
        assert_eq!(LivePin::info(&pin).name, "count");
        assert_ne!(LivePin::info(&pin), &live.info());
        assert!(LivePin::get::<dyn plugbox::State>(&pin).is_some());
        assert!(LivePin::get::<dyn Tally>(&pin).is_none());
    });
    assert!(LivePin::get::<dyn plugbox::State>(&live.pin()).is_none());
}

/// Counts on eight threads, and returns the number of calls. Between its two steps, one call leaves time to another.
fn count_on_threads<I: ?Sized + LiveInterface>(live: &Live<I>, count: impl Fn(&Live<I>) + Sync) -> u64
where
    Live<I>: Sync,
{
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..200).for_each(|_| count(live)));
        }
    });
    1600
}

#[test]
fn exclusive_methods_run_one_at_a_time() {
    let host = Host::new(&first());
    let live = host.live::<dyn Tally>().open().unwrap();
    let calls = count_on_threads(&live, |live| {
        live.lock().add();
    });
    assert_eq!(live.lock().sum(), calls);
    let more = count_on_threads(&live, |live| {
        live.call_mut(|tally| tally.add()).unwrap();
    });
    assert_eq!(live.call(|tally| tally.sum()), Ok(calls + more));
}

#[test]
fn an_interface_with_both_kinds_of_supertraits_is_locked() {
    let host = Host::new(&first());
    let live = host.live::<dyn Both>().open().unwrap();
    count_on_threads(&live, |live| {
        let mut both = live.lock();
        both.add();
        both.count();
    });
    assert_eq!(live.lock().product(), 1600 * 1600);
    let mut both = live.lock();
    assert!(LiveLock::get::<dyn plugbox::State>(&both).is_some());
    assert!(LiveLock::get_mut::<dyn plugbox::State>(&mut both).is_some());
    assert_eq!(LiveLock::info(&both).name, "both");
}

#[test]
fn a_thread_that_holds_a_pin_or_a_lock_gets_an_error_and_does_not_wait() {
    let host = Host::new(&first());
    let (counter, tally) = (host.live::<dyn Counter>().open().unwrap(), host.live::<dyn Tally>().open().unwrap());
    let both = host.live::<dyn Both>().open().unwrap();
    let is_held = |outcome: Result<_, ReloadError>, count: u32| {
        let error = outcome.err().unwrap();
        assert!(matches!(error, ReloadError::Held { count: found, .. } if found == count), "{error}");
        assert_eq!(error.phase(), None);
    };
    let pin = counter.pin();
    is_held(counter.reload(), 1);
    is_held(counter.rollback(), 1);
    // Of another `Live` too: two threads could wait for each other.
    is_held(tally.reload(), 1);
    let second = counter.pin();
    is_held(counter.reload(), 2);
    drop((pin, second));
    assert!(counter.reload().is_ok());
    let locked = tally.lock();
    is_held(tally.reload(), 1);
    is_held(counter.reload(), 1);
    drop(locked);
    assert!(tally.reload().is_ok());
    let locked = both.lock();
    is_held(both.reload(), 1);
    drop(locked);
    assert!(both.reload().is_ok());
    // Inside a call there is a pin, or a lock.
    counter.call(|_| is_held(counter.reload(), 1)).unwrap();
    tally.call_mut(|_| is_held(tally.reload(), 1)).unwrap();
}

#[test]
fn a_second_lock_on_one_thread_is_a_panic_and_no_deadlock() {
    let host = Host::new(&first());
    let live = host.live::<dyn Tally>().open().unwrap();
    let mut first = live.lock();
    let second = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(live.lock())));
    let message = second.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("drop the first `LiveLock`"), "{message}");
    assert_eq!(first.add(), 1);
    drop(first);
    assert_eq!(live.lock().add(), 2);
}

#[test]
fn a_panic_poisons_its_generation_only() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    host.script.answer("call", "panic");
    let error = live.call(|counter| counter.act("call")).unwrap_err();
    assert!(matches!(&error, CallError::Panicked(panic) if panic.message == "told to panic at call"), "{error}");
    let error = live.call(|counter| counter.total()).unwrap_err();
    assert!(matches!(error, CallError::Poisoned(_)), "{error}");
    live.reload().unwrap();
    assert_eq!(live.call(|counter| counter.total()), Ok(0));
}

#[test]
fn rollback_serves_the_last_good_one_with_the_state_of_now() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    assert!(matches!(live.rollback(), Err(ReloadError::NothingEarlier { .. })));
    live.reload().unwrap();
    let good = live.info();
    live.pin().count();
    host.put(&drifted());
    live.reload().unwrap_err();
    // A refused one was never good.
    host.put(&first());
    live.reload().unwrap();
    assert_ne!(live.info(), good);
    live.pin().count();
    let back = live.rollback().unwrap();
    assert_eq!(back.to.origin, good.origin, "the image is the one that was good");
    assert!(matches!(back.state, Handover::Carried { schema: 1, bytes: 8, .. }));
    assert_eq!(live.pin().count(), 3);
    // And back again.
    assert_ne!(live.rollback().unwrap().to.origin, good.origin);
    assert_eq!(live.pin().total(), 3);
}

#[test]
fn a_rollback_to_a_version_that_does_not_know_the_state_is_refused() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    live.pin().count();
    host.put(&second());
    live.reload().unwrap();
    live.pin().count();
    let error = live.rollback().unwrap_err();
    assert_eq!(error.phase(), Some(ReloadPhase::Restore));
    assert!(error.to_string().ends_with("16 bytes of schema 2; this version knows 1"), "{error}");
    assert_eq!((live.pin().version(), live.pin().total()), (2, 2));
}

#[test]
fn events_tell_everything_once_and_in_order() {
    // What is logged must not depend on the subscribers of other tests.
    if passed_alone("events_tell_everything_once_and_in_order") {
        return;
    }
    let host = Host::new(&first());
    let (live, log) = logged(tracing::Level::DEBUG, || {
        let live = host.live::<dyn Counter>().open().unwrap();
        live.reload().unwrap();
        host.put(&drifted());
        live.reload().unwrap_err();
        live
    });
    // The first subscriber gets what came before it.
    let mut events = live.events();
    let found = all(&events);
    let LiveEvent::Loaded { plugin, .. } = &found[0] else { panic!("{found:?}") };
    assert_eq!(plugin.name, "count");
    let LiveEvent::Found { path } = &found[1] else { panic!("{found:?}") };
    assert_eq!(path, &host.path);
    let LiveEvent::Reloaded(reloaded) = &found[2] else { panic!("{found:?}") };
    assert_eq!((&reloaded.from, &reloaded.to), (plugin, &live.info()));
    assert!(reloaded.times.pause > Duration::ZERO);
    assert!(reloaded.times.load + reloaded.times.pause <= reloaded.times.total);
    assert!(matches!(reloaded.state, Handover::Carried { schema: 1, bytes: 8, .. }));
    let LiveEvent::Retired { plugin: retired, holders } = &found[3] else { panic!("{found:?}") };
    assert_eq!((retired, holders.count), (plugin, 0));
    let LiveEvent::Dropped { plugin: dropped, .. } = &found[4] else { panic!("{found:?}") };
    assert_eq!(dropped, plugin);
    assert!(matches!(&found[5], LiveEvent::Found { .. }));
    let LiveEvent::Refused { error } = &found[6] else { panic!("{found:?}") };
    assert_eq!(error.reasons()[0].code, Code::InterfaceChanged);
    assert_eq!(found.len(), 7, "{found:?}");
    for (event, level) in found.iter().zip(["INFO", "DEBUG", "INFO", "DEBUG", "DEBUG", "DEBUG", "WARN"]) {
        let text = event.to_string();
        let first = text.lines().next().unwrap();
        assert!(log.lines().any(|line| line.contains(level) && line.contains(first)), "{first}\n{log}");
    }
    // A later one gets what comes after it.
    let later = live.events();
    host.put(&first());
    live.reload().unwrap();
    assert_eq!(names(&later), ["Found", "Reloaded", "Retired", "Dropped"]);
    // They end with the handle.
    let clone = live.clone();
    drop(live);
    assert_eq!(names(&events), ["Found", "Reloaded", "Retired", "Dropped"]);
    drop(clone);
    assert!(events.next().is_none());
}

// The transaction.

/// What may go wrong in a phase: how the host brings it about, and what the error says.
type Failure = (ReloadPhase, fn(&Host), &'static str);

fn scripted(host: &Host, point: &str, answer: &str) {
    host.script.answer(point, answer);
}

const FAILURES: [Failure; 15] = [
    (ReloadPhase::Look, |host| host.put(&drifted()), "interface-changed"),
    (ReloadPhase::Look, |host| fs::write(&host.path, "no library").unwrap(), "not-a-library"),
    (ReloadPhase::Look, |host| cut(&host.path), "truncated"),
    (ReloadPhase::Look, |host| fs::remove_file(&host.path).unwrap(), "cannot find the file"),
    (ReloadPhase::Verdict, |host| host.put(&needs_an_executable_stack()), "executable-stack"),
    (ReloadPhase::Map, |host| host.put(&unresolved()), "undefined symbol: no_library_has_this"),
    (ReloadPhase::Bind, |host| host.put(&early()), "early-allocation"),
    (ReloadPhase::Construct, |host| scripted(host, "construct", "fail"), "told to fail at construct"),
    (ReloadPhase::Construct, |host| scripted(host, "construct", "panic"), "told to panic at construct"),
    (ReloadPhase::Save, |host| scripted(host, "save", "fail"), "could not save its state: told to fail at save"),
    (ReloadPhase::Save, |host| scripted(host, "save", "panic"), "told to panic at save"),
    (ReloadPhase::Restore, |host| scripted(host, "save", "garbage"), "7 bytes of schema 1; this version knows 1"),
    (ReloadPhase::Restore, |host| scripted(host, "restore", "fail"), "told to fail at restore"),
    (ReloadPhase::Restore, |host| scripted(host, "restore", "panic"), "told to panic at restore"),
    (ReloadPhase::Health, |host| scripted(host, "health", "fail"), "did not pass the host's health check: it is ill"),
];

fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

/// A host whose health check asks the script.
fn checked(host: &Host) -> LiveBuilder<dyn Counter> {
    let script = host.script.clone();
    host.live::<dyn Counter>().health(move |_| match &*script.at("health") {
        "" => Ok(()),
        "panic" => panic!("the check panicked"),
        _ => Err("it is ill".to_owned()),
    })
}

#[test]
fn a_failure_in_any_phase_leaves_the_old_one_serving_with_its_state() {
    let host = Host::new(&first());
    let live = checked(&host).open().unwrap();
    let events = live.events();
    // No linker of another system makes these two libraries.
    let of_linux = ["executable-stack", "undefined symbol: no_library_has_this"];
    let failures = FAILURES.into_iter().filter(|(.., says)| cfg!(target_os = "linux") || !of_linux.contains(says));
    for (number, (phase, fail, says)) in (1..).zip(failures) {
        let old = live.info();
        live.pin().count();
        all(&events);
        fail(&host);
        let error = live.reload().unwrap_err();
        assert_eq!(error.phase(), Some(phase), "{error}");
        assert!(error.to_string().contains(says), "{error}\n{says}");
        let found = all(&events);
        let told = found.iter().find_map(|event| match event {
            LiveEvent::Refused { error } => Some(error.to_string()),
            _ => None,
        });
        assert_eq!(told, Some(error.to_string()));
        assert_eq!(found.len(), 2, "{found:?}");
        host.script.clear();
        host.put(&first());
        assert_eq!(live.info(), old);
        assert_eq!(live.pin().total(), number);
        assert_eq!(live.call(|counter| counter.total()), Ok(number), "no poison");
    }
    // The control: all that is left is good.
    let total = live.pin().total();
    live.reload().unwrap();
    assert_eq!(live.pin().total(), total);
    let constructed = host.script.threads_at("construct").len();
    assert_eq!(host.script.threads_at("drop").len(), constructed - 1, "only one serves");
}

#[test]
fn a_panic_of_the_host_itself_is_a_failure_too() {
    let host = Host::new(&first());
    let live = checked(&host).open().unwrap();
    host.script.answer("health", "panic");
    let error = live.reload().unwrap_err();
    assert_eq!(error.phase(), Some(ReloadPhase::Health));
    assert!(error.to_string().ends_with("it panicked: the check panicked"), "{error}");
    host.script.clear();
    live.reload().unwrap();
}

#[test]
fn the_first_generation_must_pass_too() {
    let host = Host::new(&drifted());
    let error = host.live::<dyn Counter>().open().unwrap_err();
    assert_eq!(error.reasons()[0].code, Code::InterfaceChanged);
    host.put(&first());
    host.script.answer("health", "fail");
    assert_eq!(checked(&host).open().unwrap_err().phase(), Some(ReloadPhase::Health));
}

/// On Windows, a folder with a copy that serves cannot go.
#[cfg(unix)]
#[test]
fn a_place_for_the_copy_that_is_gone_is_a_failure_of_its_phase() {
    let host = Host::new(&first());
    let copies = scratch("live-copies").join("copies");
    let loader = loader(&host.path).service::<dyn Script>(host.script.clone()).stage_in(&copies);
    let live = loader.live::<dyn Counter>(&host.path).open().unwrap();
    fs::remove_dir_all(&copies).unwrap();
    fs::write(&copies, "a file").unwrap();
    let error = live.reload().unwrap_err();
    assert_eq!(error.phase(), Some(ReloadPhase::Stage), "{error}");
    fs::remove_file(&copies).unwrap();
    live.reload().unwrap();
}

#[test]
fn the_old_object_is_dropped_by_the_reload_and_never_in_a_call() {
    for library in [first(), stateless()] {
        let host = Host::new(&library);
        let live = host.live::<dyn Counter>().open().unwrap();
        // Others pin all the time, and the last pin of a generation is theirs.
        let (stop, here) = (AtomicBool::new(false), thread::current().id());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        live.pin().count();
                    }
                });
            }
            for _ in 0..20 {
                live.reload().unwrap();
            }
            stop.store(true, Ordering::Relaxed);
        });
        live.sweep();
        assert_eq!(host.script.threads_at("drop"), [here; 20]);
        drop(live);
        assert_eq!(host.script.threads_at("drop").len(), 21);
    }
}

#[test]
fn without_state_the_swap_does_not_wait_for_anybody() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Counter>().deadline(Duration::from_millis(50)).open().unwrap();
    let events = live.events();
    let old = live.info();
    all(&events);
    thread::scope(|scope| {
        let (is_here, go) = host.script.stop("call");
        let held = scope.spawn(|| {
            let pin = live.pin();
            pin.count();
            pin.act("call");
            pin.total()
        });
        is_here.recv().unwrap();
        host.put(&second());
        let reloaded = live.reload().unwrap();
        assert_eq!(reloaded.times.pause, Duration::ZERO);
        assert_eq!(reloaded.state, Handover::NotCarried(NotCarried::OldHasNone));
        assert_eq!((live.pin().version(), live.pin().total()), (2, 0));
        let found = all(&events);
        let LiveEvent::Retired { plugin, holders } = &found[2] else { panic!("{found:?}") };
        assert_eq!((plugin, holders.count), (&old, 1));
        // Too long: it is told who, and once.
        thread::sleep(Duration::from_millis(60));
        live.sweep();
        live.sweep();
        let found = all(&events);
        let [LiveEvent::Late { plugin, holders, .. }] = &found[..] else { panic!("{found:?}") };
        assert_eq!((plugin, holders.count), (&old, 1));
        assert!(holders.places[0].location.file().ends_with("tests/live.rs"), "{holders}");
        assert!(host.script.threads_at("drop").is_empty());
        drop(go);
        assert_eq!(held.join().unwrap(), 1);
        live.sweep();
        assert_eq!(names(&events), ["Dropped"]);
    });
}

#[test]
fn without_state_a_lock_keeps_its_generation_and_others_get_the_new_one() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Tally>().deadline(Duration::from_millis(50)).open().unwrap();
    let events = live.events();
    thread::scope(|scope| {
        let (is_here, go) = host.script.stop("call");
        let held = scope.spawn(|| {
            let mut tally = live.lock();
            tally.add();
            tally.act("call");
            tally.add()
        });
        is_here.recv().unwrap();
        all(&events);
        live.reload().unwrap();
        assert_eq!(live.lock().add(), 1);
        let found = all(&events);
        assert!(matches!(&found[2], LiveEvent::Retired { holders, .. } if holders.count == 1), "{found:?}");
        thread::sleep(Duration::from_millis(60));
        live.sweep();
        assert_eq!(names(&events), ["Late"]);
        drop(go);
        assert_eq!(held.join().unwrap(), 2);
        assert_eq!(live.lock().add(), 2);
        live.sweep();
        assert_eq!(names(&events), ["Dropped"]);
    });
}

#[test]
fn why_no_state_is_carried_is_told() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Counter>().open().unwrap();
    let why = |library: &Path| {
        host.put(library);
        live.reload().unwrap().state
    };
    assert_eq!(why(&stateless()), Handover::NotCarried(NotCarried::NoState));
    assert_eq!(why(&first()), Handover::NotCarried(NotCarried::OldHasNone));
    assert!(matches!(why(&first()), Handover::Carried { .. }));
    assert_eq!(why(&stateless()), Handover::NotCarried(NotCarried::NewHasNone));
}

// The watcher.

/// Polls until something comes of it.
#[track_caller]
fn poll<I: ?Sized + LiveInterface>(live: &Live<I>) -> Result<Reloaded, ReloadError> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(outcome) = live.poll().transpose() {
            return outcome;
        }
        assert!(Instant::now() < until, "nothing comes of it");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Polls for so long that a settled file would be reloaded.
#[track_caller]
fn nothing_comes_of_polling(live: &Live<dyn Counter>) {
    for _ in 0..30 {
        assert!(live.poll().unwrap().is_none());
        thread::sleep(Duration::from_millis(5));
    }
}

const SHORT: Duration = Duration::from_millis(40);

#[test]
fn a_host_without_a_thread_polls() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).open().unwrap();
    let events = live.events();
    nothing_comes_of_polling(&live);
    host.put(&second());
    assert!(live.poll().unwrap().is_none(), "it is not settled");
    assert_eq!(poll(&live).unwrap().to, live.info());
    assert_eq!(live.pin().version(), 2);
    nothing_comes_of_polling(&live);
    all(&events);

    // The same bad bytes are tried once, and a good file at the same path is.
    host.put(&drifted());
    assert_eq!(poll(&live).unwrap_err().reasons()[0].code, Code::InterfaceChanged);
    nothing_comes_of_polling(&live);
    host.put(&drifted());
    nothing_comes_of_polling(&live);
    assert_eq!(names(&events), ["Found", "Refused", "Known"]);
    host.put(&stateless());
    poll(&live).unwrap();
    all(&events);

    // A half-written file is waited for.
    let whole = fs::read(first()).unwrap();
    fs::write(&host.path, &whole[..whole.len() / 2]).unwrap();
    nothing_comes_of_polling(&live);
    fs::write(&host.path, &whole).unwrap();
    poll(&live).unwrap();
    assert_eq!(names(&events), ["Found", "Reloaded", "Retired", "Dropped"]);

    // A file that is gone is told once, and what is there afterward is new.
    fs::remove_file(&host.path).unwrap();
    nothing_comes_of_polling(&live);
    assert_eq!(names(&events), ["Gone"]);
    assert_eq!(live.pin().version(), 1);
    host.put(&second());
    poll(&live).unwrap();
}

#[test]
fn polling_waits_for_nobody_and_leaves_the_file_for_later() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).open().unwrap();
    let pin = live.pin();
    // As long as there is nothing to do, a pin is no obstacle.
    nothing_comes_of_polling(&live);
    host.put(&second());
    assert!(matches!(poll(&live), Err(ReloadError::Held { count: 1, .. })));
    assert!(matches!(live.poll(), Err(ReloadError::Held { count: 1, .. })));
    drop(pin);
    poll(&live).unwrap();
    assert_eq!(live.pin().version(), 2);
}

#[test]
fn a_reload_by_hand_is_not_repeated_by_the_watcher() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).open().unwrap();
    for library in [second(), stateless()] {
        host.put(&library);
        live.reload().unwrap();
        nothing_comes_of_polling(&live);
    }
    host.put(&drifted());
    live.reload().unwrap_err();
    nothing_comes_of_polling(&live);
    // Nor does the watcher undo a rollback.
    host.put(&first());
    live.reload().unwrap();
    live.rollback().unwrap();
    let old = live.info();
    nothing_comes_of_polling(&live);
    assert_eq!(live.info(), old);
}

#[test]
fn a_failure_that_is_not_the_files_is_tried_again_later() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).deadline(Duration::from_millis(30)).open().unwrap();
    thread::scope(|scope| {
        let (is_running, finish) = host.script.stop("call");
        scope.spawn(|| live.pin().act("call"));
        is_running.recv().unwrap();
        host.put(&second());
        assert_eq!(poll(&live).unwrap_err().phase(), Some(ReloadPhase::Drain));
        // Not at once: each attempt maps a library.
        assert!(live.poll().unwrap().is_none());
        assert_eq!(poll(&live).unwrap_err().phase(), Some(ReloadPhase::Drain));
        drop(finish);
    });
    host.script.answer("save", "fail");
    assert_eq!(poll(&live).unwrap_err().phase(), Some(ReloadPhase::Save));
    // A file that comes meanwhile does not wait.
    host.script.clear();
    host.put(&stateless());
    poll(&live).unwrap();
    nothing_comes_of_polling(&live);
}

/// Waits until this version serves.
#[track_caller]
fn becomes(live: &Live<dyn Counter>, version: u32) {
    let until = Instant::now() + Duration::from_secs(20);
    while live.pin().version() != version {
        assert!(Instant::now() < until, "version {version} does not come");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_thread_watches_however_the_file_is_changed() {
    let host = Host::new(&first());
    let folder = host.path.parent().unwrap().to_owned();
    let live = host.live::<dyn Counter>().quiet(SHORT).watch().unwrap();
    let mut events = live.events();
    live.pin().count();
    // By renaming.
    host.put(&second());
    becomes(&live, 2);
    assert_eq!(live.pin().count(), 2);
    // The first would not know the state of the second.
    host.put(&stateless());
    becomes(&live, 1);
    // In place.
    fs::write(&host.path, fs::read(second()).unwrap()).unwrap();
    becomes(&live, 2);
    host.put(&stateless());
    becomes(&live, 1);
    // By a hard link, as cargo does.
    fs::copy(second(), folder.join("built")).unwrap();
    fs::remove_file(&host.path).unwrap();
    host.change(|path| fs::hard_link(folder.join("built"), path));
    becomes(&live, 2);
    // Deleted, and made again.
    fs::remove_file(&host.path).unwrap();
    thread::sleep(Duration::from_millis(100));
    host.put(&stateless());
    becomes(&live, 1);
    let serves = live.info();
    drop(live);
    let told: Vec<LiveEvent> = events.by_ref().collect();
    let last = told.iter().rev().find_map(|event| match event {
        LiveEvent::Reloaded(reloaded) => Some(&reloaded.to),
        _ => None,
    });
    assert_eq!(last, Some(&serves));
    // The thread has ended, and dropped the last object.
    let constructed = host.script.threads_at("construct").len();
    while host.script.threads_at("drop").len() < constructed {
        thread::sleep(Duration::from_millis(5));
    }
    host.put(&second());
    thread::sleep(Duration::from_millis(200));
    assert_eq!(host.script.threads_at("construct").len(), constructed);
}

#[cfg(unix)]
#[test]
fn a_release_folder_that_is_switched_is_watched() {
    use plugbox_loader::{Loader, Trust};

    let folder = scratch("live-releases");
    for (release, library) in [("1", first()), ("2", second())] {
        fs::create_dir(folder.join(release)).unwrap();
        fs::copy(library, folder.join(release).join("liblive.so")).unwrap();
    }
    let switch = |release: &str| {
        std::os::unix::fs::symlink(release, folder.join("new")).unwrap();
        fs::rename(folder.join("new"), folder.join("current")).unwrap();
    };
    switch("1");
    // SAFETY: the tests built the libraries in this folder.
    let trust = unsafe { Trust::directory(&folder) }.unwrap().allow_group_writable();
    let path = folder.join("current/liblive.so");
    let live = Loader::new(trust).live::<dyn Counter>(path).quiet(SHORT).watch().unwrap();
    live.pin().count();
    switch("2");
    becomes(&live, 2);
    assert_eq!(live.pin().total(), 1);
}

#[test]
fn a_thread_may_poll_where_there_are_no_events() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).polling(Duration::from_millis(20)).watch().unwrap();
    host.put(&second());
    becomes(&live, 2);
}

#[test]
fn a_burst_is_one_reload_and_a_paused_watcher_does_nothing() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(Duration::from_millis(300)).watch().unwrap();
    let events = live.events();
    all(&events);
    for library in [second(), drifted(), stateless(), drifted(), second()].iter().cycle().take(20) {
        host.put(library);
        thread::sleep(Duration::from_millis(5));
    }
    becomes(&live, 2);
    thread::sleep(Duration::from_millis(500));
    assert_eq!(names(&events), ["Found", "Reloaded", "Retired", "Dropped"]);
    live.pause();
    host.put(&stateless());
    thread::sleep(Duration::from_millis(800));
    assert!(live.poll().unwrap().is_none());
    assert_eq!((live.pin().version(), names(&events).len()), (2, 0));
    live.resume();
    becomes(&live, 1);
}

/// For a thread that would look only after an hour.
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn the_end_of_a_pause_wakes_the_thread() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).polling(HOUR).watch().unwrap();
    live.pause();
    host.put(&second());
    live.resume();
    becomes(&live, 2);
}

#[test]
fn the_thread_drops_old_objects_and_reports_late_ones() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Counter>().polling(HOUR).deadline(Duration::from_millis(50)).watch().unwrap();
    let events = live.events();
    let pin = live.pin();
    host.put(&second());
    thread::scope(|scope| scope.spawn(|| live.reload().unwrap()).join().unwrap());
    let wait_for = |name: &str| {
        let until = Instant::now() + Duration::from_secs(20);
        while !names(&events).contains(&name.to_owned()) {
            assert!(Instant::now() < until, "{name} does not come");
            thread::sleep(Duration::from_millis(5));
        }
    };
    wait_for("Late");
    assert!(host.script.threads_at("drop").is_empty());
    drop(pin);
    wait_for("Dropped");
    assert!(!host.script.threads_at("drop").contains(&thread::current().id()));
}

#[test]
fn a_file_that_cannot_be_watched_or_loaded_is_an_error() {
    let host = Host::new(&drifted());
    let error = host.live::<dyn Counter>().watch().unwrap_err();
    assert!(matches!(&error, OpenError::Load(error) if error.phase() == Some(ReloadPhase::Look)), "{error}");
}

// The handover.

/// Linkers for Windows keep some of what nothing uses.
#[cfg(unix)]
#[test]
fn a_plugin_without_state_has_nothing_of_it() {
    let has_state = |library: PathBuf| {
        let bytes = fs::read(library).unwrap();
        bytes.windows(b"plugbox::state".len()).any(|window| window == b"plugbox::state")
    };
    assert!(has_state(first()));
    assert!(!has_state(stateless()));
}

/// A call on a thread of its own: the version that served it, and the sum.
fn call_beside<'a>(scope: &'a thread::Scope<'a, '_>, live: &'a Live<dyn Counter>) -> Receiver<(u32, u64)> {
    let (done, is_done) = mpsc::channel();
    scope.spawn(move || {
        let pin = live.pin();
        let _ = done.send((pin.version(), pin.count()));
    });
    is_done
}

/// Calls until a call has to wait. Returns that call, and the number of calls before it.
fn wait_for_the_pause<'a>(
    scope: &'a thread::Scope<'a, '_>,
    live: &'a Live<dyn Counter>,
) -> (Receiver<(u32, u64)>, u64) {
    let calls = (0..).find_map(|number| {
        let call = call_beside(scope, live);
        call.recv_timeout(Duration::from_millis(200)).is_err().then_some((call, number))
    });
    calls.unwrap()
}

#[test]
fn in_the_pause_running_calls_finish_and_new_ones_wait() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().deadline(LONG).open().unwrap();
    thread::scope(|scope| {
        let (is_running, finish) = host.script.stop("call");
        let running = scope.spawn(|| {
            let pin = live.pin();
            pin.act("call");
            // A second pin on a thread that has one must not wait for the end of the first.
            let nested = live.pin();
            (nested.version(), nested.count())
        });
        is_running.recv().unwrap();
        let (is_saving, save) = host.script.stop("save");
        host.put(&second());
        let reload = scope.spawn(|| live.reload().unwrap());
        let (waiting, before) = wait_for_the_pause(scope, &live);
        assert!(is_saving.try_recv().is_err(), "a call is running");
        drop(finish);
        assert_eq!(running.join().unwrap(), (1, before + 1));
        is_saving.recv().unwrap();
        assert!(waiting.recv_timeout(Duration::from_millis(50)).is_err(), "the state is being saved");
        drop(save);
        // The call has gone to the new one, and found the changes of the old.
        assert_eq!(waiting.recv().unwrap(), (2, before + 2));
        let reloaded = reload.join().unwrap();
        assert!(reloaded.times.pause >= Duration::from_millis(200), "{:?}", reloaded.times);
    });
}

#[test]
fn a_drain_that_takes_too_long_is_reported_and_nothing_is_taken() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().deadline(Duration::from_millis(30)).open().unwrap();
    let tally = host.live::<dyn Tally>().deadline(Duration::from_millis(30)).open().unwrap();
    thread::scope(|scope| {
        let (held, is_held) = mpsc::channel();
        let (finish, finished) = mpsc::channel::<()>();
        thread::Builder::new()
            .name("holder".to_owned())
            .spawn_scoped(scope, {
                let (live, tally) = (&live, &tally);
                move || {
                    let (pins, mut locked) = ([live.pin(), live.pin()], tally.lock());
                    held.send(()).unwrap();
                    finished.recv().unwrap_err();
                    assert_eq!((pins[0].count(), locked.add()), (1, 1));
                }
            })
            .unwrap();
        is_held.recv().unwrap();
        for (outcome, count) in [(live.reload(), 2), (tally.reload(), 1)] {
            let error = outcome.unwrap_err();
            assert_eq!(error.phase(), Some(ReloadPhase::Drain));
            let ReloadError::Drain { holders, .. } = &error else { panic!("{error}") };
            assert_eq!((holders.count, holders.places.len()), (count, count), "{error}");
            let place = &holders.places[0];
            assert!(place.location.file().ends_with("tests/live.rs") && place.thread == "holder", "{error}");
        }
        // The old one serves.
        assert_eq!(live.pin().total(), 0);
        drop(finish);
    });
    live.reload().unwrap();
    tally.reload().unwrap();
    assert_eq!((live.pin().total(), tally.lock().sum()), (1, 1));
}

#[test]
fn all_pins_of_a_thread_count_however_many_they_are() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().deadline(Duration::from_millis(30)).open().unwrap();
    let reload = || thread::scope(|scope| scope.spawn(|| live.reload()).join().unwrap());
    let mut pins: Vec<_> = (0..20).map(|_| live.pin()).collect();
    assert_eq!(pins.iter().map(|pin| pin.count()).max(), Some(20));
    while !pins.is_empty() {
        let ReloadError::Drain { holders, .. } = reload().unwrap_err() else { panic!() };
        assert_eq!((holders.count, holders.places.len()), (pins.len(), pins.len()));
        // From the middle, too.
        pins.swap_remove(pins.len() / 2);
        pins.truncate(pins.len() / 3 * 2);
    }
    reload().unwrap();
    assert_eq!(live.pin().total(), 20);
}

#[test]
fn threads_that_come_and_go_leave_nothing_but_the_pins_that_they_forget() {
    thread_local! {
        static KEPT: RefCell<Vec<LivePin<'static, dyn Counter>>> = const { RefCell::new(Vec::new()) };
    }
    let host = Host::new(&first());
    let live: &Live<dyn Counter> = Box::leak(Box::new(host.live().deadline(Duration::from_millis(30)).open().unwrap()));
    // More at once than have places in one group, and again.
    for _ in 0..3 {
        let all = Arc::new(Barrier::new(100));
        let threads = (0..100).map(|_| {
            let all = all.clone();
            thread::spawn(move || {
                // The first pin of a thread comes through the gate.
                live.pin().count();
                let pin = live.pin();
                all.wait();
                pin.count();
                // Dropped when the thread ends, after or before what else the thread has.
                KEPT.with_borrow_mut(|kept| kept.push(pin));
            })
        });
        // The end of a scope would not wait for what a thread drops at its end.
        threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
        live.reload().unwrap();
    }
    assert_eq!(live.pin().total(), 600);
    thread::spawn(|| std::mem::forget(live.pin())).join().unwrap();
    assert_eq!(live.reload().unwrap_err().phase(), Some(ReloadPhase::Drain), "it is held for ever");
    assert_eq!(live.pin().count(), 601);
}

#[test]
fn a_newer_version_takes_an_older_state_and_an_older_one_refuses_a_newer() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    live.pin().count();
    host.put(&second());
    let Handover::Carried { schema, bytes, .. } = live.reload().unwrap().state else { panic!("no state") };
    assert_eq!((schema, bytes), (1, 8));
    assert_eq!((live.pin().version(), live.pin().count()), (2, 2));
    host.put(&first());
    let error = live.reload().unwrap_err();
    assert_eq!(error.phase(), Some(ReloadPhase::Restore));
    assert_eq!((live.pin().version(), live.pin().count()), (2, 3));
}

#[test]
fn a_new_one_that_cannot_save_is_a_warning_now() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().open().unwrap();
    let events = live.events();
    live.pin().count();
    for how in ["fail", "panic"] {
        // The old one saves, and then the new one is asked once.
        let (is_restoring, go) = host.script.stop("restore");
        thread::scope(|scope| {
            let reload = scope.spawn(|| live.reload().unwrap());
            is_restoring.recv().unwrap();
            host.script.answer("save", how);
            drop(go);
            reload.join().unwrap();
        });
        let found = all(&events);
        let warning = found.iter().find_map(|event| match event {
            LiveEvent::CannotSave { plugin, failure } => Some((plugin, failure.join(": "))),
            _ => None,
        });
        let (plugin, failure) = warning.unwrap_or_else(|| panic!("{found:?}"));
        assert_eq!(plugin, &live.info());
        assert!(failure.ends_with(&format!("told to {how} at save")), "{failure}");
        assert_eq!(live.call(|counter| counter.total()), Ok(1), "it serves");
        assert_eq!(live.reload().unwrap_err().phase(), Some(ReloadPhase::Save));
        host.script.clear();
    }
    live.reload().unwrap();
    assert!(!names(&events).contains(&"CannotSave".to_owned()));
}

#[test]
fn a_plugin_that_calls_itself_in_its_own_handover_fails_and_does_not_wait_for_itself() {
    /// Pins the plugin again, or reloads it, inside its own code.
    struct Inside {
        live: Mutex<Option<Live<dyn Counter>>>,
        errors: Mutex<Vec<String>>,
    }
    impl Script for Inside {
        fn at(&self, point: &str) -> String {
            let live = lock(&self.live).clone();
            match (point, live) {
                ("save", Some(live)) => drop(live.pin().total()),
                ("construct", Some(live)) => {
                    // The old one serves while the new one is constructed.
                    live.pin().count();
                    lock(&self.errors).push(live.reload().unwrap_err().to_string());
                }
                _ => {}
            }
            String::new()
        }
    }
    let host = Host::new(&first());
    let inside = Arc::new(Inside { live: Mutex::default(), errors: Mutex::default() });
    let loader = loader(&host.path).service::<dyn Script>(inside.clone());
    let live = loader.live::<dyn Counter>(&host.path).open().unwrap();
    *lock(&inside.live) = Some(live.clone());
    let error = live.reload().unwrap_err();
    assert_eq!(error.phase(), Some(ReloadPhase::Save));
    assert!(error.to_string().contains("this thread reloads the plugin"), "{error}");
    assert!(lock(&inside.errors)[0].contains("a reload runs on this thread already"));
    assert_eq!(live.pin().total(), 1);
    lock(&inside.live).take();
    live.reload().unwrap();
}

// Probation.

const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_panic_on_probation_brings_the_old_one_back_with_its_state() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().probation(Probation::new(10, LONG)).open().unwrap();
    let events = live.events();
    live.pin().count();
    let old = live.info();
    host.script.answer("call", "panic");
    // However the plugin is called.
    let calls: [&dyn Fn(); 2] = [&|| drop(live.call(|counter| counter.act("call")).unwrap_err()), &|| {
        let panic = || live.pin().act("call");
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panic)).unwrap_err();
    }];
    for call in calls {
        live.reload().unwrap();
        let new = live.info();
        assert_ne!(new, old);
        assert_eq!((live.pin().count(), live.pin().count()), (2, 3));
        all(&events);
        call();
        let found = all(&events);
        let LiveEvent::RolledBack { from, to, undone } = &found[0] else { panic!("{found:?}") };
        assert_eq!((from, to, *undone), (&new, &old, 3));
        assert!(matches!(&found[1], LiveEvent::Retired { plugin, .. } if *plugin == new), "{found:?}");
        assert_eq!(live.info(), old);
        assert_eq!(live.call(|counter| counter.total()), Ok(1));
        assert!(
            matches!(live.rollback(), Err(ReloadError::NothingEarlier { .. })),
            "the one that panicked is not good"
        );
    }
}

#[test]
fn a_lock_on_probation_is_no_exception() {
    for library in [first(), stateless()] {
        let host = Host::new(&library);
        let live = host.live::<dyn Tally>().probation(Probation::new(10, LONG)).open().unwrap();
        live.lock().add();
        let old = live.info();
        host.script.answer("call", "panic");
        live.reload().unwrap();
        live.lock().add();
        live.call_mut(|tally| tally.act("call")).unwrap_err();
        assert_eq!(live.info(), old);
        assert_eq!(live.lock().sum(), 1);
    }
}

#[test]
fn a_lock_that_outlives_the_swap_gives_the_old_one_back_to_probation() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Tally>().probation(Probation::new(10, LONG)).open().unwrap();
    host.script.answer("panic", "panic");
    thread::scope(|scope| {
        let (is_here, go) = host.script.stop("call");
        let held = scope.spawn(|| {
            let mut tally = live.lock();
            tally.act("call");
            tally.add()
        });
        is_here.recv().unwrap();
        let old = live.info();
        live.reload().unwrap();
        live.call_mut(|tally| tally.act("panic")).unwrap_err();
        assert_eq!(live.info(), old);
        // It serves again as soon as its lock gives it back.
        let next = scope.spawn(|| live.lock().add());
        drop(go);
        assert_eq!((held.join().unwrap(), next.join().unwrap()), (1, 2));
    });
    // The lock gives it back, and then the new one panics.
    let mut tally = live.lock();
    thread::scope(|scope| scope.spawn(|| live.reload().unwrap()).join().unwrap());
    tally.add();
    let old = LiveLock::info(&tally).clone();
    drop(tally);
    assert_ne!(live.info(), old);
    live.call_mut(|tally| tally.act("panic")).unwrap_err();
    assert_eq!((live.info(), live.lock().sum()), (old, 3));
}

#[test]
fn probation_ends_after_its_calls_or_its_time() {
    let host = Host::new(&first());
    host.script.answer("call", "panic");
    let by_calls = host.live::<dyn Counter>().probation(Probation::new(3, LONG)).open().unwrap();
    by_calls.reload().unwrap();
    let new = by_calls.info();
    (0..3).for_each(|number| assert_eq!(by_calls.pin().count(), number + 1));
    by_calls.call(|counter| counter.act("call")).unwrap_err();
    assert_eq!(by_calls.info(), new);

    let by_time = host.live::<dyn Counter>().probation(Probation::new(1000, Duration::from_millis(30))).open().unwrap();
    by_time.reload().unwrap();
    let new = by_time.info();
    thread::sleep(Duration::from_millis(40));
    by_time.call(|counter| counter.act("call")).unwrap_err();
    assert_eq!(by_time.info(), new);
    assert_eq!(by_time.pin().total(), 0);
}

#[test]
fn a_call_that_panics_late_is_still_on_probation() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().probation(Probation::new(3, LONG)).open().unwrap();
    let (old, events) = (live.info(), live.events());
    host.script.answer("slow", "panic");
    live.reload().unwrap();
    thread::scope(|scope| {
        let (is_here, go) = host.script.stop("slow");
        let slow = scope.spawn(|| live.call(|counter| counter.act("slow")).unwrap_err());
        is_here.recv().unwrap();
        // More calls than probation asks for return before it.
        (0..5).for_each(|number| assert_eq!(live.pin().count(), number + 1));
        assert_ne!(live.info(), old);
        drop(go);
        slow.join().unwrap();
    });
    assert_eq!(live.info(), old);
    let undone = all(&events).into_iter().find_map(|event| match event {
        LiveEvent::RolledBack { undone, .. } => Some(undone),
        _ => None,
    });
    assert_eq!((undone, live.pin().total()), (Some(6), 0));
}

#[test]
fn a_reload_on_probation_hands_over_the_newest_state_and_a_refused_one_changes_nothing() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().probation(Probation::new(100, LONG)).open().unwrap();
    live.reload().unwrap();
    live.pin().count();
    host.put(&drifted());
    live.reload().unwrap_err();
    assert_eq!(live.pin().total(), 1);
    host.put(&second());
    live.reload().unwrap();
    assert_eq!(live.pin().count(), 2);
    // The one before it is that of the first reload, which had counted once.
    host.script.answer("call", "panic");
    live.call(|counter| counter.act("call")).unwrap_err();
    assert_eq!((live.pin().version(), live.pin().total()), (1, 1));
    // One of the three that were constructed serves.
    live.sweep();
    assert_eq!(host.script.threads_at("drop").len(), 2);
}

/// Forbids membarrier(2) to all threads of this process.
#[cfg(target_os = "linux")]
fn forbid_barriers() {
    let load = libc::sock_filter { code: 0x20, jt: 0, jf: 0, k: 0 };
    let is_it = libc::sock_filter { code: 0x15, jt: 0, jf: 1, k: libc::SYS_membarrier as u32 };
    let give = |k| libc::sock_filter { code: 0x06, jt: 0, jf: 0, k };
    let errno = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let mut filter = [load, is_it, give(errno), give(libc::SECCOMP_RET_ALLOW)];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    // SAFETY: prctl(2) with numbers alone.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    let (mode, flags) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_TSYNC);
    // SAFETY: the program has its four instructions, and seccomp(2) copies them.
    assert_eq!(unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) }, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_sandbox_that_takes_the_barriers_away_costs_old_objects_and_not_the_host() {
    if passed_alone("a_sandbox_that_takes_the_barriers_away_costs_old_objects_and_not_the_host") {
        return;
    }
    let (host, other) = (Host::new(&first()), Host::new(&stateless()));
    let keeping = host.live::<dyn Counter>().deadline(Duration::from_millis(50)).open().unwrap();
    let live = other.live::<dyn Counter>().open().unwrap();
    keeping.pin().count();
    // The control: the barriers are to be had.
    keeping.reload().unwrap();
    live.reload().unwrap();
    assert_eq!(other.script.threads_at("drop").len(), 1);
    forbid_barriers();
    // Whether anybody uses the old one is not known any more, so no state is taken from it.
    assert_eq!(keeping.reload().unwrap_err().phase(), Some(ReloadPhase::Drain));
    assert_eq!(keeping.pin().count(), 2);
    // Without a state the new one serves, and the old one stays.
    let old = live.info();
    live.reload().unwrap();
    live.sweep();
    assert_ne!(live.info(), old);
    assert_eq!((live.pin().count(), other.script.threads_at("drop").len()), (1, 1));
}

/// Runs code on a thread of its own, which must not wait for itself.
#[track_caller]
fn in_time(run: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let thread = thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    match is_done.recv_timeout(Duration::from_secs(20)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it waits"),
        _ => thread.join().unwrap(),
    }
}

#[test]
fn a_subscriber_may_reload_whatever_it_hears_of() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).open().unwrap();
    let events = live.events();
    all(&events);
    in_time(move || {
        let inside = live.clone();
        let subscriber = hears(move |_| {
            inside.pin().total();
            let _ = inside.reload();
            let _ = inside.poll();
        });
        tracing::subscriber::with_default(subscriber, || {
            host.put(&drifted());
            poll(&live).unwrap_err();
            host.put(&drifted());
            nothing_comes_of_polling(&live);
            fs::remove_file(&host.path).unwrap();
            nothing_comes_of_polling(&live);
            // Half-written, which is logged while it is waited for.
            fs::write(&host.path, &fs::read(first()).unwrap()[..1000]).unwrap();
            nothing_comes_of_polling(&live);
        });
        let found = names(&events);
        assert!(["Known", "Gone"].iter().all(|name| found.contains(&(*name).to_owned())), "{found:?}");
        assert_eq!(live.pin().version(), 1);
    });
}

#[test]
fn a_subscriber_that_pins_the_plugin_hears_of_a_rollback_during_a_reload() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().probation(Probation::new(10, LONG)).open().unwrap();
    live.pin().count();
    live.reload().unwrap();
    host.script.answer("call", "panic");
    in_time(move || {
        thread::scope(|scope| {
            // The gate hears of the panic when the pin goes, or when somebody reloads.
            let (panicked, has_panicked) = mpsc::channel();
            let (go, may_go) = mpsc::channel::<()>();
            let live = &live;
            scope.spawn(move || {
                let pin = live.pin();
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pin.act("call"))).unwrap_err();
                panicked.send(()).unwrap();
                let _ = may_go.recv();
            });
            has_panicked.recv().unwrap();
            let inside = live.clone();
            let heard = Arc::new(Mutex::new(Vec::new()));
            let totals = heard.clone();
            let subscriber = hears(move |event| {
                if *event.metadata().level() == tracing::Level::WARN {
                    lock(&totals).push(inside.pin().total());
                }
            });
            tracing::subscriber::with_default(subscriber, || live.reload().unwrap());
            assert_eq!(*lock(&heard), [1]);
            drop(go);
        });
        assert_eq!(live.pin().count(), 2);
    });
}

#[test]
fn a_failure_that_is_not_the_files_is_tried_again_although_the_file_is_touched() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().quiet(SHORT).open().unwrap();
    host.script.answer("save", "fail");
    host.put(&second());
    assert_eq!(poll(&live).unwrap_err().phase(), Some(ReloadPhase::Save));
    host.script.clear();
    // As by cargo, which links it once more.
    fs::hard_link(&host.path, host.path.with_extension("link")).unwrap();
    poll(&live).unwrap();
    assert_eq!(live.pin().version(), 2);
}

#[test]
fn a_lock_that_keeps_an_old_generation_counts_as_long_as_it_does() {
    let host = Host::new(&stateless());
    let live = host.live::<dyn Tally>().deadline(Duration::from_millis(50)).open().unwrap();
    let events = live.events();
    let held = Duration::from_millis(200);
    let lock = live.lock();
    thread::scope(|scope| scope.spawn(|| live.reload().unwrap()).join().unwrap());
    thread::sleep(held);
    live.sweep();
    drop(lock);
    live.sweep();
    let found = all(&events);
    let after = found.iter().find_map(|event| match event {
        LiveEvent::Dropped { after, .. } => Some(*after),
        _ => None,
    });
    assert!(after.unwrap() >= held, "{after:?}");
}

#[test]
fn times_without_an_end_are_long() {
    let host = Host::new(&first());
    let live = host.live::<dyn Counter>().deadline(Duration::MAX).quiet(SHORT).polling(Duration::MAX).watch().unwrap();
    live.reload().unwrap();
    host.put(&second());
    live.resume();
    becomes(&live, 2);
    assert!(live.events().next_within(Duration::MAX).is_some());
    let live = host.live::<dyn Counter>().quiet(Duration::MAX).open().unwrap();
    host.put(&first());
    nothing_comes_of_polling(&live);
}

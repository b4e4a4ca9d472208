//! Nothing is lost: threads call without pause, while the plugin reloads, again and again, and often fails to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use harness::{Build, in_child, loader, passed_alone, scratch};
use live_api::{Counter, Script, Tally};
use plugbox_loader::{
    Live, LiveEvent, LiveInterface, LivePin, Loader, PluginInfo, PluginPanic, Probation, ReloadPhase, Trust,
};

/// Counts the bytes that host and plugins have allocated and not freed.
struct Counting;

static BYTES: AtomicI64 = AtomicI64::new(0);

// SAFETY: the system's allocator does all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as i64, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the next plugin does, and how many there are.
#[derive(Default)]
struct Orders {
    next: Mutex<(&'static str, &'static str)>,
    constructed: AtomicU64,
    dropped: AtomicU64,
}

impl Script for Orders {
    fn at(&self, point: &str) -> String {
        match point {
            "construct" => self.constructed.fetch_add(1, Ordering::Relaxed),
            "drop" => self.dropped.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
        let (at, answer) = *self.next.lock().unwrap();
        if at == point { answer.to_owned() } else { String::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Good,
    Refused,
    HalfWritten,
    ConstructorFails,
    ConstructorPanics,
    RestoreRefuses,
    Panicking,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Good,
        Self::Refused,
        Self::HalfWritten,
        Self::ConstructorFails,
        Self::ConstructorPanics,
        Self::RestoreRefuses,
        Self::Panicking,
    ];

    /// The phase in which a reload fails.
    fn fails_in(self) -> Option<ReloadPhase> {
        match self {
            Self::Good | Self::Panicking => None,
            Self::Refused | Self::HalfWritten => Some(ReloadPhase::Look),
            Self::ConstructorFails | Self::ConstructorPanics => Some(ReloadPhase::Construct),
            Self::RestoreRefuses => Some(ReloadPhase::Restore),
        }
    }
}

struct Host {
    path: PathBuf,
    orders: Arc<Orders>,
    good: Vec<u8>,
    refused: Vec<u8>,
    panicking: Vec<u8>,
}

impl Host {
    fn new() -> Self {
        let built = |feature: Option<&str>| {
            let build = Build::new("live").stripped();
            fs::read(feature.map_or(build.clone(), |feature| build.feature(feature)).library()).unwrap()
        };
        let path = scratch("lossless").join("liblive.so");
        let [good, refused, panicking] = [None, Some("drift"), Some("panics")].map(built);
        fs::write(&path, &good).unwrap();
        Self { path, orders: Arc::default(), good, refused, panicking }
    }

    fn loader(&self) -> Loader {
        loader(&self.path).service::<dyn Script>(self.orders.clone())
    }

    /// Puts a version of this kind in place, and reloads.
    fn reload<I: ?Sized + LiveInterface>(&self, live: &Live<I>, kind: Kind) -> Option<PluginInfo> {
        let bytes = match kind {
            Kind::Refused => &self.refused[..],
            Kind::HalfWritten => &self.good[..self.good.len() / 2],
            Kind::Panicking => &self.panicking[..],
            _ => &self.good[..],
        };
        *self.orders.next.lock().unwrap() = match kind {
            Kind::ConstructorFails => ("construct", "fail"),
            Kind::ConstructorPanics => ("construct", "panic"),
            Kind::RestoreRefuses => ("restore", "fail"),
            _ => ("", ""),
        };
        let partial = self.path.with_extension("partial");
        fs::write(&partial, bytes).unwrap();
        fs::rename(partial, &self.path).unwrap();
        let outcome = live.reload();
        let phase = outcome.as_ref().err().and_then(|error| error.phase());
        assert_eq!(phase, kind.fails_in(), "{kind:?}: {outcome:?}");
        outcome.ok().map(|reloaded| reloaded.to)
    }
}

/// The number of reloads.
fn reloads() -> usize {
    std::env::var("PLUGBOX_RELOADS").map_or(200, |number| number.parse().expect("PLUGBOX_RELOADS is a number"))
}

/// The kinds of so many reloads, in no order that a call could depend on.
fn kinds(number: usize) -> impl Iterator<Item = Kind> {
    let mut random = 1_u64;
    (0..number).map(move |_| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Kind::ALL[(random >> 33) as usize % Kind::ALL.len()]
    })
}

/// Runs `call` without pause on eight threads while `reload` runs.
fn while_calling<R>(call: impl Fn(usize) + Sync, reload: impl FnOnce() -> R) -> R {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|number| {
                let (call, stop) = (&call, &stop);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        call(number);
                    }
                })
            })
            .collect();
        let result = catch_unwind(AssertUnwindSafe(reload));
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    })
}

fn generation(info: &PluginInfo) -> u64 {
    info.origin.generation().unwrap()
}

/// Keeps the panics that are expected out of the test's output.
fn be_quiet() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().cloned().unwrap_or_default();
        if !text.contains("now and then") && !text.contains("told to panic") {
            hook(panic);
        }
    }));
}

#[test]
fn each_call_that_returns_is_counted_once() {
    if passed_alone("each_call_that_returns_is_counted_once") {
        return;
    }
    be_quiet();
    let host = Host::new();
    let live = host.loader().live::<dyn Counter>(&host.path).deadline(Duration::from_secs(60)).open().unwrap();
    let events = live.events();
    let (returned, failed) = (AtomicU64::new(0), Mutex::new(BTreeMap::<u64, u64>::new()));
    let fail = |panic: &PluginPanic| {
        assert_eq!(panic.message, "now and then");
        *failed.lock().unwrap().entry(panic.origin.generation().unwrap()).or_default() += 1;
    };
    // Half of the threads pin, and half `call`.
    let call = |number: usize| {
        let outcome = if number % 2 == 0 {
            catch_unwind(AssertUnwindSafe(|| live.pin().count())).map_err(|payload| *payload.downcast().unwrap())
        } else {
            live.call(|counter| counter.count()).map_err(|error| error.into_panic())
        };
        match outcome {
            Ok(_) => drop(returned.fetch_add(1, Ordering::Relaxed)),
            Err(panic) => fail(&panic),
        }
    };
    let (mut panicking, mut served, mut kept) = (BTreeSet::new(), 1, Vec::new());
    let mut seen = BTreeMap::new();
    let mut reload = |number: usize, served: &mut u64| {
        for kind in kinds(number) {
            *seen.entry(kind).or_insert(0) += 1;
            if let Some(info) = host.reload(&live, kind) {
                *served += 1;
                if kind == Kind::Panicking {
                    panicking.insert(generation(&info));
                }
            }
            assert!(std::iter::from_fn(|| events.try_next()).count() > 1);
        }
    };
    // The first half, then the second: what the second adds to memory is what reloads keep.
    for _ in 0..2 {
        while_calling(call, || reload(reloads() / 2, &mut served));
        assert_eq!(live.pin().total(), returned.load(Ordering::Relaxed));
        live.sweep();
        kept.push((BYTES.load(Ordering::Relaxed), host.orders.constructed.load(Ordering::Relaxed)));
    }
    assert_eq!(seen.len(), Kind::ALL.len(), "{seen:?}");
    assert!(failed.lock().unwrap().keys().all(|generation| panicking.contains(generation)), "others have failed");
    assert!(!failed.lock().unwrap().is_empty(), "no plugin has panicked");
    assert!(returned.load(Ordering::Relaxed) > 1000 * served, "the threads had no time to call");
    let (constructed, dropped) = (&host.orders.constructed, &host.orders.dropped);
    assert_eq!(dropped.load(Ordering::Relaxed), constructed.load(Ordering::Relaxed) - 1, "one object serves");
    let [before, after] = kept[..] else { unreachable!() };
    let each = (after.0 - before.0) / (after.1 - before.1) as i64;
    println!("{seen:?}: {} calls, {served} generations, {each} bytes kept for an image", returned.into_inner());
    assert!(each < 2 << 10, "{each} bytes are kept for each image");
}

#[test]
fn each_locked_call_that_returns_is_counted_once() {
    if passed_alone("each_locked_call_that_returns_is_counted_once") {
        return;
    }
    be_quiet();
    let host = Host::new();
    let live = host.loader().live::<dyn Tally>(&host.path).deadline(Duration::from_secs(60)).open().unwrap();
    let returned = AtomicU64::new(0);
    let call = |number: usize| {
        if number % 2 == 0 {
            live.lock().add();
        } else {
            live.call_mut(|tally| tally.add()).unwrap();
        }
        returned.fetch_add(1, Ordering::Relaxed);
    };
    // `Tally` does not panic in the panicking version.
    while_calling(call, || kinds(reloads() / 2).for_each(|kind| drop(host.reload(&live, kind))));
    assert_eq!(live.lock().sum(), returned.into_inner());
}

/// A rollback undoes the calls of the generation that panicked, says how many, and no others.
#[test]
fn a_rollback_undoes_what_it_says() {
    if passed_alone("a_rollback_undoes_what_it_says") {
        return;
    }
    be_quiet();
    let host = Host::new();
    let probation = Probation::new(500, Duration::from_secs(600));
    let live = host.loader().live::<dyn Counter>(&host.path).probation(probation).open().unwrap();
    let events = live.events();
    // For each generation, the calls that returned and those that panicked.
    let calls = Mutex::new(BTreeMap::<u64, (u64, u64)>::new());
    let call = |_: usize| {
        let pin = live.pin();
        let outcome = catch_unwind(AssertUnwindSafe(|| pin.count()));
        let mut calls = calls.lock().unwrap();
        let entry = calls.entry(generation(LivePin::info(&pin))).or_default();
        if outcome.is_ok() { entry.0 += 1 } else { entry.1 += 1 }
    };
    let mut rolled_back = BTreeMap::new();
    let mut collect = || {
        for event in std::iter::from_fn(|| events.try_next()) {
            if let LiveEvent::RolledBack { from, undone, .. } = event {
                rolled_back.insert(generation(&from), undone);
            }
        }
    };
    while_calling(call, || {
        for kind in kinds(reloads() / 2) {
            if let Some(info) = host.reload(&live, kind).filter(|_| kind == Kind::Panicking) {
                while live.info() == info {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            collect();
        }
    });
    live.sweep();
    collect();
    let calls = calls.into_inner().unwrap();
    assert!(rolled_back.len() > 2, "{rolled_back:?}");
    for (generation, undone) in &rolled_back {
        let (returned, panicked) = calls[generation];
        assert!(panicked > 0, "generation {generation}");
        assert_eq!(returned + panicked, *undone, "generation {generation}");
    }
    let kept = calls.iter().filter(|(generation, _)| !rolled_back.contains_key(generation));
    assert_eq!(live.pin().total(), kept.map(|(_, (returned, _))| returned).sum::<u64>());
    let (constructed, dropped) = (&host.orders.constructed, &host.orders.dropped);
    assert_eq!(dropped.load(Ordering::Relaxed), constructed.load(Ordering::Relaxed) - 1);
}

/// Ends the process when a plugin comes to this point in a reload.
struct Killer {
    point: String,
    seen: AtomicU64,
}

impl Script for Killer {
    fn at(&self, point: &str) -> String {
        // The first generation is constructed, checked and asked to save, before there is a reload.
        let before = u64::from(matches!(point, "construct" | "health" | "save"));
        if point == self.point && self.seen.fetch_add(1, Ordering::Relaxed) >= before {
            kill();
        }
        String::new()
    }
}

fn kill() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    thread::sleep(Duration::from_secs(60));
}

/// Opens a plugin whose copies lie in a folder that outlives the process.
fn open(path: &Path, point: &str) -> Live<dyn Counter> {
    // SAFETY: the tests built the libraries in this folder.
    let trust = unsafe { Trust::directory(path.parent().unwrap()) }.unwrap().allow_group_writable();
    let killer = Arc::new(Killer { point: point.to_owned(), seen: AtomicU64::new(0) });
    let loader = Loader::new(trust).stage_in(path.with_extension("copies")).service::<dyn Script>(killer.clone());
    loader
        .live::<dyn Counter>(path)
        .health(move |_| {
            killer.at("health");
            Ok(())
        })
        .open()
        .unwrap()
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_process_that_is_killed_in_any_phase_leaves_nothing_that_hinders_the_next() {
    const TEST: &str = "a_process_that_is_killed_in_any_phase_leaves_nothing_that_hinders_the_next";
    let path = std::env::var_os("LIVE").map_or_else(|| scratch("killed").join("liblive.so"), PathBuf::from);
    if std::env::var_os("LIVE").is_none() {
        fs::copy(Build::new("live").stripped().library(), &path).unwrap();
        // The first process makes the folder for copies.
        drop(open(&path, ""));
    }
    let before = files(path.parent().unwrap());
    // By milliseconds too: staging and mapping have no point of their own.
    for point in ["construct", "save", "restore", "health", "drop", "drain", "1", "2", "3", "5", "8", "13"] {
        let variables = [("LIVE", path.to_str().unwrap()), ("POINT", point)];
        let child = in_child(TEST, &variables, || {
            let point = std::env::var("POINT").unwrap();
            let live = open(&path, &point);
            if let Ok(time) = point.parse() {
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(time));
                    kill();
                });
                loop {
                    live.reload().unwrap();
                }
            }
            thread::scope(|scope| {
                if point == "drain" {
                    let live = live.clone();
                    let (held, is_held) = std::sync::mpsc::channel();
                    scope.spawn(move || {
                        let _pin = live.pin();
                        held.send(()).unwrap();
                        thread::sleep(Duration::from_millis(500));
                        kill();
                    });
                    is_held.recv().unwrap();
                }
                let _ = live.reload();
            });
        });
        let Some(child) = child else { return };
        assert_eq!(child.signal, Some(9), "{point}\n{}\n{}", child.stdout, child.stderr);
        assert_eq!(files(path.parent().unwrap()), before, "{point}");
        let live = open(&path, "");
        live.pin().count();
        live.reload().unwrap();
        assert_eq!(live.pin().count(), 2, "{point}");
    }
}

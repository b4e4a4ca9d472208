//! Plugins of a folder that appear, reload and go while they serve.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

use harness::{Build, hears, library_name, loader, scratch};
use live_api::{Counter, Script};
use plugbox_loader::{Code, Events, Live, LiveBuilder, LiveDir, LiveEvent, OpenError, ReloadError};
use tracing::Level;

const QUIET: Duration = Duration::from_millis(20);

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

fn first() -> PathBuf {
    Build::new("live").stripped().library()
}

/// The same plugin with a higher version.
fn second() -> PathBuf {
    Build::new("live-second").stripped().library()
}

/// Another plugin.
fn other() -> PathBuf {
    Build::new("live").stripped().feature("other").library()
}

fn stateless() -> PathBuf {
    Build::new("live").stripped().feature("stateless").library()
}

/// Two plugins in one library.
fn twins() -> PathBuf {
    Build::new("live").stripped().feature("twins").library()
}

fn twins_again() -> PathBuf {
    Build::new("live-second").stripped().feature("twins").library()
}

fn drifted() -> PathBuf {
    Build::new("live").stripped().feature("drift").library()
}

/// A host with a folder.
struct Host(PathBuf);

impl Host {
    fn new() -> Self {
        Self(scratch("live-dir"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(library_name(name))
    }

    /// Puts a library in the folder, or replaces one.
    fn put(&self, name: &str, library: &Path) {
        fs::copy(library, self.path("partial")).unwrap();
        fs::rename(self.path("partial"), self.path(name)).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn builder(&self) -> LiveBuilder<dyn Counter, LiveDir<dyn Counter>> {
        loader(&self.path("it")).live_dir::<dyn Counter>(&self.0).quiet(QUIET)
    }

    fn open(&self) -> LiveDir<dyn Counter> {
        self.builder().open().unwrap()
    }
}

fn names(dir: &LiveDir<dyn Counter>) -> Vec<String> {
    dir.plugins().iter().map(|plugin| plugin.info().name).collect()
}

fn all(events: &Events) -> Vec<LiveEvent> {
    std::iter::from_fn(|| events.try_next()).collect()
}

/// Polls until the condition holds.
#[track_caller]
fn until(dir: &LiveDir<dyn Counter>, what: impl Fn() -> bool) {
    let started = Instant::now();
    while !what() {
        assert!(started.elapsed() < LONG, "{dir:?}");
        std::thread::sleep(QUIET / 4);
        dir.poll();
    }
}

/// Polls for longer than anything needs that is about to happen. A file that looks half-written takes twenty quiet
/// times.
fn poll_for_long(dir: &LiveDir<dyn Counter>) {
    let started = Instant::now();
    until(dir, || started.elapsed() > 40 * QUIET);
}

fn version(live: &Live<dyn Counter>) -> u32 {
    live.pin().version()
}

#[test]
fn plugins_appear_reload_and_go_with_their_files() {
    let host = Host::new();
    let dir = host.open();
    let events = dir.events();
    assert_eq!(names(&dir), [""; 0]);
    host.put("liblive.so", &first());
    until(&dir, || names(&dir) == ["count"]);
    let count = dir.get("count").unwrap();
    count.pin().count();
    host.put("libother.so", &other());
    until(&dir, || names(&dir) == ["count", "other"]);
    assert_eq!(dir.get("other").unwrap().path(), host.path("libother.so"));
    host.put("liblive.so", &second());
    until(&dir, || version(&count) == 2);
    assert_eq!(count.pin().total(), 1, "it has its state");
    assert_eq!(dir.get("count").unwrap().info(), count.info(), "the handle is the same");
    host.remove("liblive.so");
    until(&dir, || names(&dir) == ["other"]);
    assert_eq!(count.pin().count(), 2, "whoever has it is served");
    host.put("liblive.so", &first());
    until(&dir, || names(&dir) == ["count", "other"]);
    assert_eq!(dir.get("count").unwrap().pin().total(), 0);
    let happened: Vec<LiveEvent> = all(&events);
    let is = |which: fn(&LiveEvent) -> bool| happened.iter().filter(|event| which(event)).count();
    assert_eq!(is(|event| matches!(event, LiveEvent::Loaded { .. })), 3, "{happened:#?}");
    assert_eq!(is(|event| matches!(event, LiveEvent::Reloaded(_))), 1, "{happened:#?}");
    assert_eq!(is(|event| matches!(event, LiveEvent::Gone { .. })), 1, "{happened:#?}");
    assert_eq!(is(|event| matches!(event, LiveEvent::Left { plugin, .. } if plugin.name == "count")), 1);
}

#[test]
fn what_is_there_at_the_beginning_is_loaded_at_once() {
    let host = Host::new();
    host.put("liba.so", &first());
    host.put("libb.so", &second());
    host.put("libc.so", &other());
    host.put("libd.so", &drifted());
    fs::write(host.path("libe.so"), "text").unwrap();
    let dir = host.open();
    let started = Instant::now();
    assert_eq!(names(&dir), ["count", "other"]);
    assert_eq!(dir.get("count").unwrap().path(), host.path("libb.so"));
    let refused = |events: Vec<LiveEvent>| -> Vec<String> {
        let refused = events.into_iter().filter_map(|event| match event {
            LiveEvent::Refused { error } => Some(error),
            _ => None,
        });
        refused.map(|error| error.reasons().first().map_or("", |reason| reason.code.as_str()).to_owned()).collect()
    };
    let events = dir.events();
    let expected = [Code::NotALibrary.as_str()];
    // The drifted one is a build of a plugin that serves, and it would not do.
    let mut said = refused(all(&events));
    said.sort();
    assert_eq!(said, [Code::InterfaceChanged.as_str(), expected[0]]);
    assert!(started.elapsed() < LONG);
    poll_for_long(&dir);
    // The files are decided on once more.
    host.put("libf.so", &twins());
    until(&dir, || names(&dir) == ["count", "one", "other", "two"]);
    assert_eq!(refused(all(&events)), [""; 0], "each is said once");
}

#[test]
fn of_several_builds_the_best_serves_and_takes_over_the_state() {
    let host = Host::new();
    host.put("libone.so", &first());
    let dir = host.open();
    let count = dir.get("count").unwrap();
    count.pin().count();
    // A better build comes, in another file.
    host.put("libtwo.so", &second());
    until(&dir, || version(&count) == 2);
    assert_eq!((count.pin().count(), count.path()), (2, host.path("libtwo.so")));
    // A worse one changes nothing.
    host.put("libthree.so", &first());
    poll_for_long(&dir);
    assert_eq!(count.path(), host.path("libtwo.so"));
    // The best one goes, and the older build cannot read its state. So it begins anew.
    let events = dir.events();
    host.remove("libtwo.so");
    host.remove("libone.so");
    until(&dir, || dir.get("count").is_some_and(|now| now.path() == host.path("libthree.so")));
    assert_eq!(dir.get("count").unwrap().pin().total(), 0);
    assert_eq!(version(&count), 2);
    let said: Vec<String> = all(&events).iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|event| event.contains("could not restore the state")), "{said:#?}");
    assert!(said.iter().any(|event| event.contains("has left")), "{said:#?}");
}

#[test]
fn the_next_best_build_serves_when_the_best_is_gone() {
    let host = Host::new();
    host.put("liba.so", &first());
    host.put("libb.so", &first());
    let dir = host.open();
    let count = dir.get("count").unwrap();
    assert_eq!(count.path(), host.path("liba.so"), "of equal builds, the first by name");
    count.pin().count();
    host.remove("liba.so");
    until(&dir, || count.path() == host.path("libb.so"));
    assert_eq!((count.pin().total(), names(&dir)), (1, vec!["count".to_owned()]));
    // It comes back, and is no better.
    let (info, events) = (count.info(), dir.events());
    all(&events);
    host.put("liba.so", &first());
    poll_for_long(&dir);
    assert_eq!((count.path(), count.info()), (host.path("libb.so"), info));
    assert_eq!(all(&events).len(), 0);
}

#[test]
fn a_file_that_fails_leaves_the_old_generation_and_brings_no_older_build() {
    let host = Host::new();
    host.put("liba.so", &second());
    host.put("libb.so", &first());
    let dir = host.open();
    let (count, events) = (dir.get("count").unwrap(), dir.events());
    count.pin().count();
    host.put("liba.so", &drifted());
    poll_for_long(&dir);
    let refused = all(&events).into_iter().filter(|event| matches!(event, LiveEvent::Refused { .. })).count();
    assert_eq!((version(&count), count.pin().total(), refused), (2, 1, 1));
    host.put("liba.so", &second());
    poll_for_long(&dir);
    assert_eq!((version(&count), count.pin().total()), (2, 1));
}

#[test]
fn a_file_that_was_refused_is_loaded_when_it_is_good() {
    let host = Host::new();
    host.put("liblive.so", &drifted());
    let dir = host.open();
    assert_eq!(names(&dir), [""; 0]);
    host.put("liblive.so", &first());
    until(&dir, || names(&dir) == ["count"]);
}

#[test]
fn another_plugin_in_the_file_of_one_that_serves_is_refused() {
    let host = Host::new();
    host.put("liblive.so", &first());
    let dir = host.open();
    let (count, events) = (dir.get("count").unwrap(), dir.events());
    host.put("liblive.so", &other());
    poll_for_long(&dir);
    assert_eq!((names(&dir), version(&count)), (vec!["count".to_owned()], 1));
    let said: Vec<String> = all(&events).iter().map(ToString::to_string).collect();
    let why = "fix:    give the file of another plugin another name";
    assert!(said.iter().any(|event| event.contains(why)), "{said:#?}");
}

/// A host whose service asks for the plugins.
#[derive(Default)]
struct Curious(OnceLock<LiveDir<dyn Counter>>, Mutex<Vec<usize>>);

impl Script for Curious {
    fn at(&self, _: &str) -> String {
        if let Some(dir) = self.0.get() {
            dir.poll();
            self.1.lock().unwrap().push(dir.plugins().len());
        }
        String::new()
    }
}

#[test]
fn a_constructor_may_make_the_host_ask_for_the_plugins() {
    let host = Host::new();
    let curious = Arc::new(Curious::default());
    let loader = loader(&host.path("it")).service::<dyn Script>(curious.clone());
    let dir = loader.live_dir::<dyn Counter>(&host.0).quiet(QUIET).open().unwrap();
    curious.0.set(dir.clone()).unwrap();
    host.put("liblive.so", &first());
    until(&dir, || names(&dir) == ["count"]);
    assert_eq!(curious.1.lock().unwrap()[0], 0, "it is there when it serves");
}

#[test]
fn a_constructor_in_a_reload_by_hand_may_make_the_host_poll() {
    let host = Host::new();
    host.put("liblive.so", &first());
    let curious = Arc::new(Curious::default());
    let loader = loader(&host.path("it")).service::<dyn Script>(curious.clone());
    let dir = loader.live_dir::<dyn Counter>(&host.0).quiet(QUIET).open().unwrap();
    curious.0.set(dir.clone()).unwrap();
    let count = dir.get("count").unwrap();
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || done.send(count.reload().map(drop)));
    is_done.recv_timeout(LONG).expect("it waits for itself").unwrap();
}

#[test]
fn the_end_of_a_plugin_may_make_the_host_ask_for_the_others() {
    let host = Host::new();
    host.put("liblive.so", &first());
    let curious = Arc::new(Curious::default());
    let loader = loader(&host.path("it")).service::<dyn Script>(curious.clone());
    let dir = loader.live_dir::<dyn Counter>(&host.0).quiet(QUIET).open().unwrap();
    curious.0.set(dir.clone()).unwrap();
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        host.remove("liblive.so");
        until(&dir, || names(&dir).is_empty());
        done.send(())
    });
    is_done.recv_timeout(LONG).expect("it waits for itself");
    assert_eq!(*curious.1.lock().unwrap(), [0], "it is not there when it is dropped");
}

#[test]
fn whoever_hears_that_a_plugin_comes_or_goes_sees_it() {
    let host = Host::new();
    let dir = host.open();
    let (inside, seen) = (dir.clone(), Arc::new(Mutex::new(Vec::new())));
    let heard = seen.clone();
    let subscriber = hears(move |event| {
        let metadata = event.metadata();
        if metadata.target().contains("live") && *metadata.level() == Level::INFO {
            heard.lock().unwrap().push(names(&inside));
        }
    });
    tracing::subscriber::with_default(subscriber, || {
        host.put("liblive.so", &first());
        until(&dir, || names(&dir) == ["count"]);
        host.remove("liblive.so");
        until(&dir, || names(&dir).is_empty());
    });
    // Loaded, gone, left.
    assert_eq!(*seen.lock().unwrap(), [vec!["count"], vec!["count"], vec![]]);
}

#[test]
fn a_paused_plugin_stays_although_a_better_build_comes() {
    let host = Host::new();
    host.put("liblive.so", &first());
    let dir = host.open();
    let count = dir.get("count").unwrap();
    count.pause();
    host.put("libsecond.so", &second());
    host.put("libother.so", &other());
    poll_for_long(&dir);
    assert_eq!((names(&dir), version(&count)), (vec!["count".to_owned(), "other".to_owned()], 1));
    count.resume();
    until(&dir, || version(&count) == 2);
    assert_eq!(names(&dir), ["count", "other"]);
}

#[test]
fn a_pause_keeps_no_old_generation() {
    let host = Host::new();
    host.put("liblive.so", &stateless());
    let dir = host.builder().deadline(Duration::ZERO).open().unwrap();
    let (count, events) = (dir.get("count").unwrap(), dir.events());
    let pin = count.pin();
    std::thread::scope(|scope| scope.spawn(|| count.reload().map(drop)).join().unwrap()).unwrap();
    dir.pause();
    all(&events);
    dir.poll();
    assert!(matches!(all(&events)[..], [] | [LiveEvent::Late { .. }]));
    drop(pin);
    dir.poll();
    let found = all(&events);
    assert!(matches!(found[..], [LiveEvent::Dropped { .. }]), "{found:?}");
}

#[test]
fn a_plugin_whose_file_is_broken_right_after_its_reload_is_still_that_plugin() {
    let host = Host::new();
    host.put("liblive.so", &first());
    let path = host.path("liblive.so");
    let is_second = AtomicBool::new(false);
    let dir = host
        .builder()
        .health(move |_| {
            if is_second.swap(true, Ordering::Relaxed) {
                fs::remove_file(&path).unwrap();
                fs::write(&path, "broken").unwrap();
            }
            Ok(())
        })
        .open()
        .unwrap();
    let events = dir.events();
    host.put("liblive.so", &first());
    fs::OpenOptions::new().append(true).open(host.path("liblive.so")).unwrap().write_all(b"changed").unwrap();
    until(&dir, || all(&events).iter().any(|event| matches!(event, LiveEvent::Reloaded(_))));
    host.put("libsecond.so", &second());
    poll_for_long(&dir);
    assert_eq!(names(&dir), ["count"]);
    assert_eq!(version(&dir.get("count").unwrap()), 2);
}

#[test]
fn a_panic_of_the_hosts_choice_of_files_is_said_and_ends_no_watching() {
    let host = Host::new();
    let looks = AtomicBool::new(false);
    let panics_once = move |path: &Path| {
        assert!(!path.ends_with(library_name("libother.so")) || looks.swap(true, Ordering::Relaxed), "told to panic");
        true
    };
    let dir = host.builder().files(panics_once).watch().unwrap();
    let events = dir.events();
    host.put("libother.so", &other());
    let until = Instant::now() + LONG;
    while names(&dir) != ["other"] {
        assert!(Instant::now() < until, "it watches no more");
        std::thread::sleep(QUIET);
    }
    let said: Vec<String> = all(&events).iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|event| event.contains("told to panic")), "{said:#?}");
}

#[test]
fn a_thread_watches_the_folder() {
    let host = Host::new();
    let dir = host.builder().watch().unwrap();
    let wait = |what: &dyn Fn() -> bool| {
        let started = Instant::now();
        while !what() {
            assert!(started.elapsed() < LONG, "{dir:?}");
            std::thread::sleep(QUIET / 4);
        }
    };
    host.put("liblive.so", &first());
    wait(&|| names(&dir) == ["count"]);
    let count = dir.get("count").unwrap();
    host.put("liblive.so", &second());
    wait(&|| version(&count) == 2);
    // The whole folder goes, and comes back. Wine 8 tells of a folder that is gone without an end.
    if cfg!(unix) {
        let aside = host.0.with_extension("aside");
        fs::rename(&host.0, &aside).unwrap();
        wait(&|| names(&dir).is_empty());
        fs::rename(&aside, &host.0).unwrap();
        wait(&|| names(&dir) == ["count"]);
    }
    // A pause.
    dir.pause();
    host.put("libother.so", &other());
    std::thread::sleep(20 * QUIET);
    dir.poll();
    assert_eq!(names(&dir), ["count"]);
    dir.resume();
    wait(&|| names(&dir) == ["count", "other"]);
    let events = dir.events();
    drop((dir, count));
    // They end with the last handle, and so does the thread.
    assert!(events.count() < 100);
}

#[test]
fn polling_finds_what_a_thread_without_events_has_to_find() {
    let host = Host::new();
    let dir = host.builder().polling(QUIET).watch().unwrap();
    host.put("liblive.so", &first());
    let started = Instant::now();
    while names(&dir).is_empty() {
        assert!(started.elapsed() < LONG);
        std::thread::sleep(QUIET / 4);
    }
}

#[test]
fn each_plugin_of_a_library_reloads_for_itself() {
    let host = Host::new();
    host.put("libtwins.so", &twins());
    let dir = host.open();
    assert_eq!(names(&dir), ["one", "two"]);
    let [one, two] = ["one", "two"].map(|name| dir.get(name).unwrap());
    one.pin().count();
    host.put("libtwins.so", &twins_again());
    until(&dir, || [&one, &two].iter().all(|live| live.info().version.major == 2));
    assert_eq!((one.pin().total(), two.pin().total()), (1, 0));
    host.remove("libtwins.so");
    until(&dir, || names(&dir).is_empty());
}

#[test]
fn the_host_chooses_which_files_count() {
    let host = Host::new();
    host.put("liblive.so", &first());
    host.put("libother.so", &other());
    let dir = host.builder().files(|path| path.ends_with(library_name("libother.so"))).open().unwrap();
    assert_eq!(names(&dir), ["other"]);
    host.put("liblive.so", &second());
    host.put("libtwins.so", &twins());
    poll_for_long(&dir);
    assert_eq!(names(&dir), ["other"]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let host = Host::new();
    let nowhere = host.path("nowhere");
    let error = loader(&host.path("it")).live_dir::<dyn Counter>(&nowhere).open().unwrap_err();
    assert!(error.to_string().contains("list the files in it"), "{error}");
    assert!(matches!(error, ReloadError::Load { .. }));
    let error = loader(&host.path("it")).live_dir::<dyn Counter>(&nowhere).watch().unwrap_err();
    assert!(matches!(error, OpenError::Load(_)), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_of_the_system_is_an_error_with_its_name_and_polling_is_the_way_out() {
    use std::process::Command;

    use harness::Child;

    const PREPARED: &str = "LIVE_DIR_WITHOUT_INOTIFY";
    if std::env::var_os(PREPARED).is_none() {
        // The limit is that of a user namespace of its own.
        let script = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"";
        let child = Command::new("unshare")
            .args(["--map-root-user", "sh", "-c", script, "sh"])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "a_limit_of_the_system_is_an_error_with_its_name_and_polling_is_the_way_out"])
            .env(PREPARED, first())
            .output()
            .unwrap();
        let child = Child::new(&child);
        child.must_succeed();
        assert!(child.stdout.contains("1 passed"), "{}", child.stdout);
        return;
    }
    let host = Host::new();
    host.put("liblive.so", Path::new(&std::env::var_os(PREPARED).unwrap()));
    let loader = loader(&host.path("it"));
    for error in
        [host.builder().watch().unwrap_err(), loader.live::<dyn Counter>(host.path("liblive.so")).watch().unwrap_err()]
    {
        assert!(matches!(error, OpenError::Watch(_)), "{error}");
        assert!(error.to_string().contains("`fs.inotify.max_user_instances`"), "{error}");
    }
    let dir = host.builder().polling(QUIET).watch().unwrap();
    assert_eq!(names(&dir), ["count"]);
}

//! The loader's `tracing` events. The loader prints nothing on stdout.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use fixture_api::Plugin;
use harness::{Build, in_child, load, loader, logged, passed_alone, scratch};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The loader's events during `run`, one line each: level, crate, message, fields. Parts that differ from run to run
/// are replaced.
fn events(folder: &Path, run: impl FnOnce()) -> Vec<String> {
    let ((), text) = logged(Level::DEBUG, run);
    let folder = folder.canonicalize().unwrap();
    let lines = text.lines().map(|line| {
        let line = line.trim_start().replace(&folder.display().to_string(), "<folder>");
        let words = line.split(' ').map(|word| match word.split_once('=') {
            Some((key @ ("copy" | "generation"), _)) => format!("{key}=<it>"),
            // The module is the loader's own affair.
            _ if word.starts_with("plugbox_loader::") => "plugbox_loader:".to_owned(),
            _ => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

#[test]
fn each_step_of_a_plugin_is_told_and_each_verdict() {
    if passed_alone("each_step_of_a_plugin_is_told_and_each_verdict") {
        return;
    }
    let folder = scratch("events");
    fs::copy(Build::plugin().library(), folder.join("libgood.so")).unwrap();
    fs::copy(Build::new("fixture-foreign").library(), folder.join("libother.so")).unwrap();
    fs::copy(Build::plugin().feature("drift-field").library(), folder.join("libwrong.so")).unwrap();
    let told = events(&folder, || {
        let report = loader(&folder.join("libgood.so")).load_dir::<dyn Plugin>(&folder).unwrap();
        assert_eq!(report.into_loaded().len(), 1);
    });
    let loader = "plugbox_loader:";
    let expected = [
        format!("DEBUG {loader} discovered directory=<folder> files=3"),
        // The first pass judges all files.
        format!("DEBUG {loader} judged path=<folder>/libgood.so reasons=0"),
        format!("DEBUG {loader} judged path=<folder>/libother.so reasons=1"),
        format!("DEBUG {loader} judged path=<folder>/libwrong.so reasons=1"),
        // The second pass loads the files that fit.
        "DEBUG plugbox_loader: staged path=<folder>/libgood.so copy=<it>".to_owned(),
        format!("DEBUG {loader} judged path=<folder>/libgood.so reasons=0"),
        "DEBUG plugbox_loader: mapped path=<folder>/libgood.so copy=<it>".to_owned(),
        format!("DEBUG {loader} bound path=<folder>/libgood.so generation=<it> virtual_keys=true"),
        format!("DEBUG {loader} services path=<folder>/libgood.so given=[] unknown=[]"),
        "DEBUG plugbox_loader: constructed path=<folder>/libgood.so plugin=\"fixture-plugin\" interface=\"fixture_api::Plugin\"".to_owned(),
        format!("INFO {loader} loaded path=<folder>/libgood.so plugins=1"),
    ];
    assert_eq!(told[..expected.len()], expected, "{told:#?}");
    // One event has the whole message of the refusal.
    let (foreign, refusal) = told[expected.len()..].split_last().unwrap();
    assert_eq!(foreign, &format!("DEBUG {loader} not a plugin path=<folder>/libother.so"));
    let refusal = refusal.join("\n");
    assert!(refusal.starts_with(&format!("WARN {loader} ")), "{refusal}");
    assert!(refusal.contains("libwrong.so") && refusal.contains("interface-changed"), "{refusal}");
}

#[test]
fn a_panic_that_stays_inside_the_plugin_is_told_when_it_is_known_to_stay() {
    if passed_alone("a_panic_that_stays_inside_the_plugin_is_told_when_it_is_known_to_stay") {
        return;
    }
    let library = Build::plugin().library();
    let folder = library.parent().unwrap();
    let told = events(folder, || {
        let plugin = load(&library).unwrap();
        assert_eq!(plugin.fail("caught by itself"), 9);
        // The next panic of this thread shows that the first panic did not leave the plugin.
        let _ = catch_unwind(AssertUnwindSafe(|| plugin.fail("text")));
    });
    let told: Vec<&String> = told.iter().filter(|line| line.starts_with("WARN")).collect();
    let [line] = told[..] else { panic!("{told:#?}") };
    assert!(
        line.contains(": a panic stayed inside the plugin: caught inside plugin=\"fixture-plugin\" file="),
        "{line}"
    );
    assert!(line.contains("plugin/src/lib.rs\" line="), "{line}");
}

#[test]
fn a_panic_in_drop_is_told_as_an_error() {
    if passed_alone("a_panic_in_drop_is_told_as_an_error") {
        return;
    }
    let library = Build::plugin().feature("drop-panics").library();
    let folder = library.parent().unwrap();
    let told = events(folder, || drop(load(&library).unwrap()));
    let told: Vec<&String> = told.iter().filter(|line| line.starts_with("ERROR")).collect();
    let [line] = told[..] else { panic!("{told:#?}") };
    assert!(line.contains("panicked in drop at "), "{line}");
    assert!(line.contains("the drop of the fixture"), "{line}");
    assert!(line.contains(" plugin=\"fixture-plugin\" file="), "{line}");
}

/// A subscriber that loads a plugin when a module tells something, on another thread, and waits for it.
struct Loading {
    library: PathBuf,
    module: String,
    loads: AtomicUsize,
    is_busy: AtomicBool,
}

impl Subscriber for &'static Loading {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target() != self.module || self.is_busy.swap(true, Ordering::SeqCst) {
            return;
        }
        self.loads.fetch_add(1, Ordering::SeqCst);
        let library = self.library.clone();
        let loaded = std::thread::spawn(move || drop(load(&library).unwrap()));
        loaded.join().unwrap();
        self.is_busy.store(false, Ordering::SeqCst);
    }
}

#[test]
fn nothing_is_told_under_a_lock() {
    for module in
        ["stage::sweep", "stage::stage", "map::map", "loader::pipeline", "loader::construct", "loader::loader"]
    {
        let runtime = scratch("told");
        // What the first load removes, and tells that it does.
        let user = runtime.join(format!("plugbox-{}", rustix::process::geteuid().as_raw()));
        fs::create_dir_all(user.join("1-1")).unwrap();
        fs::set_permissions(&user, Permissions::from_mode(0o700)).unwrap();
        let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        fs::File::open(user.join("1-1")).unwrap().set_times(times).unwrap();
        let module = format!("plugbox_loader::{module}");
        let variables = [("XDG_RUNTIME_DIR", runtime.to_str().unwrap()), ("MODULE", &*module)];
        let child = in_child("nothing_is_told_under_a_lock", &variables, load_while_something_is_told);
        let Some(child) = child else { return };
        child.must_succeed();
    }
}

fn load_while_something_is_told() {
    let library = Build::plugin().library();
    let module = std::env::var("MODULE").unwrap();
    let (loads, is_busy) = (AtomicUsize::new(0), AtomicBool::new(false));
    let subscriber: &'static Loading =
        Box::leak(Box::new(Loading { library: library.clone(), module, loads, is_busy }));
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(60));
        eprintln!("the loader waits for a subscriber that waits for the loader");
        std::process::abort();
    });
    tracing::subscriber::set_global_default(subscriber).unwrap();
    load(&library).unwrap();
    assert_ne!(subscriber.loads.load(Ordering::SeqCst), 0, "{} tells nothing", subscriber.module);
}

//! The problems with two copies of std and of the API crate: each demonstration in the guide, with its real output.

use std::io::{BufRead, Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use copies_api::{Change, EVENTS, Plugin, Shared, USER};
use harness::{Build, Child, in_child, loader};
use plugbox_loader::Loaded;

fn plugin(build: Build) -> Loaded<dyn Plugin> {
    let library = build.library();
    loader(&library).load_file::<dyn Plugin>(&library).unwrap()
}

/// The guide's output of this name.
fn shown(name: &str) -> String {
    harness::shown("two-copies.md", name)
}

#[test]
fn statics_and_thread_locals_are_there_twice() {
    let plugin = plugin(Build::new("copies"));
    EVENTS.store(7, Relaxed);
    USER.set(42);
    let said = format!(
        "the host has seen {} events, the plugin {}\nthe host's user is {}, the plugin's {}\n",
        EVENTS.load(Relaxed),
        plugin.events(),
        USER.get(),
        plugin.user(),
    );
    assert_eq!(said, shown("statics"));
}

#[test]
fn thread_ids_collide() {
    let child = in_child("thread_ids_collide", &[], || {
        // The test's own thread is not the first thread of the process.
        let plugin = plugin(Build::new("copies"));
        let first = "ThreadId(1)";
        let other = std::thread::current().id();
        println!("main thread:  the host says {first}");
        println!("other thread: the host says {other:?}, the plugin says {}", plugin.thread());
    });
    if let Some(child) = child {
        child.must_succeed();
        assert!(child.stdout.contains(&shown("threads")), "{}", child.stdout);
    }
}

#[test]
fn type_ids_ignore_fields() {
    let (id, size) = plugin(Build::new("copies")).private_type();
    let (next_id, next_size) = plugin(Build::new("copies").env("COPIES_NEXT", "1")).private_type();
    let said = format!("the ids are equal: {}\nthe sizes are {size} and {next_size}\n", id == next_id);
    assert_eq!(said, shown("types"));
}

#[cfg(unix)]
#[test]
fn the_environment_has_two_locks() {
    let child = in_child("the_environment_has_two_locks", &[], || {
        let plugin = plugin(Build::new("copies"));
        std::thread::spawn(move || {
            loop {
                plugin.read_environment(1_000_000);
            }
        });
        // A new variable grows the C library's array of variables, so the array moves while the plugin reads it.
        for round in 0..10_000_000_u64 {
            // SAFETY: not sound: the test shows the effect.
            unsafe { std::env::set_var(format!("COPIES_{round}"), "x".repeat(100)) };
        }
    });
    if let Some(child) = child {
        assert_eq!(child.signal, Some(11), "{}\n{}", child.stdout, child.stderr);
        assert_eq!(shown("environment"), "the host sets variables while the plugin reads one: SIGSEGV\n");
    }
}

/// Runs `program` in a process of its own, and compares its output with the guide's.
fn demonstrates(test: &str, shown: &str, program: impl FnOnce(Loaded<dyn Plugin>)) {
    let Some(child) = in_child(test, &[], || program(plugin(Build::new("copies")))) else { return };
    child.must_succeed();
    assert!(!shown.is_empty() && child.stdout.contains(shown.trim_end()), "{}", child.stdout);
}

#[test]
fn a_drop_knows_that_the_other_side_panics_and_a_method_does_not() {
    struct Asking<'a>(&'a dyn Plugin);
    impl Drop for Asking<'_> {
        fn drop(&mut self) {
            let (host, plugin) = (std::thread::panicking(), self.0.is_panicking());
            println!("the thread is panicking: the host says {host}, a method of the plugin says {plugin}");
        }
    }
    let name = "a_drop_knows_that_the_other_side_panics_and_a_method_does_not";
    demonstrates(name, &shown("panicking"), |plugin| {
        println!("\nthe host panics");
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let (_asking, _ours, _theirs) = (Asking(&*plugin), Change("host's"), plugin.transaction());
            panic!("the host fails");
        }));
        println!("the plugin panics");
        let _ = catch_unwind(AssertUnwindSafe(|| plugin.fail(Box::new(Change("host's")))));
        println!("nobody panics");
        drop(plugin.transaction());
        plugin.end(Box::new(Change("host's")));
    });
}

#[test]
fn a_weak_reference_is_to_the_wrapper() {
    struct Ours;
    impl Shared for Ours {}
    demonstrates("a_weak_reference_is_to_the_wrapper", &shown("weak"), |plugin| {
        let shared: Arc<dyn Shared> = Arc::new(Ours);
        let weak = Arc::downgrade(&shared);
        plugin.watch(Arc::clone(&shared));
        let (host, plugin) = (weak.upgrade().is_some(), plugin.sees());
        println!("the object is there: the host says {host}, the plugin says {plugin}");
    });
}

#[test]
fn stdout_has_two_buffers() {
    demonstrates("stdout_has_two_buffers", &shown("order"), |plugin| {
        println!();
        print!("the host first, ");
        plugin.print("the plugin second\n");
        println!("the host third");
    });
}

#[test]
fn what_a_plugin_has_printed_is_written_when_the_process_ends() {
    demonstrates("what_a_plugin_has_printed_is_written_when_the_process_ends", &shown("flushed"), |plugin| {
        plugin.print("the plugin's last line has no end");
        // Windows ends a process that calls this at once. It lets one go on whose `main` returns.
        if cfg!(unix) {
            std::process::exit(0);
        }
    });
}

#[test]
fn a_thread_that_holds_stdout_does_not_hold_the_end_of_the_process() {
    let name = "a_thread_that_holds_stdout_does_not_hold_the_end_of_the_process";
    let began = Instant::now();
    let child = in_child(name, &[], || {
        plugin(Build::new("copies")).hold_stdout();
        std::process::exit(0);
    });
    if let Some(child) = child {
        child.must_succeed();
        assert!(child.stdout.contains("held"), "{}", child.stdout);
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    }
}

#[test]
fn whoever_reads_first_reads_ahead() {
    const INPUT: &str = "COPIES_INPUT";
    let name = "whoever_reads_first_reads_ahead";
    if std::env::var_os(INPUT).is_none() {
        let mut input = tempfile();
        input.write_all(b"one\ntwo\nthree\n").unwrap();
        input.rewind().unwrap();
        let output = harness::command(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(INPUT, "")
            .stdin(Stdio::from(input))
            .output()
            .unwrap();
        let child = Child::new(&output);
        child.must_succeed();
        assert!(child.stdout.contains(&shown("stdin")), "{}", child.stdout);
        return;
    }
    let plugin = plugin(Build::new("copies"));
    println!("\nthe plugin reads a line: {}", plugin.read_line().trim_end());
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    println!("the host reads the next: {line:?}");
}

/// A file without a name.
fn tempfile() -> std::fs::File {
    let path = harness::scratch("copies-input").join("input");
    let file = std::fs::File::options().create(true).truncate(true).read(true).write(true).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    file
}

#[cfg(unix)]
#[test]
fn a_process_has_one_handler_for_a_signal() {
    unsafe extern "C" {
        fn signal(signal: i32, handler: extern "C" fn(i32)) -> usize;
        fn raise(signal: i32) -> i32;
    }
    extern "C" fn handler(_: i32) {
        println!("the host's handler runs");
    }
    const SIGUSR1: i32 = 10;
    demonstrates("a_process_has_one_handler_for_a_signal", &shown("signal"), |plugin| {
        println!();
        // SAFETY: the handler is called by `raise`, so it may print.
        unsafe { signal(SIGUSR1, handler) };
        // SAFETY: the signal has a handler.
        unsafe { raise(SIGUSR1) };
        plugin.handle(SIGUSR1);
        // SAFETY: as above.
        unsafe { raise(SIGUSR1) };
    });
}

#[cfg(unix)]
#[test]
fn the_symbols_of_a_plugin_are_its_own() {
    unsafe extern "C" {
        fn dlsym(handle: *mut std::ffi::c_void, name: *const std::ffi::c_char) -> *mut std::ffi::c_void;
    }
    demonstrates("the_symbols_of_a_plugin_are_its_own", &shown("symbols"), |plugin| {
        // SAFETY: the name is a C string. The null handle is `RTLD_DEFAULT`.
        let finds = || !unsafe { dlsym(std::ptr::null_mut(), c"copies_symbol".as_ptr()) }.is_null();
        println!("\nthe process finds the plugin's symbol: {}", finds());
        plugin.make_global();
        println!("after the plugin has made it global:   {}", finds());
    });
}

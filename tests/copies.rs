//! The problems with two copies of std and of the API crate: each demonstration in the guide, with its real output.

use std::sync::atomic::Ordering::Relaxed;

use copies_api::{EVENTS, Plugin, USER};
use harness::{Build, in_child, loader};
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

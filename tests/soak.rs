//! Ten thousand libraries in one process, and a thousand with symbols. This takes a minute, 4 GB on a disk and as much
//! memory, so the tests are run by name:
//!
//! ```console
//! $ cargo test --test soak -- --ignored --nocapture
//! $ SOAK=1500 cargo test --test soak -- --ignored --nocapture
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use harness::{Build, loader, scratch};
use keys_api::Keys;
use plugbox_loader::Loaded;

/// The process after some loads.
struct Measured {
    loads: usize,
    resident_kib: usize,
    mappings: usize,
    /// The time of a load, and of its first call, since the row before.
    load: Duration,
    call: Duration,
}

fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn mappings() -> usize {
    fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Loads a plugin so often, and has each use the current thread, a thread-local with a `Drop`, and a thread of its own.
fn soak(library: &Path, count: usize) -> (Vec<Loaded<dyn Keys>>, Vec<Measured>) {
    // Copies on a disk, because those on a tmpfs would be memory.
    let loader = loader(library).stage_in(scratch("soak"));
    let (mut plugins, mut rows) = (Vec::with_capacity(count), Vec::new());
    let (mut load, mut call, mut since) = (Duration::ZERO, Duration::ZERO, 0);
    for loads in 1..=count {
        let started = Instant::now();
        let plugin = loader.load_file::<dyn Keys>(library).unwrap_or_else(|error| panic!("load {loads}: {error}"));
        load += started.elapsed();
        let started = Instant::now();
        plugin.touch();
        call += started.elapsed();
        plugins.push(plugin);
        if [100, 1_000, count].contains(&loads) {
            let each = u32::try_from(loads - since).unwrap();
            let (resident_kib, mappings) = (resident_kib(), mappings());
            rows.push(Measured { loads, resident_kib, mappings, load: load / each, call: call / each });
            (load, call, since) = (Duration::ZERO, Duration::ZERO, loads);
        }
    }
    (plugins, rows)
}

/// Loads it so often, and prints what was measured.
fn measure(library: PathBuf, count: usize) {
    let before = (resident_kib(), mappings());
    let (plugins, rows) = std::thread::spawn(move || soak(&library, count)).join().unwrap();
    let mut text = "loads  resident MiB  KiB each  mappings  each  load µs  call µs\n".to_owned();
    for Measured { loads, resident_kib, mappings, load, call } in rows {
        let (kib, each) = ((resident_kib - before.0) / loads, (mappings - before.1) as f32 / loads as f32);
        let (load, call, mib) = (load.as_micros(), call.as_micros(), resident_kib / 1024);
        text += &format!("{loads:5}  {mib:12}  {kib:8}  {mappings:8}  {each:4.1}  {load:7}  {call:7}\n");
    }
    // The thread that has a value of each plugin has ended.
    assert!(plugins.iter().all(|plugin| plugin.drops() == 2));
    for plugin in &plugins {
        plugin.touch();
    }
    println!("{text}");
}

#[test]
#[ignore = "it takes a minute, 4 GB on a disk and as much memory"]
fn ten_thousand_libraries_use_the_current_thread_thread_locals_and_threads() {
    let count = std::env::var("SOAK").map_or(10_000, |count| count.parse().unwrap());
    measure(Build::new("keys").optimized("3").stripped().library(), count);
}

#[test]
#[ignore = "it takes 5 GB on a disk"]
fn a_thousand_libraries_with_symbols_use_them_too() {
    measure(Build::new("keys").library(), 1_000);
}

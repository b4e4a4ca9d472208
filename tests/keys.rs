//! Thread-local keys: those of plugins work as those of the C library, and need none of it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::{Path, PathBuf};

use harness::{Build, Child, in_child, loader, passed_alone};
use keys_api::Keys;
use plugbox_loader::Loaded;

fn load(library: &Path) -> Loaded<dyn Keys> {
    loader(library).load_file::<dyn Keys>(library).unwrap_or_else(|error| panic!("{error}"))
}

fn plugin() -> Loaded<dyn Keys> {
    load(&Build::new("keys").library())
}

/// Counts the blocks that a thread of the host allocates. Plugins have the host's allocator.
struct Counting;

thread_local! {
    static BLOCKS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = BLOCKS.try_with(|blocks| blocks.set(blocks.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The number of keys that the C library has left.
fn keys_left() -> usize {
    let mut keys = Vec::new();
    let mut key = 0;
    // SAFETY: pthread_key_create(3) stores the key at the address, and needs no destructor.
    while unsafe { libc::pthread_key_create(&raw mut key, None) } == 0 {
        keys.push(key);
    }
    for key in &keys {
        // SAFETY: nobody else knows the key.
        unsafe { libc::pthread_key_delete(*key) };
    }
    keys.len()
}

/// The C library's numbers are lower.
const FIRST: u32 = 1 << 30;

/// Thread-locals first, also one that is made anew by the end of another; then the keys by number, in four passes.
const END: [&str; 8] = [
    "first, 1, and itself is gone",
    "second",
    "again 1, then 0",
    "next",
    "last, and the thread-local is gone",
    "again 2, then 0",
    "again 3, then 0",
    "again 4, then 0",
];

/// std asks for a value in `thread::current`, and an allocator may.
#[test]
fn reading_a_value_allocates_nothing() {
    let plugin = plugin();
    let (key, other) = (plugin.number(), plugin.number());
    let blocks = |run: &dyn Fn() -> usize| {
        let before = BLOCKS.get();
        (run(), BLOCKS.get() - before)
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(blocks(&|| plugin.get(key)), (0, 0), "the thread has no values");
            let set = || {
                plugin.set(key, 7);
                7
            };
            let (_, made) = blocks(&set);
            assert!((1..=4).contains(&made), "the control: the values need {made} blocks");
            assert_eq!(blocks(&|| plugin.get(key)), (7, 0));
            assert_eq!(blocks(&|| plugin.get(other)), (0, 0), "it has no value for this one");
            assert_eq!(blocks(&set), (7, 0));
        });
    });
}

#[test]
fn a_thread_of_a_plugin_ends_as_one_of_the_host() {
    if passed_alone("a_thread_of_a_plugin_ends_as_one_of_the_host") {
        return;
    }
    // The control: the same code with the C library's keys.
    assert!(keys_api::number() < 1024);
    assert_eq!(keys_api::end_of_a_thread(), END);
    let plugin = plugin();
    assert!(plugin.number() >= FIRST);
    assert_eq!(plugin.end_of_a_thread(), END);
}

#[test]
fn what_a_plugin_leaves_on_a_thread_of_the_hosts_ends_with_it() {
    if passed_alone("what_a_plugin_leaves_on_a_thread_of_the_hosts_ends_with_it") {
        return;
    }
    // The control has the same code and the C library's keys.
    std::thread::spawn(|| keys_api::leave(false)).join().unwrap();
    let expected = [END[0], END[1], "next", END[4], "fourth"];
    let mut control = keys_api::seen();
    // The last key is set by a destructor, before the fourth one's turn.
    assert_eq!(control, expected);
    let plugins = [plugin(), plugin()];
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| plugins.each_ref().map(|plugin| plugin.leave(false)));
        thread.join().unwrap();
    });
    // Each has its own keys, with numbers of its own.
    for plugin in &plugins {
        control = plugin.seen();
        assert_eq!(control, expected);
    }
}

#[test]
fn the_thread_that_ends_the_process_runs_no_destructor_of_a_key() {
    let test = "the_thread_that_ends_the_process_runs_no_destructor_of_a_key";
    for of_a_plugin in ["0", "1"] {
        let child = in_child(test, &[("OF_A_PLUGIN", of_a_plugin)], || {
            match std::env::var("OF_A_PLUGIN").unwrap().as_str() {
                "0" => keys_api::leave(true),
                _ => plugin().leave(true),
            }
            std::process::exit(0);
        });
        let Some(child) = child else { return };
        child.must_succeed();
        assert!(child.stdout.contains(&format!("{}\n{}\n", END[0], END[1])), "{of_a_plugin}: {}", child.stdout);
        for key in ["next", "last", "fourth"] {
            assert!(!child.stdout.contains(key), "{of_a_plugin}: {}", child.stdout);
        }
    }
}

#[test]
fn a_key_of_an_initializer_is_one_of_the_c_library() {
    if passed_alone("a_key_of_an_initializer_is_one_of_the_c_library") {
        return;
    }
    let library = Build::new("keys").feature("initializer").library();
    let (plugin, values) = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let plugin = load(&library);
            let values = [plugin.early(), plugin.early()];
            (plugin, values)
        });
        thread.join().unwrap()
    });
    let [(key, first), (_, second)] = values;
    assert!(key < 1024 && plugin.number() >= FIRST);
    assert_eq!((first, second), (7, 8), "the value from before `bind`, and that of after it");
    assert_eq!(plugin.seen(), ["the value of the early key"]);
    assert_eq!(plugin.early(), (key, 0), "another thread has no value");
}

/// A program that exports a plugin has the definitions of `export!` in itself, and no host.
#[test]
fn a_program_that_links_a_plugin_keeps_its_keys() {
    let library = Build::new("keys").library();
    // The second one exports all its functions that are not hidden, so they could be taken for the C library's.
    for build in [Build::new("keys-linked"), Build::new("keys-linked").last_crate_flag("-Clink-arg=-rdynamic")] {
        let program = build.program("keys-linked");
        let child = Child::new(&harness::command(program).arg(&library).output().unwrap());
        child.must_succeed();
        let end = format!("{END:?}");
        assert_eq!(child.stdout, format!("own true {end}\nplugin false {end}\nown true {end}\n"));
    }
}

/// Where rustc's own linker is, for `-fuse-ld=lld`.
fn own_lld() -> Option<String> {
    let sysroot = harness::compiler().args(["--print", "sysroot"]).output().ok()?;
    let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).ok()?.trim());
    let folder = sysroot.join("lib/rustlib").join(harness::TARGET).join("bin/gcc-ld");
    folder.join("ld.lld").is_file().then(|| format!("-Clink-arg=-B{}", folder.display()))
}

/// The builds of the matrix, each with its name.
fn builds() -> Vec<(String, Build)> {
    let build = || Build::new("keys");
    let mut builds = vec![
        ("opt 0".to_owned(), build().config("profile.dev.opt-level=0")),
        ("stripped".to_owned(), build().stripped()),
        ("opt 3".to_owned(), build().optimized("3")),
        ("opt 3, stripped".to_owned(), build().optimized("3").stripped()),
        ("debug information".to_owned(), build().debug("2")),
    ];
    builds.push(("thin LTO".to_owned(), build().optimized("3").lto("thin")));
    builds.push(("fat LTO".to_owned(), build().optimized("3").lto("fat")));
    builds
        .push(("fat LTO, one unit".to_owned(), build().optimized("3").lto("fat").last_crate_flag("-Ccodegen-units=1")));
    for linker in ["bfd", "gold", "lld"] {
        let own = (linker == "lld").then(own_lld).flatten();
        if own.is_none() && !harness::has_linker(linker) {
            eprintln!("SKIPPED: there is no ld.{linker} here");
            continue;
        }
        let with = |build: Build| {
            let build = own.iter().fold(build, |build, flag| build.last_crate_flag(flag));
            build.last_crate_flag(&format!("-Clink-arg=-fuse-ld={linker}"))
        };
        builds.push((format!("{linker}, opt 0"), with(build())));
        builds.push((format!("{linker}, fat LTO"), with(build().optimized("3").lto("fat"))));
    }
    builds
}

/// The linker that has made a library, which leaves its name in it; GNU's own leaves none.
fn linker(library: &Path) -> &'static str {
    let bytes = std::fs::read(library).unwrap();
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    match (has(b"Linker: LLD"), has(b".note.gnu.gold-version")) {
        (true, _) => "lld",
        (_, true) => "gold",
        _ => "bfd",
    }
}

#[test]
fn however_a_plugin_is_built_it_needs_no_key_of_the_c_library() {
    if passed_alone("however_a_plugin_is_built_it_needs_no_key_of_the_c_library") {
        return;
    }
    // The host's own std takes its key, and the loader one for all plugins.
    keys_api::touch();
    plugin().touch();
    let left = keys_left();
    for (name, build) in builds() {
        let library = build.library();
        if let Some((expected, _)) = name.split_once(", ").filter(|(first, _)| ["bfd", "gold", "lld"].contains(first)) {
            assert_eq!(linker(&library), expected, "{name}");
        }
        let plugin = load(&library);
        assert!(plugin.number() >= FIRST, "{name}");
        plugin.touch();
        assert_eq!(plugin.drops(), 1, "{name}: its own thread has ended");
        assert_eq!(plugin.end_of_a_thread(), END, "{name}");
        assert_eq!(keys_left(), left, "{name}");
    }
    // The control: a library that the linker gave other functions.
    let plugin = load(&Build::new("keys").feature("c-keys").library());
    plugin.touch();
    assert!(plugin.number() < 1024 && keys_left() == left - 2, "{} of {left}", keys_left());
}

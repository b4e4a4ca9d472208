//! How many libraries a process may have. The C library has 1024 thread-local keys, each image of std needs one, and std
//! ends the process if there is none. The host serves the keys of plugins; where it cannot, there is a typed error before
//! that.

use std::ffi::{CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use fixture_api::{Commands, Plugin};
use harness::{Build, load, loader, passed_alone};
use keys_api::Keys;
use plugbox_loader::{LoadError, Loaded, Resource};

/// Loads a library until it is refused, and does something after each load.
fn load_all(library: &Path, mut then: impl FnMut(&Loaded<dyn Plugin>)) -> Vec<Loaded<dyn Plugin>> {
    let mut loaded = Vec::new();
    let error = loop {
        match load(library) {
            Ok(plugin) => {
                then(&plugin);
                loaded.push(plugin);
            }
            Err(error) => break error,
        }
        assert!(loaded.len() < 1024, "the number of libraries has no limit");
    };
    assert_is_too_many(&error);
    loaded
}

fn assert_is_too_many(error: &LoadError) {
    assert!(matches!(error, LoadError::TooMany { resource: Resource::Keys, limit: 1024, .. }), "{error}");
}

/// Uses the current thread in each image, for which std needs a key.
fn touch(plugin: &Loaded<dyn Plugin>) {
    assert_eq!(plugin.fail("thread"), 1);
}

fn take_keys(count: usize) {
    for _ in 0..count {
        // SAFETY: pthread_key_create(3) stores the key at the address, and needs no destructor.
        assert_eq!(unsafe { libc::pthread_key_create(&mut 0, None) }, 0);
    }
}

/// A plugin whose keys are those of the C library.
fn with_c_keys() -> Build {
    Build::plugin().feature("c-keys").stripped()
}

// Most tests take 900 keys first, because it takes long to load a thousand libraries.

#[test]
fn more_libraries_than_the_c_library_has_keys_use_the_current_thread() {
    if passed_alone("more_libraries_than_the_c_library_has_keys_use_the_current_thread") {
        return;
    }
    let library = Build::new("keys").optimized("3").stripped().library();
    let load = || loader(&library).load_file::<dyn Keys>(&library).unwrap_or_else(|error| panic!("{error}"));
    let plugins: Vec<_> = (0..1_500).map(|_| load()).collect();
    for plugin in &plugins {
        plugin.touch();
        assert_eq!(plugin.drops(), 1);
    }
    // The host's std has one, the loader has one, and this thread as many values as there are plugins.
    take_keys(1_000);
}

#[test]
fn libraries_may_take_keys_of_their_own() {
    if passed_alone("libraries_may_take_keys_of_their_own") {
        return;
    }
    take_keys(900);
    let library = Build::plugin().feature("constructor-takes-a-key").stripped().library();
    (0..150).for_each(|_| touch(&load(&library).unwrap()));
}

#[test]
fn too_many_libraries_with_keys_of_the_c_library_are_an_error_and_not_the_end_of_the_process() {
    if passed_alone("too_many_libraries_with_keys_of_the_c_library_are_an_error_and_not_the_end_of_the_process") {
        return;
    }
    take_keys(900);
    // Each counts twice: nobody sees that it has taken the key that is reserved for it.
    let loaded = load_all(&with_c_keys().library(), touch).len();
    assert!((45..56).contains(&loaded), "{loaded}");
    // The rest of the process needs some, too.
    take_keys(16);
}

#[test]
fn libraries_that_nobody_has_used_have_their_key() {
    if passed_alone("libraries_that_nobody_has_used_have_their_key") {
        return;
    }
    take_keys(700);
    let loaded = load_all(&with_c_keys().library(), |_| ());
    assert!((280..308).contains(&loaded.len()), "{}", loaded.len());
    take_keys(16);
    loaded.iter().for_each(touch);
}

#[test]
fn initializers_take_keys_of_the_c_library() {
    if passed_alone("initializers_take_keys_of_the_c_library") {
        return;
    }
    take_keys(900);
    let library = Build::new("keys").feature("initializer").stripped().library();
    let error = (0..130).find_map(|_| loader(&library).load_file::<dyn Keys>(&library).err());
    assert_is_too_many(&error.expect("they have used up all keys"));
    take_keys(16);
}

/// Each host has its own copy of the loader, so it must ask the system and cannot count.
#[test]
fn several_hosts_share_the_keys() {
    if passed_alone("several_hosts_share_the_keys") {
        return;
    }
    let library = with_c_keys().library();
    // SAFETY: the initializer of this library does nothing in this process.
    let host = unsafe { libloading::Library::new(Build::new("fixture-cdylib-host").library()) }.unwrap();
    // SAFETY: this is the function's type.
    let run = unsafe { host.get::<unsafe extern "C" fn(*const c_char) -> c_int>(b"host_run") }.unwrap();
    let path = CString::new(library.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a C string.
    let load_there = || unsafe { run(path.as_ptr()) };
    take_keys(900);
    (0..20).for_each(|_| assert_eq!(load_there(), 0));
    let loaded = load_all(&library, touch);
    assert!((30..56).contains(&loaded.len()), "{}", loaded.len());
    take_keys(10);
}

/// Plugins of two hosts have keys of one number each, of which neither host knows the other's.
#[test]
fn several_hosts_have_keys_for_their_plugins() {
    if passed_alone("several_hosts_have_keys_for_their_plugins") {
        return;
    }
    let library = Build::plugin().stripped().library();
    // SAFETY: the initializer of this library does nothing in this process.
    let host = unsafe { libloading::Library::new(Build::new("fixture-cdylib-host").library()) }.unwrap();
    // SAFETY: this is the function's type.
    let run = unsafe { host.get::<unsafe extern "C" fn(*const c_char) -> c_int>(b"host_run") }.unwrap();
    let path = CString::new(library.as_os_str().as_bytes()).unwrap();
    take_keys(900);
    for _ in 0..150 {
        // SAFETY: the path is a C string.
        assert_eq!(unsafe { run(path.as_ptr()) }, 0);
        touch(&load(&library).unwrap());
    }
}

/// The keys of a plugin of a plugin are values of a key of the host's, which has one of the C library's for all.
#[test]
fn a_plugin_that_is_a_host_has_keys_for_its_plugins_and_counts_those_of_the_c_library() {
    if passed_alone("a_plugin_that_is_a_host_has_keys_for_its_plugins_and_counts_those_of_the_c_library") {
        return;
    }
    let library = Build::new("nested").stripped().library();
    let load = |inner: Build| {
        let inner = inner.feature("constructor-takes-a-key").library();
        let inner = format!("{}\n", inner.display()).repeat(20);
        loader(&library).configure("nested", inner).load_file::<dyn Commands>(&library)
    };
    take_keys(990);
    load(Build::plugin().stripped()).unwrap();
    let error = load(with_c_keys()).unwrap_err();
    assert!(matches!(error, LoadError::Construct { .. }), "{error}");
    assert!(error.to_string().contains("of 1024 thread-local keys are in use or kept for libraries"), "{error}");
}

#[test]
fn constructors_that_fail_use_up_no_loads() {
    if passed_alone("constructors_that_fail_use_up_no_loads") {
        return;
    }
    take_keys(900);
    for feature in ["constructor-fails", "constructor-panics"] {
        let library = Build::plugin().feature(feature).stripped().library();
        for _ in 0..130 {
            assert!(matches!(load(&library).unwrap_err(), LoadError::Construct { .. }));
        }
    }
    touch(&load(&Build::plugin().library()).unwrap());
}

#[test]
fn several_threads_reserve_a_key_each() {
    if passed_alone("several_threads_reserve_a_key_each") {
        return;
    }
    take_keys(900);
    let library = with_c_keys().library();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| load_all(&library, |_| ()))).collect();
        let loaded: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        assert!((85..108).contains(&loaded.len()), "{}", loaded.len());
        loaded.iter().for_each(touch);
    });
}

/// The most mappings that a process may have.
fn most_mappings() -> usize {
    std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap().trim().parse().unwrap()
}

fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps").unwrap().lines().count()
}

/// Makes so many mappings: every other page of an area has other rights.
fn take_mappings(count: usize) {
    let page = 4096;
    // SAFETY: mmap(2) chooses a new area, which stays.
    let area = unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        libc::mmap(std::ptr::null_mut(), count * page, libc::PROT_NONE, flags, -1, 0)
    };
    assert_ne!(area, libc::MAP_FAILED);
    for number in (0..count).step_by(2) {
        // SAFETY: the page is in the area, which nobody uses.
        assert_eq!(unsafe { libc::mprotect(area.wrapping_byte_add(number * page), page, libc::PROT_READ) }, 0);
    }
}

/// Loads a library until there are too few mappings for it. Returns how many were loaded.
fn load_until_mappings_are_used_up(library: &Path) -> Vec<Loaded<dyn Plugin>> {
    let mut loaded = Vec::new();
    let error = loop {
        match load(library) {
            Ok(plugin) => loaded.push(plugin),
            Err(error) => break error,
        }
    };
    let LoadError::TooMany { resource: Resource::Mappings, used, limit, .. } = error else { panic!("{error}") };
    assert!(limit == most_mappings() && used.abs_diff(mappings()) < 50, "{used} of {limit}");
    assert!(error.to_string().contains(&format!("{used} of {limit} mappings")), "{error}");
    loaded
}

fn has_more_mappings_than_can_be_taken() -> bool {
    if harness::is_emulated() {
        eprintln!("SKIPPED: an emulator has mappings of its own, which count as well");
        return true;
    }
    if most_mappings() > 1 << 20 {
        eprintln!("SKIPPED: this system has {} mappings for a process", most_mappings());
    }
    most_mappings() > 1 << 20
}

#[test]
fn too_many_mappings_are_an_error_before_the_system_has_none_left() {
    if passed_alone("too_many_mappings_are_an_error_before_the_system_has_none_left")
        || has_more_mappings_than_can_be_taken()
    {
        return;
    }
    let library = Build::plugin().stripped().library();
    // All but those that are left free, and some for a few loads.
    take_mappings(most_mappings() - mappings() - 2_048 - 600);
    let loaded = load_until_mappings_are_used_up(&library);
    assert!((80..160).contains(&loaded.len()), "{}", loaded.len());
    loaded.iter().for_each(touch);
    // The rest of the process goes on.
    take_mappings(1_500);
}

#[test]
fn mappings_that_the_host_takes_between_two_loads_are_an_error_of_this_kind_too() {
    if passed_alone("mappings_that_the_host_takes_between_two_loads_are_an_error_of_this_kind_too")
        || has_more_mappings_than_can_be_taken()
    {
        return;
    }
    let library = Build::plugin().stripped().library();
    let first = load(&library).unwrap();
    take_mappings(most_mappings() - mappings() - 20);
    assert!(load_until_mappings_are_used_up(&library).len() < 10);
    assert_eq!(first.first(), 1);
}

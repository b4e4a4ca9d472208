//! A host without a framework: it opens the library and calls its constructor.

#[path = "../../api.rs"]
mod api;
#[path = "../../../reload.rs"]
mod reload;
#[path = "../../../rows.rs"]
mod rows;

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::{Further, Host, Plugin};
use inotify::{Inotify, WatchMask};
use libloading::Library;

fn load(path: &str, row: &str) -> Box<dyn Plugin> {
    let path = Path::new(path);
    let copy;
    let path = if row.ends_with("both copy") {
        // The benchmark removes the copies.
        let folder = std::env::var_os("XDG_RUNTIME_DIR").unwrap();
        copy = Path::new(&folder).join(path.file_name().unwrap());
        std::fs::copy(path, &copy).unwrap();
        &copy
    } else {
        path
    };
    // SAFETY: the benchmark built the library, which has no initializers.
    let library = Box::leak(Box::new(unsafe { Library::new(path) }.unwrap()));
    // SAFETY: the same compiler built the library and this host, from the same `api.rs`.
    let construct = unsafe { library.get::<fn() -> Box<dyn Plugin>>(b"construct") }.unwrap();
    construct()
}

fn further(path: &str) -> Box<dyn Further> {
    // SAFETY: as in `load`.
    let library = Box::leak(Box::new(unsafe { Library::new(path) }.unwrap()));
    // SAFETY: as in `load`.
    let further = unsafe { library.get::<fn() -> Box<dyn Further>>(b"further") }.unwrap();
    further()
}

/// Reads the first 4 KiB of each library.
fn look(libraries: &[String]) {
    for library in libraries {
        let mut block = [0; 4096];
        let read = File::open(library).unwrap().read(&mut block).unwrap();
        assert_eq!((read, black_box(&block)[1]), (4096, b'E'));
    }
}

/// Copies a file and opens the copy, under a name of its own.
fn load_copy(path: &Path, generation: u64) -> Box<dyn Plugin> {
    let copy: PathBuf = path.with_extension(format!("{generation}.so"));
    std::fs::copy(path, &copy).unwrap();
    load(copy.to_str().unwrap(), "")
}

/// Replaces the plugin when the file has changed and stood still. The generations are never unmapped.
fn serve(path: &Path, quiet: Duration) -> Box<dyn FnMut() -> u64> {
    let mut inotify = Inotify::init().unwrap();
    inotify.watches().add(path.parent().unwrap(), WatchMask::MOVED_TO | WatchMask::CLOSE_WRITE).unwrap();
    let newest = Arc::new(Mutex::new(Arc::new(load_copy(path, 0))));
    let (path, shared) = (path.to_owned(), newest.clone());
    std::thread::spawn(move || {
        let mut events = [0; 4096];
        for generation in 1.. {
            while !inotify.read_events_blocking(&mut events).unwrap().any(|event| event.name == path.file_name()) {}
            std::thread::sleep(quiet);
            let plugin = Arc::new(load_copy(&path, generation));
            *shared.lock().unwrap() = plugin;
        }
    });
    Box::new(move || {
        let plugin = newest.lock().unwrap().clone();
        plugin.tiny(0)
    })
}

fn reloadable(path: &str, row: &str) -> Box<dyn Fn(u64) + Sync> {
    let plugin = load(path, row);
    Box::new(move |times| rows::call(times, |number| black_box(&*plugin).tiny(number)))
}

fn main() {
    rows::run(rows::Candidate { load, further, look, serve, reloadable });
}

//! A host without a framework: it opens the library and calls its constructor.

#[path = "../../api.rs"]
mod api;
#[path = "../../../rows.rs"]
mod rows;

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use api::{Host, Plugin};
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

/// Reads the first 4 KiB of each library.
fn look(libraries: &[String]) {
    for library in libraries {
        let mut block = [0; 4096];
        let read = File::open(library).unwrap().read(&mut block).unwrap();
        assert_eq!((read, black_box(&block)[1]), (4096, b'E'));
    }
}

fn main() {
    rows::run(rows::Candidate { load, look });
}

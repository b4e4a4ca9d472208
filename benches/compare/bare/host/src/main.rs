//! A host without any framework: opens the library and calls its constructor.

#[path = "../../api.rs"]
mod api;
#[path = "../../../rows.rs"]
mod rows;

use api::{Host, Plugin};
use libloading::Library;

fn load(path: &str) -> Box<dyn Plugin> {
    // SAFETY: the benchmark has built it, and it has no initialiser.
    let library = Box::leak(Box::new(unsafe { Library::new(path) }.unwrap()));
    // SAFETY: it was built with this one by the same compiler from the same `api.rs`.
    let construct = unsafe { library.get::<fn() -> Box<dyn Plugin>>(b"construct") }.unwrap();
    construct()
}

fn main() {
    rows::run(load);
}

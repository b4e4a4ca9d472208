//! The host with plugbox.

#[path = "../../../rows.rs"]
mod rows;

use std::path::Path;
use std::sync::OnceLock;

use bench_api::{Host, Plugin};
use plugbox_loader::{Loaded, Loader, Trust};

fn load(path: &str) -> Loaded<dyn Plugin> {
    static LOADER: OnceLock<Loader> = OnceLock::new();
    let loader = LOADER.get_or_init(|| {
        let folder = Path::new(path).parent().unwrap();
        // SAFETY: the benchmark has built what lies there.
        Loader::new(unsafe { Trust::directory(folder) }.unwrap())
    });
    loader.load_file(path).unwrap()
}

fn main() {
    rows::run(load);
}

//! The host with plugbox.

#[path = "../../../rows.rs"]
mod rows;

use std::path::Path;
use std::sync::OnceLock;

use bench_api::{Host, Plugin};
use plugbox_loader::inspect::{HostProfile, RecordCache, Requirements, Verdict, image_with, judge};
use plugbox_loader::{Loaded, Loader, Trust};

fn load(path: &str, row: &str) -> Loaded<dyn Plugin> {
    static LOADER: OnceLock<Loader> = OnceLock::new();
    let loader = LOADER.get_or_init(|| {
        let folder = Path::new(path).parent().unwrap();
        // SAFETY: the benchmark built the libraries in this folder.
        let loader = Loader::new(unsafe { Trust::directory(folder) }.unwrap().allow_group_writable());
        if row.ends_with("in place") { loader.without_staging() } else { loader }
    });
    loader.load_file(path).unwrap()
}

/// Reads and judges each library.
fn look(libraries: &[String]) {
    static HOST: OnceLock<(HostProfile, Requirements)> = OnceLock::new();
    let (host, requirements) = HOST.get_or_init(|| {
        let requirements = Requirements::for_interfaces(["bench_api::Plugin"]);
        (HostProfile::of_this_process::<dyn Plugin>().unwrap(), requirements)
    });
    for library in libraries {
        let read = image_with(Path::new(library), RecordCache::of_this_process());
        assert_eq!(judge(host, read.as_ref(), requirements), Verdict::Fits);
    }
}

fn main() {
    rows::run(rows::Candidate { load, look });
}

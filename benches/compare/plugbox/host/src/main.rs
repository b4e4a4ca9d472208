//! The host with plugbox.

#[path = "../../../reload.rs"]
mod reload;
#[path = "../../../rows.rs"]
mod rows;

use std::hint::black_box;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bench_api::{Further, Host, Plugin};
use plugbox_loader::inspect::{HostProfile, RecordCache, Requirements, Verdict, image_with, judge};
use plugbox_loader::{Live, Loaded, Loader, Trust};

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

fn further(path: &str) -> Loaded<dyn Further> {
    // SAFETY: the benchmark built the libraries in this folder.
    let loader =
        Loader::new(unsafe { Trust::directory(Path::new(path).parent().unwrap()) }.unwrap().allow_group_writable());
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

fn serve(path: &Path, quiet: Duration) -> Box<dyn FnMut() -> u64> {
    // SAFETY: the benchmark built the libraries in this folder.
    let loader = Loader::new(unsafe { Trust::directory(path.parent().unwrap()) }.unwrap().allow_group_writable());
    let live = loader.live::<dyn Plugin>(path).quiet(quiet).watch().unwrap();
    Box::new(move || live.pin().tiny(0))
}

fn reloadable(path: &str, row: &str) -> Box<dyn Fn(u64) + Sync> {
    // SAFETY: as above.
    let loader =
        Loader::new(unsafe { Trust::directory(Path::new(path).parent().unwrap()) }.unwrap().allow_group_writable());
    let live: Live<dyn Plugin> = loader.live(path).open().unwrap();
    if row.starts_with("tiny call through arc-swap") {
        // What a pin costs at least.
        let plugin =
            ArcSwapOption::<Loaded<dyn Plugin>>::from_pointee(Some(loader.load_file::<dyn Plugin>(path).unwrap()));
        return Box::new(move |times| {
            rows::call(times, |number| black_box(&plugin).load().as_ref().map_or(0, |plugin| plugin.tiny(number)));
        });
    }
    if row.starts_with("tiny call through `call`") {
        return Box::new(move |times| {
            rows::call(times, |number| black_box(&live).call(|plugin| plugin.tiny(number)).unwrap_or_default());
        });
    }
    Box::new(move |times| rows::call(times, |number| black_box(&live).pin().tiny(number)))
}

/// Reloads a plugin so often, and prints for how long calls waited, in nanoseconds.
fn pause(path: &Path, times: u32) {
    // SAFETY: as above.
    let loader = Loader::new(unsafe { Trust::directory(path.parent().unwrap()) }.unwrap().allow_group_writable());
    let live = loader.live::<dyn Plugin>(path).open().unwrap();
    let pauses = (0..times).map(|_| live.reload().unwrap().times.pause);
    println!("{}", pauses.sum::<Duration>().as_nanos());
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match &arguments[..] {
        [_, row, times, library] if row.starts_with("pause") => pause(Path::new(library), times.parse().unwrap()),
        _ => rows::run(rows::Candidate { load, further, look, serve, reloadable }),
    }
}

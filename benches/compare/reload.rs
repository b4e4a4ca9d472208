//! The row about reloading: from the rename of a new file to its first answer. `host reload TIMES LIBRARY LIBRARY`
//! prints the total time in nanoseconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a file must stand still before it is loaded, in all hosts.
const QUIET: Duration = Duration::from_millis(50);

/// The time between two questions for the answer.
const PATIENCE: Duration = Duration::from_micros(50);

/// Serves a file: returns a function that calls its newest version.
pub type Serve = fn(&Path, Duration) -> Box<dyn FnMut() -> u64>;

pub fn run(serve: Serve) {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let [times, libraries @ ..] = &arguments[..] else { panic!("host reload TIMES LIBRARY LIBRARY") };
    let folder = PathBuf::from(&libraries[0]).parent().unwrap().join(format!("reload-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let (path, new) = (folder.join("libserved.so"), folder.join("new"));
    fs::copy(&libraries[0], &path).unwrap();
    let mut answer = serve(&path, QUIET);
    let mut total = Duration::ZERO;
    let mut last = answer();
    for round in 1..=times.parse::<usize>().unwrap() {
        fs::copy(&libraries[round % 2], &new).unwrap();
        // What the last round has left to do is done.
        std::thread::sleep(10 * QUIET);
        let started = Instant::now();
        fs::rename(&new, &path).unwrap();
        while answer() == last {
            assert!(started.elapsed() < Duration::from_secs(20), "the new version does not answer");
            std::thread::sleep(PATIENCE);
        }
        total += started.elapsed();
        last = answer();
    }
    println!("{}", total.as_nanos());
    fs::remove_dir_all(folder).unwrap();
}

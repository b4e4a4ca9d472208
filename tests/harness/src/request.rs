//! Fixtures of tests that run in an emulator. Cargo is not a program of the emulated machine, so such a test does not
//! start it: the test writes the fixture's description to a file, and `build-fixtures`, a program of this machine, builds
//! the fixture and answers with a file.
//!
//! A request is `NAME.request`, and its answer `NAME.answer`. Both appear whole, under a name that is never used again.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::build::Build;
use crate::fixtures::Fixtures;
use crate::lock::lock;

/// The builder renews this file as long as it lives.
const ALIVE: &str = "alive";
const BEAT: Duration = Duration::from_secs(1);
/// Both sides are slow on a busy machine.
const SILENCE: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(20);

fn folder(root: &Path) -> PathBuf {
    root.join("requests")
}

/// Asks the builder for a fixture, and waits for it.
///
/// # Panics
///
/// If there is no builder, if it does not answer, or if it could not build the fixture.
pub(crate) fn built(build: &Build, root: &Path) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let folder = folder(root);
    assert_alive(&folder);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is set").as_nanos();
    let name = format!("{now}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    appear(&folder, &format!("{name}.request"), &serde_json::to_vec(build).expect("a description is JSON"));
    let (answer, asked) = (folder.join(format!("{name}.answer")), Instant::now());
    let answer = loop {
        // An answer that is there has appeared whole, but on Windows its name may be there before the file can be read.
        match fs::read(&answer) {
            Ok(bytes) => break bytes,
            Err(_) => thread::sleep(LOOK),
        }
        assert_alive(&folder);
        assert!(asked.elapsed() < PATIENCE, "the builder did not answer within {PATIENCE:?}: {build:?}");
    };
    let answer: Result<String, String> = serde_json::from_slice(&answer).expect("an answer is JSON");
    // One that is left there does no harm, because it has its answer.
    let _ = fs::remove_file(folder.join(format!("{name}.request")));
    // The answer's separators are those of the builder's machine.
    answer.unwrap_or_else(|error| panic!("{error}")).split('/').fold(root.to_owned(), |path, part| path.join(part))
}

/// # Panics
///
/// If no builder has given a sign of life for some time.
fn assert_alive(folder: &Path) {
    let beat = fs::metadata(folder.join(ALIVE)).and_then(|alive| alive.modified());
    let is_alive = beat.is_ok_and(|beat| beat.elapsed().unwrap_or_default() < SILENCE);
    assert!(
        is_alive,
        "nobody builds fixtures in {}: start the tests with `build-fixtures TARGET COMMAND...` (`.ci/run` does so)",
        folder.display()
    );
}

/// Writes a file that others see only when it is whole.
fn appear(folder: &Path, name: &str, bytes: &[u8]) {
    let partial = folder.join(format!("{name}.partial"));
    fs::write(&partial, bytes).expect("the file can be written");
    fs::rename(&partial, folder.join(name)).expect("the file can be put in place");
}

/// Builds what tests for this target ask for, as long as a function runs. `root` is the folder of the fixtures.
///
/// # Panics
///
/// If the folder of the requests cannot be made or read.
pub fn build_fixtures_while<R>(root: &Path, target: &str, run: impl FnOnce() -> R) -> R {
    let folder = folder(root);
    fs::create_dir_all(root).expect("the folder of the fixtures can be made");
    // A second builder waits until the first one has ended, because it would remove the first one's requests.
    let _only = lock(&root.join("builder"));
    // What is left of an earlier run is of no interest to anybody.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of the requests can be made");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the clock is set").as_nanos();
    let run_of_tests = Some(format!("{}-{now}", std::process::id()));
    let fixtures = Fixtures { root: root.to_owned(), target: target.to_owned(), run: run_of_tests };
    let beat = || fs::write(folder.join(ALIVE), "").expect("the folder of the requests can be written to");
    beat();
    let is_over = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                beat();
                thread::sleep(BEAT);
            }
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                answer_all(&fixtures, &folder);
                thread::sleep(LOOK);
            }
        });
        // Also ends the threads if the function panics.
        let _over = Over(&is_over);
        run()
    });
    fs::remove_dir_all(&folder).expect("the folder of the requests can be removed");
    result
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn answer_all(fixtures: &Fixtures, folder: &Path) {
    let requests = fs::read_dir(folder).expect("the folder of the requests can be read");
    let requests = requests.filter_map(|entry| Some(entry.ok()?.path()));
    for request in requests.filter(|path| path.extension().is_some_and(|extension| extension == "request")) {
        // Its maker removes it. Wine reports an error if a file is gone as soon as it has its new name.
        if request.with_extension("answer").exists() {
            continue;
        }
        let bytes = fs::read(&request).expect("a request can be read");
        let build: Build = serde_json::from_slice(&bytes).expect("a request is JSON");
        let answer = catch_unwind(AssertUnwindSafe(|| fixtures.build(&build)));
        let answer = answer.map_or_else(
            |payload| {
                Err(payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "the builder panicked".to_owned()))
            },
            |path| Ok(path.into_os_string().into_string().expect("the paths of fixtures are text")),
        );
        let name = request.file_stem().and_then(|name| name.to_str()).expect("a request has a name");
        appear(folder, &format!("{name}.answer"), &serde_json::to_vec(&answer).expect("an answer is JSON"));
    }
}

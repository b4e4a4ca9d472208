//! A host for the fixtures.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use fixture_api::{Host, Plugin, Visitor};
use plugbox_loader::inspect::HostProfile;
use plugbox_loader::{Code, LoadError, Loaded, Loader, Trust};

use crate::folders::scratch;

/// A loader that trusts the folder of a file.
///
/// # Panics
///
/// If the folder does not exist.
#[must_use]
pub fn loader(path: &Path) -> Loader {
    let folder = path.parent().expect("the path of a library has a folder");
    // SAFETY: the tests built the libraries in this folder. They damage only headers and records.
    let trust = unsafe { Trust::directory(folder) }.expect("the folder exists");
    // On some systems, new files are group-writable. The tests of trust use their own folders.
    Loader::new(trust.allow_group_writable())
}

/// Loads a fixture as the host's `dyn Plugin`.
///
/// # Errors
///
/// The loader's error.
pub fn load(path: &Path) -> Result<Loaded<dyn Plugin>, LoadError> {
    loader(path).load_file::<dyn Plugin>(path)
}

/// Returns the error of a fixture that must not load.
///
/// # Panics
///
/// If the fixture loads.
#[must_use]
pub fn refused(path: &Path) -> LoadError {
    match load(path) {
        Ok(plugin) => panic!("{} was loaded as {plugin:?}", path.display()),
        Err(error) => error,
    }
}

/// The codes of a refusal.
#[must_use]
pub fn codes(error: &LoadError) -> Vec<Code> {
    error.reasons().iter().map(|reason| reason.code).collect()
}

/// The text of an error, with placeholders for the parts that depend on the machine or the compiler.
///
/// # Panics
///
/// If this process is not a host.
#[must_use]
pub fn masked(error: &LoadError, library: &Path) -> String {
    let host = HostProfile::of_this_process::<dyn Plugin>().expect("this process is a host");
    let build = &host.manifest.builds[0];
    let glibc = host.glibc.map_or_else(|| "unknown".to_owned(), |glibc| glibc.to_string());
    let commit = &build.commit[..9.min(build.commit.len())];
    let folder = library.parent().expect("the path of a library has a folder").display().to_string();
    let mut text = error.to_string().replace(&folder, "plugins");
    for (found, name) in [
        (commit, "COMMIT"),
        (&build.date, "DATE"),
        (&build.release, "RELEASE"),
        (&build.target, "TARGET"),
        (std::env::consts::ARCH, "MACHINE"),
        (&*glibc, "GLIBC"),
    ] {
        text = text.replace(found, name);
    }
    // The size of a segment depends on the linker.
    let Some((head, rest)) = text.split_once("a segment of ") else { return text };
    let tail = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{head}a segment of N{tail}")
}

/// A copy of a library, with each occurrence of a text replaced by one of the same length.
///
/// # Panics
///
/// If the text does not occur, or the lengths differ.
#[must_use]
pub fn patched(library: &Path, from: &[u8], to: &[u8]) -> PathBuf {
    assert_eq!(from.len(), to.len(), "a patch must not change the length");
    let mut bytes = fs::read(library).expect("the library can be read");
    let places: Vec<usize> =
        (0..bytes.len().saturating_sub(from.len())).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty(), "{} has no {:?}", library.display(), String::from_utf8_lossy(from));
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    let copy = scratch("patched").join(library.file_name().expect("a library has a name"));
    fs::write(&copy, bytes).expect("the copy can be written");
    copy
}

/// A feature that this processor lacks according to the system, and that compilers can enable without further flags.
///
/// # Panics
///
/// If the system does not describe its processor: proc_cpuinfo(5).
#[must_use]
pub fn lacking_feature() -> Option<&'static str> {
    // The system's list is that of the machine, also in an emulator. The compiler's function asks as a program does.
    #[cfg(target_arch = "aarch64")]
    if !std::arch::is_aarch64_feature_detected!("sve2") {
        return Some("sve2");
    }
    // Also in Wine, where there is no list.
    #[cfg(windows)]
    if !std::arch::is_x86_feature_detected!("tbm") {
        return Some("tbm");
    }
    let known: &[&str] =
        if cfg!(target_arch = "x86_64") { &["tbm", "sse4a", "avx512vp2intersect", "avx512f"] } else { &[] };
    let said = fs::read_to_string("/proc/cpuinfo").expect("the system lists the processor's features");
    let has = |name: &str| said.split_whitespace().any(|flag| flag.replace('_', "") == name);
    known.iter().copied().find(|name| !has(name))
}

/// A host object that gives an answer set by the test.
pub struct Answering<F: Fn(&str) -> String> {
    answer: F,
    visits: Cell<u32>,
}

impl<F: Fn(&str) -> String> Answering<F> {
    /// A host that answers with `answer`, and shows the numbers from 1 to `visits` to visitors.
    pub fn new(visits: u32, answer: F) -> Self {
        Self { answer, visits: Cell::new(visits) }
    }
}

impl<F: Fn(&str) -> String> Host for Answering<F> {
    fn answer(&self, question: &str) -> String {
        (self.answer)(question)
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        for number in 1..=self.visits.get() {
            visitor.see(number);
        }
    }
}

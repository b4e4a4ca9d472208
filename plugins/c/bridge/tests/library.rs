//! C libraries in this process: which file is mapped, for how long, and how the callbacks are called.

use std::env;
use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use c_bridge::{CPlugin, Library};
use edit_api::{Buffer, Plugin};
use tempfile::TempDir;

/// A library in a folder, from a source in `tests/c`, which is compiled unless libraries were built before the tests.
fn library(folder: &TempDir, source: &str, name: &str) -> PathBuf {
    let path = folder.path().join(format!("{name}{DLL_SUFFIX}"));
    match env::var_os("DESK_LIBRARIES") {
        Some(built) => {
            fs::copy(Path::new(&built).join(format!("{source}{DLL_SUFFIX}")), &path).unwrap();
        }
        None => compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c").join(format!("{source}.c")), &path),
    }
    path
}

fn compile(source: &Path, library: &Path) {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let mut compile = Command::new("cc");
    compile.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]);
    compile.arg("-I").arg(include).arg(source).arg("-o").arg(library);
    assert!(compile.status().unwrap().success(), "the error of cc is above");
}

fn look(path: &Path) -> Library {
    Library::look(path).unwrap().expect("it exports `plugin_register`")
}

fn load(path: &Path) -> CPlugin {
    // SAFETY: the test compiled the library, which obeys `plugin.h`.
    unsafe { look(path).register() }.unwrap()
}

#[test]
fn a_library_that_is_loaded_twice_is_two_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "counts", "twice");
    let (first, second) = (load(&path), load(&path));
    assert_eq!([first.status(), first.status(), second.status()].map(Option::unwrap), ["one", "two", "one"]);
}

#[test]
fn what_is_mapped_is_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "counts", "swapped");
    let library = look(&path);
    fs::write(&path, "another file").unwrap();
    // SAFETY: as in `load`.
    let plugin = unsafe { library.register() }.unwrap();
    assert_eq!((plugin.name(), plugin.status().as_deref()), ("counts", Some("one")));
}

#[cfg(windows)]
fn is_mapped(name: &str) -> bool {
    libloading::os::windows::Library::open_already_loaded(name).is_ok()
}

#[cfg(not(windows))]
fn is_mapped(name: &str) -> bool {
    fs::read_to_string("/proc/self/maps").unwrap().contains(name)
}

#[test]
fn a_library_stays_mapped_when_its_plugin_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "counts", "stays");
    let name = format!("c-stays{DLL_SUFFIX}");
    assert!(!is_mapped(&name));
    drop(load(&path));
    assert!(is_mapped(&name));
}

#[test]
fn callbacks_never_run_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "alone", "alone");
    let plugin = load(&path);
    let all_alone = || (0..100).all(|_| plugin.status().as_deref() == Some("alone"));
    assert!(thread::scope(|scope| [scope.spawn(all_alone), scope.spawn(all_alone)]
        .map(|thread| thread.join().unwrap())
        == [true; 2]));
}

#[test]
fn the_example_in_the_header_is_a_plugin() {
    if env::var_os("DESK_LIBRARIES").is_some() {
        eprintln!("SKIPPED: the test cannot start a compiler here");
        return;
    }
    let header = include_str!("../../include/plugin.h");
    let lines = header.lines().skip_while(|line| !line.ends_with("#include \"plugin.h\"")).skip(1);
    let lines = lines.take_while(|line| !line.contains("$ cc "));
    let example: String = lines.map(|line| format!("{}\n", line.trim_start_matches(" *"))).collect();
    let folder = tempfile::tempdir().unwrap();
    let (source, path) = (folder.path().join("example.c"), folder.path().join(format!("example{DLL_SUFFIX}")));
    fs::write(&source, format!("#include \"plugin.h\"\n{example}")).unwrap();
    compile(&source, &path);
    let mut plugin = load(&path);
    let mut buffer = Buffer::new("Text.\n");
    let edits = plugin.before_save(&buffer).unwrap();
    buffer.apply(&edits).unwrap();
    assert_eq!(edit_api::Document::text(&buffer), "Text.\nThe end.\n");
}

/// Windows' linkers want to know in which library a symbol is.
#[cfg(unix)]
#[test]
fn a_symbol_that_nobody_has_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "open", "open");
    // SAFETY: as in `load`.
    let error = unsafe { look(&path).register() }.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: the system cannot open it: ", path.display())), "{error}");
    assert!(error.ends_with("open.so: undefined symbol: nowhere"), "{error}");
}

#[test]
fn a_file_of_another_machine_or_kind_is_refused_before_it_is_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let path = library(&folder, "counts", "other");
    let refusal = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = Library::look(&path).unwrap_err().to_string();
        let expected = format!("{}: this process cannot load it: ", path.display());
        error.strip_prefix(&expected).map(str::to_owned).unwrap_or(error)
    };
    let whole = fs::read(&path).unwrap();
    let patched = |at: usize, to: [u8; 2]| [&whole[..at], &to, &whole[at + 2..]].concat();
    // In ELF files `e_type` is at offset 16, and `e_machine` at 18; 2 is an executable, and 8 is MIPS. In PE files the
    // machine and the characteristics are at these offsets from the header; 0x1f0 is PowerPC, and a library is 0x2000.
    let (other_machine, executable) = if cfg!(windows) {
        let header = usize::from(whole[0x3c]) | usize::from(whole[0x3d]) << 8;
        (patched(header + 4, [0xf0, 1]), patched(header + 22, [0x22, 0]))
    } else {
        (patched(18, [8, 0]), patched(16, [2, 0]))
    };
    assert!(
        refusal(&other_machine)
            .ends_with(&format!("expected {}", plugbox_loader::inspect::Container::of_this_process()))
    );
    assert_eq!(refusal(&executable), "it is an executable; link it with `-shared`");
    let half = &whole[..whole.len() / 2];
    let cut = refusal(half);
    assert!(cut.ends_with(&format!(" extends beyond the end of the file ({} bytes)", half.len())), "{cut}");
    fs::File::options().write(true).open(&path).unwrap().set_len(257 << 20).unwrap();
    let expected = format!("{}: it has 269484032 bytes, expected at most 268435456", path.display());
    assert_eq!(Library::look(&path).unwrap_err().to_string(), expected);
}

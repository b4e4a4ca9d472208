//! C libraries in this process: which file is mapped, for how long, and how the callbacks are called.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use c_bridge::{CPlugin, Library};
use edit_api::{Buffer, Plugin};
use tempfile::TempDir;

/// Compiles a library from C source text, after `#include "plugin.h"`.
fn compile(folder: &TempDir, name: &str, source: &str) -> PathBuf {
    let (file, library) = (folder.path().join(format!("{name}.c")), folder.path().join(format!("{name}.so")));
    fs::write(&file, format!("#include \"plugin.h\"\n{source}")).unwrap();
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let mut compile = Command::new("cc");
    compile.args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]);
    compile.arg("-I").arg(include).arg(file).arg("-o").arg(&library);
    assert!(compile.status().unwrap().success(), "the error of cc is above");
    library
}

/// A plugin whose status counts how often it was called.
const COUNTS: &str = r#"
static void status(void *data, PluginStatus *status) {
    static const char *numbers[] = {"none", "one", "two"};
    static int asked = 0;
    (void)data;
    asked++;
    status->show(status, plugin_text(numbers[asked % 3]));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin), .name = PLUGIN_TEXT("counts"),
                                  .release = PLUGIN_TEXT("1.0.0"), .status = status};
    return &plugin;
}
"#;

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
    let path = compile(&folder, "twice", COUNTS);
    let (first, second) = (load(&path), load(&path));
    assert_eq!([first.status(), first.status(), second.status()].map(Option::unwrap), ["one", "two", "one"]);
}

#[test]
fn what_is_mapped_is_what_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(&folder, "swapped", COUNTS);
    let library = look(&path);
    fs::write(&path, "another file").unwrap();
    // SAFETY: as in `load`.
    let plugin = unsafe { library.register() }.unwrap();
    assert_eq!((plugin.name(), plugin.status().as_deref()), ("counts", Some("one")));
}

#[test]
fn a_library_stays_mapped_when_its_plugin_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(&folder, "stays", COUNTS);
    let mapped = || fs::read_to_string("/proc/self/maps").unwrap().contains("stays.so");
    assert!(!mapped());
    drop(load(&path));
    assert!(mapped());
}

#[test]
fn callbacks_never_run_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(
        &folder,
        "alone",
        r#"
static volatile int inside = 0;
static volatile int met = 0;

static void status(void *data, PluginStatus *status) {
    volatile int i;
    (void)data;
    inside++;
    for (i = 0; i < 100000; i++) {
        if (inside != 1) {
            met = 1;
        }
    }
    inside--;
    status->show(status, met ? plugin_text("met another") : plugin_text("alone"));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin), .name = PLUGIN_TEXT("alone"),
                                  .release = PLUGIN_TEXT("1.0.0"), .status = status};
    return &plugin;
}
"#,
    );
    let plugin = load(&path);
    let all_alone = || (0..100).all(|_| plugin.status().as_deref() == Some("alone"));
    assert!(thread::scope(|scope| [scope.spawn(all_alone), scope.spawn(all_alone)]
        .map(|thread| thread.join().unwrap())
        == [true; 2]));
}

#[test]
fn the_example_in_the_header_is_a_plugin() {
    let header = include_str!("../../include/plugin.h");
    let lines = header.lines().skip_while(|line| !line.ends_with("#include \"plugin.h\"")).skip(1);
    let lines = lines.take_while(|line| !line.contains("$ cc "));
    let example: String = lines.map(|line| format!("{}\n", line.trim_start_matches(" *"))).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut plugin = load(&compile(&folder, "example", &example));
    let mut buffer = Buffer::new("Text.\n");
    let edits = plugin.before_save(&buffer).unwrap();
    buffer.apply(&edits).unwrap();
    assert_eq!(edit_api::Document::text(&buffer), "Text.\nThe end.\n");
}

#[test]
fn a_symbol_that_nobody_has_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(
        &folder,
        "open",
        "void nowhere(void);\nPLUGIN_EXPORT const Plugin *plugin_register(void) { nowhere(); return NULL; }\n",
    );
    // SAFETY: as in `load`.
    let error = unsafe { look(&path).register() }.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: the system cannot open it: ", path.display())), "{error}");
    assert!(error.ends_with("open.so: undefined symbol: nowhere"), "{error}");
}

#[test]
fn a_file_of_another_machine_or_kind_is_refused_before_it_is_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let path = compile(&folder, "other", COUNTS);
    let refusal = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = Library::look(&path).unwrap_err().to_string();
        let expected = format!("{}: this process cannot load it: ", path.display());
        error.strip_prefix(&expected).map(str::to_owned).unwrap_or(error)
    };
    let whole = fs::read(&path).unwrap();
    // `e_machine` is at offset 18; 8 is MIPS.
    let mips = [&whole[..18], &[8, 0], &whole[20..]].concat();
    assert!(refusal(&mips).ends_with(&format!("expected {}", plugbox_loader::inspect::Container::of_this_process())));
    let executable = [&whole[..16], &[2, 0], &whole[18..]].concat();
    assert_eq!(refusal(&executable), "it is an executable; link it with `-shared`");
    let half = &whole[..whole.len() / 2];
    let cut = refusal(half);
    assert!(cut.ends_with(&format!(" lies outside the file of {} bytes", half.len())), "{cut}");
    fs::File::options().write(true).open(&path).unwrap().set_len(257 << 20).unwrap();
    let expected = format!("{}: it has 269484032 bytes, expected at most 268435456", path.display());
    assert_eq!(Library::look(&path).unwrap_err().to_string(), expected);
}

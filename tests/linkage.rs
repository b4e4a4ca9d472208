//! What a library asks of the system's loader: a later C library, executable stacks, static thread-local memory. The gate
//! says what the system would say, or do in silence, and `plugbox check` says what the loader says.

#[path = "command/run.rs"]
mod run;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use fixture_api::Plugin;
use harness::{Build, codes, in_child, load, loader, patched, scratch, target_dir};
use plugbox_loader::inspect::{self, GlibcRelease};
use plugbox_loader::{Code, LoadError};

/// Compiles a source of C or assembly to an object file, or with further arguments to a library. Its path never changes,
/// because it becomes part of a build's flags.
fn compiled(source: (&str, &str), output: &str, arguments: &[&str]) -> PathBuf {
    let (unique, folder) = (scratch("compiled"), target_dir().join("scratch/linkage"));
    fs::create_dir_all(&folder).unwrap();
    let (file, built) = (unique.join(source.0), unique.join("built"));
    fs::write(&file, source.1).unwrap();
    let mut cc = harness::c_compiler();
    assert!(cc.args(["-fPIC", "-o"]).arg(&built).arg(&file).args(arguments).status().unwrap().success());
    let output = folder.join(output);
    // A different test may be linking with the previous file.
    fs::rename(built, &output).unwrap();
    output
}

/// The fixture, linked with one more argument for the linker.
fn linked_with(argument: &str) -> PathBuf {
    Build::plugin().last_crate_flag(&format!("-Clink-arg={argument}")).library()
}

/// Runs `plugbox check` on a library, with a host that knows the fixtures' interfaces.
fn check(library: &Path, arguments: &[&str]) -> run::Ended {
    let host = Build::plugin().library();
    run::Ended::of(run::command(["check", "--as=fixture_api::Plugin", "--host"]).arg(host).args(arguments).arg(library))
}

/// The refusal of a library. `plugbox check` must give the same.
fn refused(library: &Path) -> LoadError {
    let error = load(library).unwrap_err();
    assert_eq!(check(library, &[]).exits(1).stdout, format!("{error}\n"));
    error
}

fn is_executable(maps: &str) -> bool {
    maps.lines().any(|line| line.ends_with("[stack]") && line.contains("rwxp"))
}

#[test]
fn a_library_that_would_make_stacks_executable_is_refused_however_it_came_to_it() {
    // The type of the header PT_GNU_STACK, and its flags `rw-`: this is a file that some tool has processed.
    let stack = [0x51, 0xe5, 0x74, 0x64, 6, 0, 0, 0];
    let libraries =
        [linked_with("-Wl,-z,execstack"), patched(&Build::plugin().library(), &stack, &[0, 0, 0, 0, 6, 0, 0, 0])];
    let test = "a_library_that_would_make_stacks_executable_is_refused_however_it_came_to_it";
    if let Ok(library) = std::env::var("LIBRARY") {
        let maps = || fs::read_to_string("/proc/self/maps").unwrap();
        // SAFETY: the fixture has no initializer.
        let opened = unsafe { libloading::Library::new(library) };
        println!("opened: {}, executable: {}", opened.is_ok(), is_executable(&maps()));
        std::mem::forget(opened);
        return;
    }
    for library in libraries {
        assert!(!is_executable(&fs::read_to_string("/proc/self/maps").unwrap()));
        let error = refused(&library);
        assert_eq!(codes(&error), [Code::ExecutableStack], "{error}");
        assert!(error.to_string().contains("-z noexecstack"), "{error}");
        assert!(!is_executable(&fs::read_to_string("/proc/self/maps").unwrap()));
        // The control: the system makes the stack executable without a word, or refuses the library (since glibc 2.41).
        let opened = in_child(test, &[("LIBRARY", library.to_str().unwrap())], || ()).unwrap();
        let said = ["opened: true, executable: true", "opened: false, executable: false"];
        assert!(said.iter().any(|said| opened.stdout.contains(said)), "{}", opened.stdout);
    }
}

#[test]
fn an_allowed_library_beside_a_plugin_is_judged_too() {
    let outer = compiled(("c.c", "int outer;"), "libplugbox-stack.so", &["-shared", "-Wl,-soname,libplugbox-stack.so"]);
    let search = format!("-Wl,--no-as-needed,-rpath,$ORIGIN,-L{}", outer.parent().unwrap().display());
    let built = Build::plugin()
        .last_crate_flag(&format!("-Clink-arg={search}"))
        .last_crate_flag("-Clink-arg=-lplugbox-stack")
        .library();
    let library = scratch("beside").join("libplugin.so");
    fs::copy(built, &library).unwrap();
    let name = "libplugbox-stack.so";
    let load = || loader(&library).allow_library(name).load_file::<dyn Plugin>(&library);
    // The library is needed and not allowed.
    let error = refused(&library);
    assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
    // A host whose own file names it has loaded it.
    let host_and_plugin = ["check".as_ref(), "--host".as_ref(), library.as_os_str(), library.as_os_str()];
    run::plugbox(host_and_plugin).exits(0);
    // It is allowed, and fits.
    fs::copy(&outer, library.with_file_name(name)).unwrap();
    check(&library, &["--allow-library", name]).exits(0);
    let child = in_child("an_allowed_library_beside_a_plugin_is_judged_too", &[], || assert!(load().is_ok()));
    let Some(child) = child else { return };
    child.must_succeed();
    // It is allowed, and would make stacks executable.
    // Most assembly that was written by hand says nothing about the stack. (rustc passes `-z noexecstack`, so such an
    // object file does no harm in the plugin itself.)
    let bad = compiled(("silent.s", ".globl outer\nouter: ret\n"), "bad.so", &["-shared"]);
    fs::copy(bad, library.with_file_name(name)).unwrap();
    let error = load().unwrap_err();
    assert_eq!(codes(&error), [Code::ExecutableStack], "{error}");
    assert_eq!(error.reasons()[0].at, name);
    assert_eq!(check(&library, &["--allow-library", name]).exits(1).stdout, format!("{error}\n"));
}

/// The fixture, as if it had been built where glibc is 2.99.
fn of_a_later_libc() -> PathBuf {
    patched(&Build::plugin().library(), b"GLIBC_2.34\0", b"GLIBC_2.99\0")
}

#[test]
fn a_library_that_needs_a_later_libc_is_refused_in_our_words() {
    let library = of_a_later_libc();
    let error = refused(&library);
    assert_eq!(codes(&error), [Code::LibcTooOld], "{error}");
    assert_eq!(error.reasons()[0].plugin, "needs symbols of glibc 2.99");
    // The control: the system refuses the library too.
    // SAFETY: the system does not open the library.
    let opened = unsafe { libloading::Library::new(&library) };
    let said = opened.unwrap_err().to_string();
    assert!(said.contains("`GLIBC_2.99' not found"), "{said}");
    // A host for another machine has another C library, which nobody knows here.
    let mut bytes = fs::read(Build::plugin().library()).unwrap();
    bytes[18] = 183;
    let host = scratch("other-host").join("libhost.so");
    fs::write(&host, bytes).unwrap();
    let ended = run::plugbox(["check".as_ref(), "--host".as_ref(), host.as_os_str(), library.as_os_str()]);
    assert!(!ended.exits(1).stdout.contains("libc-too-old"), "{}", ended.stdout);
}

#[test]
fn a_symbol_version_that_may_be_missing_is_no_reason() {
    let mut bytes = fs::read(of_a_later_libc()).unwrap();
    let glibc = |bytes: &[u8]| inspect::linkage_of(&mut Cursor::new(bytes)).unwrap().glibc;
    assert_eq!(glibc(&bytes), GlibcRelease::parse("2.99"));
    // The entries of the version: the hash of its first name, and its flags, of which 2 is "weak".
    let hash = "GLIBC_2.34".bytes().fold(0u32, |hash, byte| {
        let hash = (hash << 4) + u32::from(byte);
        (hash ^ (hash >> 24 & 0xf0)) & 0x0fff_ffff
    });
    let strong = [&hash.to_le_bytes()[..], &[0, 0]].concat();
    let places: Vec<usize> = (0..bytes.len() - 6).filter(|at| bytes[*at..].starts_with(&strong)).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| bytes[at + 4] = 2);
    assert_eq!(glibc(&bytes), GlibcRelease::parse("2.33"));
}

#[test]
fn releases_of_the_c_library_are_compared_as_numbers() {
    let parse = |text| GlibcRelease::parse(text).unwrap();
    assert!(parse("2.4") < parse("2.36") && parse("2.36") < parse("3.0") && parse("2.2.5") == parse("2.2"));
    assert_eq!(parse("2.36").to_string(), "2.36");
    for text in ["", "2", "2.", ".2", "PRIVATE", "2.x", "99999999999.1"] {
        assert_eq!(GlibcRelease::parse(text), None, "{text}");
    }
}

/// The fixture with 600 bytes of thread-local memory at fixed places, as jemalloc has.
fn with_static_tls() -> PathBuf {
    let source = "static __thread char block[600] __attribute__((tls_model(\"initial-exec\")));\n\
                  __attribute__((constructor)) static void touch(void) { block[0] = 1; }\n";
    linked_with(compiled(("tls.c", source), "tls.o", &["-c"]).to_str().unwrap())
}

#[test]
fn static_thread_local_memory_is_warned_of_and_its_end_names_the_cure() {
    let library = with_static_tls();
    let child = in_child("static_thread_local_memory_is_warned_of_and_its_end_names_the_cure", &[], || {
        tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
        let _ = load(&Build::plugin().library()).unwrap();
        eprintln!("the first one has no such memory");
        let mut loads = (0..1000).map(|_| load(&library));
        assert!(loads.next().unwrap().is_ok());
        let error = loads.find_map(Result::err).expect("it runs out").to_string();
        assert!(error.contains("static TLS block"), "{error}");
        assert!(error.contains("`-ftls-model=global-dynamic`"), "{error}");
        assert!(error.contains("GLIBC_TUNABLES=glibc.rtld.optional_static_tls="), "{error}");
    });
    let Some(child) = child else { return };
    child.must_succeed();
    // Std has a few such variables too.
    let size = inspect::linkage(&library).unwrap().static_tls;
    let warning = &format!("its thread-local variables ({size} bytes) must lie in the static-TLS block");
    let (before, after) = child.stderr.split_once("the first one has no such memory").unwrap();
    assert!(!before.contains("WARN"), "{before}");
    let lines: Vec<&str> = after.lines().filter(|line| line.contains(warning)).collect();
    assert!(lines.iter().all(|line| line.contains(" WARN ") && line.contains("libfixture_plugin.so")), "{after}");
    assert!(lines.len() > 1, "{after}");

    let ended = check(&library, &[]);
    let (first, second) = ended.exits(0).stdout.split_once('\n').unwrap();
    assert!((600..1000).contains(&size), "{size}");
    assert!(first.contains(": fits as fixture_api::Plugin"), "{first}");
    assert!(second.starts_with(&format!("  warning: {warning}")), "{second}");
    let line = &check(&library, &["--format=json"]).json()[0];
    assert!(line["warnings"][0].as_str().unwrap().starts_with(warning), "{line}");
    let line = &check(&Build::plugin().library(), &["--format=json"]).json()[0];
    assert_eq!((&line["verdict"], &line["warnings"]), (&"fits".into(), &serde_json::Value::Array(Vec::new())));
}

/// The way out that the error names for a host that cannot be rebuilt.
#[test]
fn a_host_can_ask_for_more_static_thread_local_memory() {
    let library = with_static_tls();
    let tunable = [("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=30000")];
    let child = in_child("a_host_can_ask_for_more_static_thread_local_memory", &tunable, || {
        (0..20).for_each(|_| assert!(load(&library).is_ok()));
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

#[test]
fn inspect_shows_what_a_library_asks_for() {
    let inspected = |library: &Path| {
        let shown = run::plugbox(["inspect".as_ref(), library.as_os_str()]).exits(0).stdout.clone();
        let json = run::plugbox(["inspect".as_ref(), "--format=json".as_ref(), library.as_os_str()]);
        (shown, json.exits(0).json().remove(0))
    };
    let (shown, json) = inspected(&of_a_later_libc());
    assert!(shown.contains("\n  glibc        2.99 or later\n"), "{shown}");
    assert!(!shown.contains("\n  stack ") && !shown.contains("\n  static TLS "), "{shown}");
    assert_eq!(
        (&json["glibc"], &json["executable_stack"], &json["static_tls"]),
        (&"2.99".into(), &false.into(), &0.into())
    );
    let (shown, json) = inspected(&linked_with("-Wl,-z,execstack"));
    assert!(shown.contains("\n  stack        executable\n"), "{shown}");
    assert_eq!(json["executable_stack"], true);
    let (shown, json) = inspected(&with_static_tls());
    let size = json["static_tls"].as_u64().unwrap();
    assert!(size >= 600 && shown.contains(&format!("\n  static TLS   {size} bytes\n")), "{shown}");
}

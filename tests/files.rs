//! Files that change: the loader judges a private copy of the file, and maps the same copy.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use fixture_api::Plugin;
use harness::{Build, codes, in_child, lacking_feature, load, loader, passed_alone, patched, refused, scratch};
use plugbox_loader::{Code, FileOutcome, LoadError, Loaded};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{self, Layer, SubscriberExt};

fn installed(folder: &str, name: &str, library: &Path) -> PathBuf {
    let path = scratch(folder).join(name);
    fs::copy(library, &path).unwrap();
    path
}

#[test]
fn one_path_loads_the_new_library_after_the_file_was_replaced() {
    let path = installed("replaced", "libone.so", &Build::plugin().library());
    let old = load(&path).unwrap();
    assert_eq!(Loaded::info(&old).interface.version.to_string(), "1.2.4");
    fs::copy(Build::plugin().api_version("1.2.5").library(), &path).unwrap();
    let new = load(&path).unwrap();
    assert_eq!(Loaded::info(&new).interface.version.to_string(), "1.2.5");
    assert_ne!(Loaded::info(&old).origin.generation(), Loaded::info(&new).origin.generation());
    assert_eq!((old.first(), new.first()), (1, 1));
}

#[test]
fn overwriting_a_loaded_file_does_the_loaded_plugin_no_harm() {
    let path = installed("overwritten", "libone.so", &Build::plugin().library());
    let plugin = load(&path).unwrap();
    let size = fs::metadata(&path).unwrap().len() as usize;
    fs::write(&path, vec![0; size]).unwrap();
    fs::write(&path, b"").unwrap();
    assert_eq!(plugin.split("still here"), ["still", "here"]);
}

/// A library for each code.
fn bad_libraries() -> Vec<(Code, PathBuf)> {
    let plugin = Build::plugin;
    let good = plugin().library();
    let written = |bytes: &[u8]| {
        let path = scratch("bad").join("lib.so");
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut other_machine = fs::read(&good).unwrap();
    other_machine[18] = if other_machine[18] == 62 { 183 } else { 62 };
    let shuffled = plugin().last_crate_flag("-Zrandomize-layout").env("RUSTC_BOOTSTRAP", "1").library();
    let mut bad = vec![
        (Code::CompilerDiffers, patched(&good, b"\nrelease 1.", b"\nrelease 0.")),
        (Code::VersionNotAccepted, plugin().api_version("2.0.0").library()),
        (Code::NotALibrary, written(b"text")),
        (Code::NotWhole, written(&fs::read(&good).unwrap()[..4000])),
        (Code::OtherTarget, written(&other_machine)),
        (Code::NoManifest, Build::new("fixture-foreign").library()),
        (Code::NoPlugin, Build::new("fixture-cdylib-host").library()),
        (Code::ContractDiffers, patched(&good, b"contract 1\n", b"contract 7\n")),
        (Code::TargetDiffers, patched(&good, b"-gnu\nfeatures", b"-gnx\nfeatures")),
        (Code::PanicDiffers, plugin().config("profile.dev.panic=\"abort\"").library()),
        (Code::FlagsDiffer, shuffled),
        (Code::LibcTooOld, patched(&good, b"GLIBC_2.34\0", b"GLIBC_2.99\0")),
        (Code::ExecutableStack, plugin().last_crate_flag("-Clink-arg=-Wl,-z,execstack").library()),
        (Code::InterfaceMissing, Build::new("copies").library()),
        (Code::InterfaceChanged, plugin().feature("drift-field").library()),
        (Code::EarlyAllocation, plugin().feature("early-allocation").library()),
        (Code::ProbeDiffers, plugin().feature("other-probe").library()),
    ];
    match lacking_feature() {
        Some(feature) => {
            bad.push((Code::CpuLacks, plugin().last_crate_flag(&format!("-Ctarget-feature=+{feature}")).library()));
        }
        None => eprintln!("SKIPPED: this processor has every feature that the test knows of"),
    }
    bad
}

/// Replaces the library at a path: by writing into the existing file, or by renaming a new file.
fn put(library: &Path, path: &Path, in_place: bool) {
    if in_place && !path.is_symlink() {
        fs::write(path, fs::read(library).unwrap()).unwrap();
    } else {
        let new = path.with_extension("new");
        fs::copy(library, &new).unwrap();
        fs::rename(new, path).unwrap();
    }
}

#[test]
fn a_bad_file_of_each_kind_and_then_a_good_one_at_the_same_path_loads() {
    let good = Build::plugin().library();
    let bad = bad_libraries();
    for code in Code::ALL {
        // These codes depend on the path of the file, the processor, or a different interface, and have their own
        // tests.
        let elsewhere = matches!(code, Code::NotTrusted | Code::CpuLacks | Code::BoundaryDiffers);
        let known = elsewhere || bad.iter().any(|(known, _)| *known == code);
        assert!(known, "no library is refused with {code}");
    }
    for in_place in [true, false] {
        let path = installed("mended", "libone.so", &good);
        let mut loaded = Vec::new();
        for (code, library) in &bad {
            put(library, &path, in_place);
            assert_eq!(codes(&refused(&path)), [*code]);
            put(&good, &path, in_place);
            loaded.push(load(&path).unwrap_or_else(|error| panic!("after {code}: {error}")));
        }
        for feature in ["constructor-fails", "constructor-panics"] {
            put(&Build::plugin().feature(feature).library(), &path, in_place);
            assert!(matches!(load(&path), Err(LoadError::Construct { .. })));
            put(&good, &path, in_place);
            loaded.push(load(&path).unwrap_or_else(|error| panic!("after {feature}: {error}")));
        }
        // Each library is a separate image, and all of them work.
        assert!(loaded.iter_mut().all(|plugin| plugin.grow(Vec::new()) == ["grown 0"]));
    }
}

#[test]
fn a_link_out_of_the_trusted_folder_and_then_a_file_in_its_place_loads() {
    let good = Build::plugin().library();
    let path = scratch("mended-link").join("libone.so");
    symlink(&good, &path).unwrap();
    assert_eq!(codes(&refused(&path)), [Code::NotTrusted]);
    put(&good, &path, false);
    assert_eq!(load(&path).unwrap().second(), 2);
}

#[test]
fn what_takes_the_place_of_a_loaded_file_is_judged_anew_and_old_code_never_runs_for_it() {
    let path = installed("renamed-over", "libone.so", &Build::plugin().library());
    let old = load(&path).unwrap();
    put(&Build::plugin().feature("drift-field").library(), &path, false);
    assert_eq!(codes(&refused(&path)), [Code::InterfaceChanged]);
    put(&Build::plugin().api_version("1.2.5").library(), &path, false);
    let new = load(&path).unwrap();
    assert_eq!(Loaded::info(&new).interface.version.to_string(), "1.2.5");
    assert_eq!((old.first(), new.first()), (1, 1));
}

#[test]
fn a_descriptor_that_is_used_again_leads_to_no_old_image() {
    use std::os::fd::AsRawFd;
    let libraries = [Build::plugin().library(), Build::plugin().api_version("1.2.5").library()];
    let mut numbers = Vec::new();
    let versions: Vec<String> = (0..6)
        .map(|round| {
            let opened = fs::File::open(&libraries[round % 2]).unwrap();
            numbers.push(opened.as_raw_fd());
            drop(opened);
            Loaded::info(&load(&libraries[round % 2]).unwrap()).interface.version.to_string()
        })
        .collect();
    assert_eq!(versions, ["1.2.4", "1.2.5", "1.2.4", "1.2.5", "1.2.4", "1.2.5"]);
}

#[test]
fn a_backtrace_names_functions_and_lines_of_the_plugin() {
    shows_functions_and_lines(&load(&Build::plugin().lines().library()).unwrap());
}

#[test]
fn a_backtrace_names_functions_and_lines_of_a_plugin_in_memory() {
    let test = "a_backtrace_names_functions_and_lines_of_a_plugin_in_memory";
    let library = Build::plugin().lines().library();
    let nowhere = ["XDG_RUNTIME_DIR", "TMPDIR", "XDG_CACHE_HOME"].map(|name| (name, "/nowhere"));
    let child = in_child(test, &nowhere, || {
        let plugin = load(&library).unwrap();
        assert!(fs::read_to_string("/proc/self/maps").unwrap().contains("memfd:"));
        // A file that gets the number of the copy's descriptor, if that was closed.
        let _other = fs::File::open("/proc/self/maps").unwrap();
        shows_functions_and_lines(&plugin);
    });
    child.into_iter().for_each(|child| child.must_succeed());
}

fn shows_functions_and_lines(plugin: &Loaded<dyn Plugin>) {
    let seen = std::cell::RefCell::new(String::new());
    let host = harness::Answering::new(0, |question| {
        *seen.borrow_mut() = std::backtrace::Backtrace::force_capture().to_string();
        question.to_owned()
    });
    let _ = plugin.ask(&host);
    let seen = seen.into_inner();
    assert!(seen.contains("fixture_plugin::") && seen.contains("plugin/src/lib.rs:"), "{seen}");
}

#[test]
fn links_and_copies_of_a_loaded_file_are_generations_of_their_own() {
    let path = installed("links", "libone.so", &Build::plugin().library());
    let folder = path.parent().unwrap().to_owned();
    let (soft, hard) = (folder.join("libsoft.so"), folder.join("libhard.so"));
    symlink(&path, &soft).unwrap();
    fs::hard_link(&path, &hard).unwrap();
    let mut plugins: Vec<_> = [&path, &path, &soft, &hard].map(|path| load(path).unwrap()).into();
    // Each library has its own statics and state.
    for plugin in &mut plugins {
        assert_eq!(plugin.grow(Vec::new()), ["grown 0"]);
    }
    let mut generations: Vec<Option<u64>> =
        plugins.iter().map(|plugin| Loaded::info(plugin).origin.generation()).collect();
    generations.sort_unstable();
    generations.dedup();
    assert_eq!(generations.len(), 4);
}

#[test]
fn a_link_out_of_the_trusted_folder_is_not_trusted() {
    let folder = scratch("link-out");
    let link = folder.join("libout.so");
    symlink(Build::plugin().library(), &link).unwrap();
    assert_eq!(codes(&refused(&link)), [Code::NotTrusted]);
}

#[test]
fn a_folder_is_loaded_whole_and_one_bad_file_never_stops_the_others() {
    let folder = scratch("folder");
    fs::copy(Build::plugin().library(), folder.join("libb-good.so")).unwrap();
    fs::copy(Build::new("fixture-twins").library(), folder.join("libd-twins.so")).unwrap();
    fs::copy(Build::plugin().feature("drift-field").library(), folder.join("liba-drifted.so")).unwrap();
    fs::copy(Build::new("fixture-foreign").library(), folder.join("libc-foreign.so")).unwrap();
    fs::write(folder.join("libe-text.so"), "text").unwrap();
    fs::write(folder.join("readme.txt"), "not looked at").unwrap();
    fs::create_dir(folder.join("libf-folder.so")).unwrap();
    // Opening a pipe would block forever.
    assert!(Command::new("mkfifo").arg(folder.join("libg-pipe.so")).status().unwrap().success());
    fs::create_dir(folder.join("below")).unwrap();
    fs::copy(Build::plugin().library(), folder.join("below/libg-below.so")).unwrap();

    let loader = loader(&folder.join("any")).configure("pollux-the-second", "unused");
    let report = loader.load_dir::<dyn Plugin>(&folder).unwrap();
    let files: Vec<&str> = report
        .files()
        .iter()
        .map(|file| match file {
            FileOutcome::Loaded { path, .. } | FileOutcome::Foreign { path, .. } => {
                path.file_name().unwrap().to_str().unwrap()
            }
            FileOutcome::Failed(error) => error.path().unwrap().file_name().unwrap().to_str().unwrap(),
            _ => unreachable!(),
        })
        .collect();
    assert_eq!(
        files,
        ["liba-drifted.so", "libb-good.so", "libc-foreign.so", "libd-twins.so", "libe-text.so", "libg-pipe.so"]
    );
    assert_eq!(report.failures().count(), 3);
    assert_eq!(report.foreign().count(), 1);
    let names: Vec<&str> = report.loaded().map(|plugin| Loaded::info(plugin).name.as_str()).collect();
    assert_eq!(names, ["fixture-plugin", "castor-the-first", "pollux-the-second"]);
    assert!(report.to_string().contains("libc-foreign.so: not a plugin (no-manifest)"), "{report}");
    let plugins = report.into_loaded();
    assert_eq!(plugins[2].name(), "Pollux");
}

#[test]
fn a_folder_may_have_more_files_than_a_process_may_have_open() {
    let passed = in_child("a_folder_may_have_more_files_than_a_process_may_have_open", &[], || {
        let (folder, library) = (scratch("many"), Build::plugin().library());
        fs::copy(library, folder.join("lib0.so")).unwrap();
        (1..100).for_each(|file| fs::hard_link(folder.join("lib0.so"), folder.join(format!("lib{file}.so"))).unwrap());
        let most = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: most }).unwrap();
        let report = loader(&folder.join("any")).load_dir::<dyn Plugin>(&folder).unwrap();
        assert_eq!((report.loaded().count(), report.failures().count()), (1, 0), "{report}");
    });
    passed.iter().for_each(|child| child.must_succeed());
}

/// Changes a file as soon as a different file is loaded.
struct Changes(PathBuf, fn(&Path));

impl<S: Subscriber> Layer<S> for Changes {
    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        if *event.metadata().level() == Level::INFO {
            self.1(&self.0);
        }
    }
}

/// Loads a folder in which the second file is changed after it was looked at. It must not be trusted.
fn is_refused_if_changed_since_the_look(change: fn(&Path)) {
    let folder = scratch("since-the-look");
    fs::copy(Build::plugin().library(), folder.join("liba.so")).unwrap();
    fs::copy(Build::new("fixture-twins").library(), folder.join("libb.so")).unwrap();
    let loader = loader(&folder.join("any"));
    let subscriber = tracing_subscriber::registry().with(Changes(folder.join("libb.so"), change));
    let report = tracing::subscriber::with_default(subscriber, || loader.load_dir::<dyn Plugin>(&folder)).unwrap();
    let refused: Vec<_> =
        report.failures().map(|error| (error.path().unwrap().file_name().unwrap(), codes(error))).collect();
    assert_eq!(refused, [("libb.so".as_ref(), vec![Code::NotTrusted])], "{report}");
    assert_eq!(report.loaded().count(), 1);
}

#[test]
fn a_file_that_others_may_write_to_since_the_look_is_not_trusted() {
    // Other threads load as well: what they are about to learn of the subscriber, `tracing` remembers for all.
    if passed_alone("a_file_that_others_may_write_to_since_the_look_is_not_trusted") {
        return;
    }
    is_refused_if_changed_since_the_look(|file| fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap());
}

#[test]
fn a_file_that_is_a_link_to_another_folder_since_the_look_is_not_trusted() {
    if passed_alone("a_file_that_is_a_link_to_another_folder_since_the_look_is_not_trusted") {
        return;
    }
    is_refused_if_changed_since_the_look(|file| {
        if !file.is_symlink() {
            let outside = scratch("outside").join("libb.so");
            fs::rename(file, &outside).unwrap();
            std::os::unix::fs::symlink(outside, file).unwrap();
        }
    });
}

#[test]
fn the_time_that_a_plugin_took_is_its_own() {
    let folder = scratch("times");
    fs::copy(Build::plugin().library(), folder.join("liba-good.so")).unwrap();
    fs::copy(Build::new("fixture-twins").library(), folder.join("libb-twins.so")).unwrap();
    let (loader, started) = (loader(&folder.join("any")), Instant::now());
    let report = loader.load_dir::<dyn Plugin>(&folder).unwrap();
    let took = started.elapsed();
    let of_library = |file: &FileOutcome<dyn Plugin>| match file {
        FileOutcome::Loaded { plugins, .. } => Loaded::info(plugins.last().unwrap()).load_time,
        _ => unreachable!(),
    };
    let times: Vec<Duration> = report.files().iter().map(of_library).collect();
    assert!(times.len() == 2 && times.iter().sum::<Duration>() <= took, "{times:?} in {took:?}");
}

#[test]
fn a_library_of_several_plugins_is_loaded_with_load_library() {
    let twins = Build::new("fixture-twins").library();
    let error = load(&twins).unwrap_err().to_string();
    assert!(error.contains("castor-the-first, pollux-the-second") && error.contains("load_library"), "{error}");
    let plugins = loader(&twins).load_library::<dyn Plugin>(&twins).unwrap();
    assert_eq!(plugins.len(), 2);
    assert_eq!(Loaded::info(&plugins[0]).origin.generation(), Loaded::info(&plugins[1]).origin.generation());
}

#[test]
fn a_panic_names_which_of_several_plugins_it_was() {
    let twins = Build::new("fixture-twins").library();
    let plugins = loader(&twins).load_library::<dyn Plugin>(&twins).unwrap();
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| plugins[1].fail("fails"))).unwrap_err();
    let panic = payload.downcast_ref::<plugbox_loader::PluginPanic>().unwrap();
    assert_eq!((&*panic.plugin, &*panic.message), ("pollux-the-second", "Pollux fails"));
}

#[test]
fn several_threads_load_and_call_at_once() {
    let libraries = [Build::plugin().library(), Build::plugin().feature("cosmetic").library()];
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let library = &libraries[thread % 2];
            scope.spawn(move || {
                for _ in 0..5 {
                    let mut plugin = load(library).unwrap();
                    assert_eq!(plugin.grow(Vec::new()).len(), 1);
                    let moved = std::thread::spawn(move || plugin.split("a b").len());
                    assert_eq!(moved.join().unwrap(), 2);
                }
            });
        }
    });
}

/// The system's loader searches for a symbol in the library, and then in the libraries that it needs.
#[test]
fn an_entry_table_in_a_library_that_the_plugin_needs_is_none() {
    let library = patched(&Build::plugin().library(), b"\nentry plugbox_entry_0", b"\nentry gethostbyname_r");
    let error = load(&library).unwrap_err();
    assert!(matches!(error, LoadError::OtherImage { .. }), "{error}");
    assert!(error.to_string().contains("plugin fixture-plugin is in a library that it needs"), "{error}");
}

#[test]
fn in_place_there_is_no_copy() {
    let path = installed("in-place", "libone.so", &Build::plugin().library());
    let plugin = loader(&path).without_staging().load_file::<dyn Plugin>(&path).unwrap();
    assert_eq!(plugin.split("a b"), ["a", "b"]);
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    assert!(maps.contains(path.to_str().unwrap()), "{maps}");
}

#[test]
fn in_place_a_file_that_is_mapped_already_is_an_error_and_never_old_code_under_a_new_verdict() {
    let path = installed("in-place-twice", "libone.so", &Build::plugin().library());
    let folder = path.parent().unwrap().to_owned();
    let (soft, hard) = (folder.join("libsoft.so"), folder.join("libhard.so"));
    symlink(&path, &soft).unwrap();
    fs::hard_link(&path, &hard).unwrap();
    let loader = loader(&path).without_staging();
    let plugin = loader.load_file::<dyn Plugin>(&path).unwrap();
    let mapped_before = |path: &Path| {
        let error = loader.load_file::<dyn Plugin>(path).unwrap_err();
        assert!(matches!(error, LoadError::OtherImage { .. }), "{error}");
        assert!(error.to_string().contains("which was mapped before"), "{error}");
    };
    [&path, &soft, &hard].into_iter().for_each(|path| mapped_before(path));
    put(&Build::plugin().api_version("1.2.5").library(), &path, false);
    mapped_before(&path);
    // A copy is a separate image.
    assert_eq!(Loaded::info(&load(&path).unwrap()).interface.version.to_string(), "1.2.5");
    assert_eq!(plugin.split("a b"), ["a", "b"]);
}

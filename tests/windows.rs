//! What is different on Windows: access lists, sealed copies, names and paths, and the indexes of a process.
#![cfg(windows)]

use std::fmt::Write;
use std::fs;
use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixture_api::Plugin;
use harness::{Build, codes, in_child, load, loader, masked, passed_alone, patched, repository, scratch};
use libloading::os::windows::{LOAD_WITH_ALTERED_SEARCH_PATH, Library};
use plugbox_loader::{Code, LoadError, Loaded, Loader, Resource, Trust};
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{DACL_SECURITY_INFORMATION, SetFileSecurityW};

const EVERYONE: &str = "S-1-1-0";

/// A copy of a library in a new folder, under this name.
fn installed(library: &Path, name: &str) -> PathBuf {
    let path = scratch("windows").join("plugins").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(library, &path).unwrap();
    path
}

fn works(plugin: &Loaded<dyn Plugin>) {
    assert_eq!(plugin.split("a b"), ["a", "b"]);
}

/// Gives a file or a folder an access list, as text.
fn set_list(path: &Path, list: &str) {
    let text: Vec<u16> = list.encode_utf16().chain([0]).collect();
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut descriptor = std::ptr::null_mut();
    let (text, to) = (text.as_ptr(), &raw mut descriptor);
    let none = std::ptr::null_mut();
    // SAFETY: the text ends with a zero; the system stores the address of a descriptor.
    let made = unsafe { ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, to, none) };
    assert_ne!(made, 0, "{list}");
    // SAFETY: the path ends with a zero, and the descriptor was made above.
    let set = unsafe { SetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, descriptor) };
    assert_ne!(set, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: the descriptor was made above, and is not used any more.
    unsafe { LocalFree(descriptor) };
}

/// Everything for this user and the administrators.
const PRIVATE: &str = "D:P(A;;FA;;;BA)(A;;FA;;;OW)";
/// The same, and everything for everybody.
const OPEN: &str = "D:P(A;;FA;;;BA)(A;;FA;;;OW)(A;;FA;;;WD)";

#[test]
fn what_somebody_else_may_change_is_refused_with_the_command_that_mends_it() {
    let library = installed(&Build::plugin().library(), "one.dll");
    let folder = library.parent().unwrap().to_owned();
    works(&load(&library).unwrap());
    for place in [&library, &folder] {
        set_list(place, OPEN);
        let error = load(&library).unwrap_err();
        assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
        let reason = &error.reasons()[0];
        assert_eq!(Path::new(&reason.at), place);
        assert!(reason.plugin.contains(EVERYONE), "{error}");
        let command = format!("icacls \"{}\"", place.display());
        assert!(reason.remedy.contains(&command) && reason.remedy.contains(&format!("*{EVERYONE}")), "{error}");
        // SAFETY: the test built the library in this folder.
        let trust = unsafe { Trust::directory(&folder) }.unwrap();
        let of_another_system = Loader::new(trust.clone().allow_owner(0)).load_file::<dyn Plugin>(&library);
        assert_eq!(codes(&of_another_system.unwrap_err()), [Code::NotTrusted]);
        works(&Loader::new(trust.allow_owner(EVERYONE)).load_file::<dyn Plugin>(&library).unwrap());
        set_list(place, PRIVATE);
        works(&load(&library).unwrap());
    }
}

#[test]
fn the_original_can_be_written_and_removed_and_the_copy_cannot() {
    let library = installed(&Build::plugin().library(), "one.dll");
    let place = scratch("copies");
    let loader = loader(&library).stage_in(&place);
    let first = loader.load_file::<dyn Plugin>(&library).unwrap();
    let copy = files(&place).into_iter().find(|file| file.ends_with("one.dll")).unwrap();
    assert!(fs::OpenOptions::new().write(true).open(&copy).is_err(), "it is mapped");
    fs::write(&library, fs::read(Build::plugin().api_version("1.2.5").library()).unwrap()).unwrap();
    let second = loader.load_file::<dyn Plugin>(&library).unwrap();
    let version = |plugin: &Loaded<dyn Plugin>| Loaded::info(plugin).interface.version.to_string();
    assert_eq!([version(&first), version(&second)], ["1.2.4", "1.2.5"]);
    fs::remove_file(&library).unwrap();
    works(&first);
    works(&second);
}

/// All files in a folder and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_a_process_has_left_is_removed_by_the_next_one_and_that_of_a_crash_is_kept() {
    let test = "what_a_process_has_left_is_removed_by_the_next_one_and_that_of_a_crash_is_kept";
    let library = Build::plugin().library();
    let place = std::env::var_os("PLACE").map_or_else(|| scratch("left"), PathBuf::from);
    let place_text = place.to_str().unwrap().to_owned();
    let run = |how: &str| {
        in_child(test, &[("PLACE", &place_text), ("HOW", how)], || {
            works(&loader(&library).stage_in(&place).load_file::<dyn Plugin>(&library).unwrap());
            if std::env::var("HOW").unwrap() == "crash" {
                std::process::abort();
            }
        })
    };
    let copies = || files(&place).iter().filter(|file| file.extension().is_some_and(|end| end == "dll")).count();
    let Some(child) = run("exit") else { return };
    child.must_succeed();
    assert_eq!(copies(), 1, "a mapped file cannot be removed");
    assert!(!run("crash").unwrap().success);
    assert_eq!(copies(), 1, "the copy of the first process is gone, and that of the crash is there");
    run("exit").unwrap().must_succeed();
    assert_eq!(copies(), 2, "a debugger needs the copy of the crash");
}

#[test]
fn names_may_have_any_letters_and_paths_any_length_and_nobody_sees_a_prefix() {
    let library = Build::plugin().library();
    for name in ["ONE.DLL", "Плагин ü 日本.dll", "a.b.dll"] {
        let path = installed(&library, name);
        let report = loader(&path).load_dir::<dyn Plugin>(path.parent().unwrap()).unwrap();
        assert_eq!(report.loaded().count(), 1, "{name}: {report}");
        assert!(!report.to_string().contains(r"\\?\"), "{report}");
    }
    let mut folder = scratch("long");
    (0..12).for_each(|_| folder.push("a folder with a long name"));
    fs::create_dir_all(&folder).unwrap();
    if folder.canonicalize().is_err() {
        eprintln!("SKIPPED: this is Wine, which cannot say where a file is whose path is long");
        return;
    }
    let path = folder.join("one.dll");
    assert!(path.as_os_str().len() > 350);
    fs::copy(&library, &path).unwrap();
    let plugin = loader(&path).stage_in(folder.join("copies")).load_file::<dyn Plugin>(&path).unwrap();
    works(&plugin);
    fs::write(&path, &fs::read(&library).unwrap()[..3000]).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("one.dll") && !error.contains(r"\\?\"), "{error}");
}

#[test]
fn in_place_the_file_itself_is_mapped_and_a_second_time_it_is_an_error() {
    let path = installed(&Build::plugin().library(), "one.dll");
    let loader = loader(&path).without_staging();
    works(&loader.load_file::<dyn Plugin>(&path).unwrap());
    assert!(fs::write(&path, "").is_err(), "it is mapped");
    let other_name = path.with_file_name("other.dll");
    fs::hard_link(&path, &other_name).unwrap();
    for path in [&path, &other_name] {
        let error = loader.load_file::<dyn Plugin>(path).unwrap_err();
        assert!(matches!(error, LoadError::OtherImage { .. }), "{error}");
    }
}

/// A plugin in a new folder that needs this library in place of a library of Windows, and `planted.dll` beside it by that name.
fn in_need(of: &str) -> PathBuf {
    let plugin = patched(&Build::plugin().library(), b"USERENV.dll", of.as_bytes());
    let plugin = installed(&plugin, "plugin.dll");
    fs::copy(Build::new("planted").library(), plugin.with_file_name(of)).unwrap();
    plugin
}

/// Runs `body` for each way, in a process of its own, and checks whether a library has left its mark there.
fn marks(test: &str, ways: [(&str, bool); 3], body: impl Fn(&str)) {
    let mark = scratch("mark").join("ran");
    for (way, is_left) in ways {
        let variables = [("FIXTURE_MARK", mark.to_str().unwrap()), ("WAY", way)];
        let Some(child) = in_child(test, &variables, || body(&std::env::var("WAY").unwrap())) else { return };
        child.must_succeed();
        assert_eq!(fs::remove_file(&mark).is_ok(), is_left, "{way}");
    }
}

#[test]
fn what_a_plugin_needs_is_refused_unless_it_is_allowed_and_then_it_is_copied_with_it() {
    let test = "what_a_plugin_needs_is_refused_unless_it_is_allowed_and_then_it_is_copied_with_it";
    marks(test, [("refused", false), ("in place", false), ("staged", true)], |way| {
        let plugin = in_need("planted.dll");
        if way == "refused" {
            let error = load(&plugin).unwrap_err();
            assert_eq!(codes(&error), [Code::NotTrusted], "{error}");
            assert!(error.to_string().contains("allow_library(\"planted.dll\")"), "{error}");
            return;
        }
        let loader = loader(&plugin).allow_library("PLANTED.dll");
        if way == "staged" {
            let loaded = loader.load_file::<dyn Plugin>(&plugin).unwrap();
            fs::remove_file(plugin.with_file_name("planted.dll")).expect("it is the copy that is mapped");
            works(&loaded);
            return;
        }
        // In place, the system does not search the folder of the plugin, in which anybody may have put something.
        let error = loader.without_staging().load_file::<dyn Plugin>(&plugin).unwrap_err();
        assert!(matches!(error, LoadError::Map { .. }), "{error:?}");
    });
}

#[test]
fn a_library_that_is_called_like_one_of_windows_is_not_used() {
    let test = "a_library_that_is_called_like_one_of_windows_is_not_used";
    marks(test, [("staged", false), ("in place", false), ("opened", true)], |way| {
        // Nothing in this process has it mapped.
        let plugin = in_need("version.dll");
        let loader = match way {
            "staged" => loader(&plugin),
            "in place" => loader(&plugin).without_staging(),
            // The control: the way in which programs usually open plugins.
            // SAFETY: the test built both libraries.
            _ => return drop(unsafe { Library::load_with_flags(&plugin, LOAD_WITH_ALTERED_SEARCH_PATH) }),
        };
        // Wine maps the system's library, which lacks the function, and Windows does not: it is no matter of the verdict.
        let loaded = loader.load_file::<dyn Plugin>(&plugin);
        assert!(matches!(loaded, Ok(_) | Err(LoadError::Map { .. })), "{loaded:?}");
    });
}

/// Windows would map the file with `.dll` at the end, which somebody may have put there.
#[test]
fn a_library_without_a_dot_in_its_name_is_an_error() {
    let plugin = installed(&Build::plugin().library(), "shout");
    fs::copy(&plugin, plugin.with_extension("dll")).unwrap();
    for loader in [loader(&plugin), loader(&plugin).without_staging()] {
        let error = loader.load_file::<dyn Plugin>(&plugin).unwrap_err();
        assert!(matches!(error, LoadError::Map { .. }), "{error:?}");
        assert!(format!("{error:?}").contains("has no dot"), "{error:?}");
    }
    works(&load(&plugin.with_extension("dll")).unwrap());
}

#[test]
fn a_process_without_indexes_gets_an_error_and_goes_on() {
    if passed_alone("a_process_without_indexes_gets_an_error_and_goes_on") {
        return;
    }
    let library = Build::plugin().stripped().library();
    let mut loaded = Vec::new();
    let error = loop {
        match load(&library) {
            Ok(plugin) => {
                assert_eq!(plugin.fail("thread"), 1, "it uses the current thread");
                loaded.push(plugin);
            }
            Err(error) => break error,
        }
    };
    let LoadError::TooMany { resource: Resource::Keys, used, limit, .. } = &error else { panic!("{error}") };
    assert!(used <= limit && used + 20 > *limit, "the next library's and a few are left: {error}");
    assert!(error.to_string().contains("keys are in use or kept for libraries"), "{error}");
    assert!(loaded.len() > 100, "{}", loaded.len());
    loaded.iter().for_each(works);
    std::thread::spawn(|| ()).join().unwrap();
    println!("{} libraries", loaded.len());
}

#[test]
fn a_file_that_somebody_writes_is_seen() {
    let path = installed(&Build::plugin().library(), "one.dll");
    let mut compiler = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_writer", "--nocapture", "--ignored"])
        .env("WRITTEN", &path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    let shared = || {
        use std::os::windows::fs::OpenOptionsExt;
        // Reading and deleting are shared, writing is not.
        fs::OpenOptions::new().read(true).share_mode(1 | 4).open(&path)
    };
    while shared().is_ok() {
        assert!(began.elapsed() < Duration::from_secs(30), "the writer does not write");
        std::thread::sleep(Duration::from_millis(20));
    }
    // It is read all the same, and what was copied is what is judged.
    works(&load(&path).unwrap());
    drop(compiler.stdin.take());
    assert!(compiler.wait().unwrap().success());
    assert!(shared().is_ok());
}

#[test]
#[ignore = "started by a_file_that_somebody_writes_is_seen"]
fn a_writer() {
    let path = std::env::var_os("WRITTEN").unwrap();
    let began = Instant::now();
    let _file = loop {
        match fs::OpenOptions::new().write(true).open(&path) {
            Ok(file) => break file,
            // The test has it open for a moment, to see whether this one does.
            Err(error) => assert!(began.elapsed() < Duration::from_secs(30), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn the_messages_of_windows_are_as_checked_in() {
    let library = installed(&Build::plugin().library(), "fixture_plugin.dll");
    let folder = library.parent().unwrap().to_owned();
    let mut all = String::new();
    let mut add = |title: &str, error: &LoadError| {
        // The system's words depend on its language.
        let words = |text: String, code| {
            text.replace(&std::io::Error::from_raw_os_error(code).to_string(), &format!("the system's error {code}"))
        };
        let text = [2, 3].into_iter().fold(masked(error, &library), words);
        writeln!(all, "# {title}\n{text}\n").unwrap();
    };
    set_list(&library, OPEN);
    add("a library that everybody may change", &load(&library).unwrap_err());
    set_list(&library, PRIVATE);
    set_list(&folder, OPEN);
    add("a folder in which everybody may replace files", &load(&library).unwrap_err());
    set_list(&folder, PRIVATE);
    add("a file that is not there", &load(&folder.join("missing.dll")).unwrap_err());
    let file = folder.join("file");
    fs::write(&file, "").unwrap();
    let nowhere = loader(&library).stage_in(&file).load_file::<dyn Plugin>(&library).unwrap_err();
    add("no place for a copy", &nowhere);
    let in_place = loader(&library).without_staging();
    works(&in_place.load_file::<dyn Plugin>(&library).unwrap());
    add("in place for the second time", &in_place.load_file::<dyn Plugin>(&library).unwrap_err());
    let checked_in = repository().join("tests/messages-windows.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(checked_in, all).unwrap();
    } else {
        assert_eq!(all, fs::read_to_string(checked_in).unwrap().replace("\r\n", "\n"));
    }
}

//! The chapter "What happens if": short programs that fail without plugbox, and their results with plugbox. The guide
//! shows their output.

use std::any::Any;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture_api::Plugin;
use harness::{Build, Child, load, loader, masked, refused, repository, scratch, second_compilers, shown, shows};
use libloading::Library;
use plugbox_loader::Loaded;

fn source(name: &str) -> PathBuf {
    repository().join("tests/exercises").join(name)
}

/// Compiles a program or library in C.
fn cc(name: &str, options: &[&str]) -> PathBuf {
    let output = scratch("exercises").join(name).with_extension("so");
    compiled("cc", name, &[options, &["-ldl"]].concat(), output)
}

fn compiled(compiler: &str, name: &str, options: &[&str], output: PathBuf) -> PathBuf {
    let mut cc = Command::new(compiler);
    cc.args(["-std=c99", "-Wall", "-Werror"]).arg(source(name)).arg("-o").arg(&output).args(options);
    assert!(cc.status().unwrap().success(), "{name} does not compile");
    output
}

/// Wine, if it and a compiler for Windows are installed.
fn wine() -> Option<PathBuf> {
    let found =
        |program: &&str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    found(&WINDOWS_CC).then(|| ["wine64", "/usr/lib/wine/wine64"].into_iter().find(found).map(PathBuf::from))?
}

const WINDOWS_CC: &str = "x86_64-w64-mingw32-gcc";

/// A library for Windows.
fn early_of_windows() -> PathBuf {
    compiled(WINDOWS_CC, "early-windows.c", &["-shared"], scratch("exercises").join("early.dll"))
}

/// The page's current output, because this machine cannot produce it.
fn skipped(name: &str, lacks: &str) -> String {
    eprintln!("SKIPPED {name}: {lacks}");
    shown("what-happens-if.md", name)
}

fn run(program: &Path, library: &Path) -> Child {
    Child::new(&Command::new(program).arg(library).output().unwrap())
}

/// The end of a process: its output, and the signal that ended it.
fn ended(child: &Child, said: &str) -> String {
    let signal = child.signal.map_or(String::new(), |signal| format!("(the process is ended by signal {signal})\n"));
    format!("{said}{signal}")
}

const BARE_PANIC: &str = "a_panic_of_a_library_that_is_simply_opened_ends_the_process";
const CONVENTION: &str = "a_function_without_cs_calling_convention_gets_other_arguments";

const ANY: &str = "a_box_of_any_comes_from_a_library";
/// The environment variable with the path of the library.
const LIBRARY: &str = "EXERCISES_LIBRARY";

/// Runs one of the programs below. Each is an ignored test that prints, or ends its process.
fn child(program: &str) -> Child {
    child_with(program, Path::new(""))
}

fn child_with(program: &str, library: &Path) -> Child {
    let mut run = Command::new(std::env::current_exe().unwrap());
    run.args(["--exact", program, "--ignored", "--nocapture"]).env(LIBRARY, library);
    let child = Child::new(&run.output().unwrap());
    assert!(child.stdout.contains("running 1 test"), "there is no program {program}");
    child
}

#[test]
#[ignore = "a program that ends its process: the chapter runs it"]
fn a_panic_of_a_library_that_is_simply_opened_ends_the_process() {
    // SAFETY: the library has no initializer.
    let library = unsafe { Library::new(Build::new("fixture-bare").library()) }.unwrap();
    // SAFETY: the function has this type.
    let fail = unsafe { library.get::<extern "C-unwind" fn()>(b"bare_panic") }.unwrap();
    let _ = std::panic::catch_unwind(|| fail());
    println!("caught");
}

#[test]
#[ignore = "a program that makes a mistake: the chapter runs it"]
fn a_function_without_cs_calling_convention_gets_other_arguments() {
    #[repr(C)]
    struct Three(f32, f32, f32);
    type Sum = extern "C" fn(Three) -> f32;
    // SAFETY: the library has no initializer.
    let library = unsafe { Library::new(Build::new("fixture-bare").library()) }.unwrap();
    for (name, words) in [("bare_sum_c", "with extern \"C\""), ("bare_sum", "without")] {
        // SAFETY: not sound for the second function, whose calling convention differs from that of the type. It shows
        // this mistake.
        let sum = unsafe { library.get::<Sum>(name.as_bytes()) }.unwrap();
        let is_six = sum(Three(1.0, 2.0, 3.0)) == 6.0;
        println!("{words}: 1 + 2 + 3 is {}", if is_six { "6" } else { "something else" });
    }
}

#[test]
#[ignore = "a program that makes a mistake: the chapter runs it"]
fn a_box_of_any_comes_from_a_library() {
    // SAFETY: the library has no initializer.
    let library = unsafe { Library::new(std::env::var_os(LIBRARY).unwrap()) }.unwrap();
    // SAFETY: not sound for the library of a different compiler: its types may have a different layout. It shows this
    // mistake.
    let any = unsafe { library.get::<fn() -> Box<dyn Any>>(b"bare_any") }.unwrap()();
    println!("the text is {}", if any.is::<String>() { "a String" } else { "no String" });
    std::mem::forget(any);
}

/// What a plugin of the bare library says.
trait Version {
    fn version(&self) -> u32;
}

/// The plugin of an opened library.
fn bare_plugin(library: &Library) -> Box<dyn Version> {
    // SAFETY: the function has this type, and the same compiler built its library.
    unsafe { library.get::<fn() -> Box<dyn Version>>(b"bare_plugin") }.unwrap()()
}

/// A copy of the bare library, which the program replaces.
fn bare_copy() -> PathBuf {
    let path = scratch("reloaded").join("libbare.so");
    fs::copy(Build::new("fixture-bare").library(), &path).unwrap();
    path
}

fn open(path: &Path) -> Library {
    // SAFETY: the library has no initializer.
    unsafe { Library::new(path) }.unwrap()
}

const SAME_PATH: &str = "a_library_is_opened_again_by_its_path";
const IN_PLACE: &str = "a_library_is_written_to_while_it_is_mapped";
const OLD_VTABLE: &str = "an_object_is_called_after_its_library_is_closed";

#[test]
#[ignore = "a program that makes a mistake: the chapter runs it"]
fn a_library_is_opened_again_by_its_path() {
    let path = bare_copy();
    let first = open(&path);
    println!("version {}", bare_plugin(&first).version());
    let built = path.with_extension("built");
    fs::copy(Build::new("fixture-bare").feature("second").library(), &built).unwrap();
    fs::rename(built, &path).unwrap();
    println!("version {}", bare_plugin(&open(&path)).version());
}

#[test]
#[ignore = "a program that ends its process: the chapter runs it"]
fn a_library_is_written_to_while_it_is_mapped() {
    let path = bare_copy();
    let library = open(&path);
    println!("version {}", bare_plugin(&library).version());
    // The first thing that a program does that writes to a file.
    fs::write(&path, []).unwrap();
    println!("then version {}", bare_plugin(&library).version());
}

#[test]
#[ignore = "a program that ends its process: the chapter runs it"]
fn an_object_is_called_after_its_library_is_closed() {
    let library = open(&bare_copy());
    let plugin = bare_plugin(&library);
    println!("version {}", plugin.version());
    library.close().unwrap();
    println!("then version {}", plugin.version());
}

/// The lines of a program about versions.
fn versions(child: &Child) -> String {
    child.stdout.lines().filter(|line| line.starts_with("version ")).map(|line| format!("{line}\n")).collect()
}

/// The lines of a program that is killed after the first version.
fn killed(program: &str, when: &str) -> String {
    let child = child(program);
    assert!(child.signal.is_some() && !child.stdout.contains("then version"), "{child:?}");
    format!("{}{when}: the process is killed\n", versions(&child))
}

fn output(name: &str) -> String {
    match name {
        "panic without" => {
            let child = child(BARE_PANIC);
            assert!(!child.stdout.contains("caught"));
            let last = child.stderr.lines().find(|line| line.starts_with("fatal runtime error")).unwrap();
            ended(&child, &format!("{last}\n"))
        }
        "panic with" => {
            let plugin = load(&Build::plugin().library()).unwrap();
            let error = Loaded::call(&plugin, |plugin| plugin.fail("text")).unwrap_err();
            let panic = error.panic();
            format!(
                "plugin {} panicked in {}: {}\n",
                panic.plugin,
                panic.method.as_deref().unwrap_or_default(),
                panic.message
            )
        }
        "memory without" => {
            let host = Build::new("fixture-hosts").program("mimalloc-bare");
            let child = run(&host, &Build::new("fixture-bare").library());
            assert!(child.signal.is_some(), "{}", child.stderr);
            "a box of the library's is dropped by the host: the process is killed\n".to_owned()
        }
        "memory with" => {
            let child = run(&Build::new("fixture-hosts").program("mimalloc-host"), &Build::plugin().library());
            child.must_succeed();
            child.stdout
        }
        "c interface changed" => {
            let (host, plugin) = (cc("host.c", &[]), cc("plugin.c", &["-shared", "-fPIC"]));
            let child = run(&host, &plugin);
            child.must_succeed();
            child.stdout
        }
        "rust interface changed without" => {
            let host = Build::new("fixture-plain-hosts").without_gate().program("caller");
            let mut caller = Command::new(host);
            caller
                .arg(Build::plugin().feature("drift-order").library())
                .env("FIXTURE_MARK", scratch("mark").join("ran"));
            let child = Child::new(&caller.output().unwrap());
            child.must_succeed();
            child.stdout.lines().skip(1).take(2).map(|line| format!("{line}\n")).collect()
        }
        "rust interface changed with" => {
            let library = Build::plugin().feature("drift-order").library();
            masked(&refused(&library), &library) + "\n"
        }
        "calling convention" => {
            let child = child(CONVENTION);
            let with = "with extern \"C\": 1 + 2 + 3 is 6";
            assert!(child.stdout.contains(with), "{}", child.stdout);
            // The result depends on the contents of the registers.
            assert!(child.signal.is_some() || child.stdout.contains("without: 1 + 2 + 3 is something else"));
            format!("{with}\nwithout: it is something else, or the process is killed\n")
        }
        "no state without" => {
            let child = run(&cc("stateless.c", &[]), &Build::new("fixture-bare").library());
            assert!(!child.stdout.contains("freed") && child.signal.is_some(), "{child:?}");
            "the state is freed by the host: the process is killed\n".to_owned()
        }
        "no state with" => {
            let twins = Build::new("fixture-twins").library();
            let loader = loader(&twins);
            for _ in 0..10 {
                assert_eq!(loader.load_library::<dyn Plugin>(&twins).unwrap()[1].name(), "Pollux");
            }
            "Pollux was loaded, called and dropped 10 times\n".to_owned()
        }
        "macro without" => {
            let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
            rustc.args(["--edition=2024", "--crate-type=cdylib", "--out-dir"]).arg(scratch("exercises"));
            let child = Child::new(&rustc.arg(source("register.rs")).output().unwrap());
            assert!(!child.success);
            format!("{}\n", child.stderr.lines().next().unwrap_or_default())
        }
        "macro with" => {
            let twins = Build::new("fixture-twins").library();
            let plugins = loader(&twins).load_library::<dyn Plugin>(&twins).unwrap();
            plugins.iter().map(|plugin| format!("{}: {}\n", Loaded::info(plugin).name, plugin.name())).collect()
        }
        "compiler without" => {
            let same = child_with(ANY, &Build::new("fixture-bare").library());
            let is_string = "the text is a String";
            assert!(same.success && same.stdout.contains(is_string), "{same:?}");
            let compilers = second_compilers();
            for rustc in &compilers {
                let other = child_with(ANY, &Build::new("fixture-bare").rustc(rustc).library());
                assert!(!other.stdout.contains(is_string), "{}: {other:?}", rustc.display());
                // The result depends on the changes in std between the two compilers.
                assert!(other.signal.is_some() || other.stdout.contains("the text is no String"), "{other:?}");
            }
            if compilers.is_empty() {
                return skipped(name, "no second compiler was found; name one in PLUGBOX_OTHER_RUSTC");
            }
            format!(
                "of the same compiler: {is_string}\nof another one: the text is no String, or the process is killed\n"
            )
        }
        "compiler with" => {
            let compilers = second_compilers();
            let verdict = |rustc: &PathBuf| {
                let library = Build::plugin().rustc(rustc).library();
                let refused = masked(&refused(&library), &library);
                refused.lines().take(2).map(|line| format!("{line}\n")).collect()
            };
            let verdicts: BTreeSet<String> = compilers.iter().map(verdict).collect();
            assert!(verdicts.len() <= 1, "{verdicts:?}");
            let none = || skipped(name, "no second compiler was found; name one in PLUGBOX_OTHER_RUSTC");
            verdicts.into_iter().next().unwrap_or_else(none)
        }
        "LoadLibrary" => {
            let Some(wine) = wine() else { return skipped(name, "Wine or a compiler for Windows is missing") };
            let program = compiled(WINDOWS_CC, "open-windows.c", &[], scratch("exercises").join("open.exe"));
            let mut opens = Command::new(wine);
            // An empty Windows folder is enough. Otherwise Wine would copy 700 MB.
            let windows = scratch("wine");
            fs::write(windows.join(".update-timestamp"), "disable\n").unwrap();
            opens.arg(program).arg(early_of_windows()).env("WINEPREFIX", windows).env("WINEBOOTSTRAPMODE", "1");
            opens.env("WINEDEBUG", "-all").env("WINEDLLOVERRIDES", "mscoree,mshtml=");
            let child = Child::new(&opens.output().unwrap());
            child.must_succeed();
            child.stdout.replace('\r', "")
        }
        "LoadLibrary with" => {
            if wine().is_none() {
                return skipped(name, "Wine or a compiler for Windows is missing");
            }
            let library = early_of_windows();
            masked(&refused(&library), &library) + "\n"
        }
        "dlopen" => {
            let child = run(&cc("open.c", &[]), &cc("early.c", &["-shared", "-fPIC"]));
            child.must_succeed();
            child.stdout
        }
        "dlopen with" => {
            let library = cc("early.c", &["-shared", "-fPIC"]);
            masked(&refused(&library), &library) + "\n"
        }
        "reload same path" => {
            let child = child(SAME_PATH);
            child.must_succeed();
            versions(&child)
        }
        "reload in place" => killed(IN_PLACE, "the file is written to"),
        "reload old vtable" => killed(OLD_VTABLE, "an object of the closed library is called"),
        "reload with" => {
            let path = scratch("reloaded").join("liblive.so");
            let put = |build: Build| {
                let built = path.with_extension("built");
                fs::copy(build.stripped().library(), &built).unwrap();
                fs::rename(built, &path).unwrap();
            };
            put(Build::new("live"));
            let live = loader(&path).live::<dyn live_api::Counter>(&path).open().unwrap();
            let before = live.pin();
            let first = before.version();
            // A thread that holds a pin cannot reload, and one with a state would wait for it.
            let stateless = Build::new("live").feature("second").feature("stateless");
            put(stateless);
            std::thread::scope(|scope| scope.spawn(|| live.reload().map(drop)).join().unwrap()).unwrap();
            format!(
                "version {first}\nversion {}, and {} for a pin from before\n",
                live.pin().version(),
                before.version()
            )
        }
        other => panic!("the chapter asks for {other:?}"),
    }
}

#[test]
fn the_chapter_shows_what_happens() {
    shows("docs/what-happens-if.md", output);
}

//! What happens if: short programs that go wrong without plugbox, and what becomes of them with it. The guide shows what
//! they print.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Build, Child, load, masked, refused, repository, scratch, shows};
use libloading::Library;

fn source(name: &str) -> PathBuf {
    repository().join("tests/exercises").join(name)
}

/// Compiles a program or library in C.
fn cc(name: &str, options: &[&str]) -> PathBuf {
    let output = scratch("exercises").join(name).with_extension("so");
    let mut cc = Command::new("cc");
    cc.args(["-std=c99", "-Wall", "-Werror"]).args(options).arg(source(name)).arg("-o").arg(&output).arg("-ldl");
    assert!(cc.status().unwrap().success(), "{name} is not compiled");
    output
}

fn run(program: &Path, library: &Path) -> Child {
    Child::new(&Command::new(program).arg(library).output().unwrap())
}

/// The last word of a process: what it printed, and the signal that ended it.
fn ended(child: &Child, said: &str) -> String {
    let signal = child.signal.map_or(String::new(), |signal| format!("(the process is ended by signal {signal})\n"));
    format!("{said}{signal}")
}

const BARE_PANIC: &str = "a_panic_of_a_library_that_is_simply_opened_ends_the_process";
const CONVENTION: &str = "a_function_without_cs_calling_convention_gets_other_arguments";

/// Runs one of the programs below, which are tests that end their process, or print.
fn child(program: &str) -> Child {
    let mut run = Command::new(std::env::current_exe().unwrap());
    let child = Child::new(&run.args(["--exact", program, "--ignored", "--nocapture"]).output().unwrap());
    assert!(child.stdout.contains("running 1 test"), "no program is called {program}");
    child
}

#[test]
#[ignore = "a program that ends its process: the chapter runs it"]
fn a_panic_of_a_library_that_is_simply_opened_ends_the_process() {
    // SAFETY: the library has no initialiser.
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
    // SAFETY: the library has no initialiser.
    let library = unsafe { Library::new(Build::new("fixture-bare").library()) }.unwrap();
    for (name, words) in [("bare_sum_c", "with extern \"C\""), ("bare_sum", "without")] {
        // SAFETY: of the second one this is the mistake: it has another calling convention than its type says.
        let sum = unsafe { library.get::<Sum>(name.as_bytes()) }.unwrap();
        let is_six = sum(Three(1.0, 2.0, 3.0)) == 6.0;
        println!("{words}: 1 + 2 + 3 is {}", if is_six { "6" } else { "something else" });
    }
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
            let error = plugin.call(|plugin| plugin.fail("text")).unwrap_err();
            let panic = error.panic();
            format!("plugin {} panicked in {}: {}\n", panic.plugin, panic.method, panic.message)
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
            let host = Build::new("fixture-hosts").without_gate().program("caller");
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
            // Which of these depends on what was in the registers.
            assert!(child.signal.is_some() || child.stdout.contains("without: 1 + 2 + 3 is something else"));
            format!("{with}\nwithout: it is something else, or the process is killed\n")
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
        other => panic!("the chapter asks for {other:?}"),
    }
}

#[test]
fn the_chapter_shows_what_happens() {
    shows("docs/what-happens-if.md", output);
}

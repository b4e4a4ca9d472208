//! Tests of what each trap does without the gate, and of the gate's verdict on the trap. The host without the gate has
//! a loader whose verdict is always `Fits`, and runs in its own process. The table in docs/traps.md is generated from
//! these tests.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use harness::{
    Build, Child, codes, in_child, is_emulated, lacking_feature, patched, refused, scratch, second_compilers,
};
use plugbox_loader::Code;

/// The effect on a host that calls a plugin that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Answers that differ from the plugin's.
    Wrong,
    /// The system ends the process.
    Killed,
    /// No effect: the host works by luck, or does not use the part that differs.
    Nothing,
}

struct Trap {
    name: &'static str,
    library: PathBuf,
    /// The possible effects without the gate. Which of them occurs depends on the surrounding memory.
    seen: &'static [Seen],
    /// The effects in words, for the table.
    words: &'static str,
    code: Code,
}

fn host(without_gate: bool, library: &Path, mark: &Path) -> Child {
    let host = Build::new("fixture-plain-hosts");
    let host = if without_gate { host.without_gate() } else { host };
    let output = harness::command(host.program("caller")).arg(library).env("FIXTURE_MARK", mark).output().unwrap();
    Child::new(&output)
}

/// The output of a host with a plugin that fits.
const RIGHT: &str = "name fixture()
first 1
second 2
split [\"a\", \"b\"]
grow [\"a\", \"grown 0\"]
reverse [2, 1]
sum 2003
change Change { at: 7, kind: Remove { len: 4 } }
panic true
";

fn seen(child: &Child) -> Seen {
    match child {
        Child { success: true, stdout, .. } if stdout == RIGHT => Seen::Nothing,
        Child { signal: Some(_), stdout, .. } if RIGHT.starts_with(stdout.as_str()) => Seen::Killed,
        // Also if the process is killed afterwards.
        Child { stdout, .. } if !stdout.is_empty() => Seen::Wrong,
        _ => panic!("the host without the gate made no call, so it proves nothing: {}", child.stderr),
    }
}

fn traps() -> Vec<Trap> {
    use Seen::{Killed, Nothing, Wrong};
    let drift = |feature| Build::plugin().feature(feature).library();
    let shuffled = |seed: u64| {
        let flags = Build::plugin().flag("-Zrandomize-layout").flag(&format!("-Zlayout-seed={seed}"));
        flags.env("RUSTC_BOOTSTRAP", "1").library()
    };
    // The shuffle also depends on the folder. Some shuffles do not move any field that the host reads.
    let does_harm = |library: &PathBuf| seen(&host(true, library, Path::new(""))) != Nothing;
    let shuffled = (1..=8).map(shuffled).find(does_harm).expect("at least one of eight shuffles does harm");
    let mut traps = vec![
        Trap {
            name: "methods in a different order",
            library: drift("drift-order"),
            seen: &[Wrong],
            words: "`first()` returns the result of `second()`",
            code: Code::InterfaceChanged,
        },
        Trap {
            name: "a method with a default body was added",
            library: drift("drift-default"),
            seen: &[Wrong, Killed],
            words: "calls reach the wrong methods; the process is killed",
            code: Code::InterfaceChanged,
        },
        Trap {
            name: "a `#[cfg]` added a method",
            library: drift("drift-cfg"),
            seen: &[Wrong, Killed],
            words: "calls reach the wrong methods; the process is killed",
            code: Code::InterfaceChanged,
        },
        Trap {
            name: "a field was added, or a feature of the API crate added one, without a version bump",
            library: drift("drift-field"),
            seen: &[Wrong, Killed, Nothing],
            words: "the memory behind the value is read and written: a wrong answer, a killed process, or no symptom",
            code: Code::InterfaceChanged,
        },
        Trap {
            name: "two fields were swapped, deep inside `Option<Vec<Box<_>>>`, in a crate that the API depends on",
            library: drift("drift-deep"),
            seen: &[Wrong],
            words: "a wrong number, without an error",
            code: Code::InterfaceChanged,
        },
        Trap {
            name: "the plugin's flags randomize layouts",
            library: shuffled,
            seen: &[Wrong, Killed],
            words: "the wrong fields are read; the process is killed",
            code: Code::FlagsDiffer,
        },
        Trap {
            name: "`panic = \"abort\"` in the plugin",
            library: Build::plugin().config("profile.dev.panic=\"abort\"").library(),
            seen: &[Killed],
            words: "the plugin's first panic ends the process",
            code: Code::PanicDiffers,
        },
        Trap {
            name: "a different major version of the API, with the same layouts",
            library: Build::plugin().api_version("2.0.0").library(),
            seen: &[Nothing],
            words: "nothing, until the meaning of a method changes",
            code: Code::VersionNotAccepted,
        },
    ];
    if let Some(feature) = lacking_feature() {
        let build = Build::plugin().last_crate_flag(&format!("-Ctarget-feature=+{feature}"));
        traps.push(Trap {
            name: "built for a processor with more features",
            library: build.library(),
            seen: &[Nothing, Killed],
            words: "nothing, until the first unsupported instruction kills the process",
            code: Code::CpuLacks,
        });
    }
    traps
}

#[test]
fn without_the_gate_each_trap_does_its_harm() {
    let good = host(true, &Build::plugin().library(), Path::new(""));
    assert_eq!(seen(&good), Seen::Nothing, "the host without the gate fails with a good plugin, too: {good:?}");
    let mark = scratch("mark").join("ran");
    let mut table = String::from(
        "| trap | without the gate | a check of the version of rustc | plugbox |\n| --- | --- | --- | --- |\n",
    );
    for trap in traps() {
        let child = host(true, &trap.library, &mark);
        assert!(trap.seen.contains(&seen(&child)), "{}: {:?} {child:?}", trap.name, seen(&child));
        let error = refused(&trap.library);
        assert!(codes(&error).contains(&trap.code), "{}: {error}", trap.name);
        // The host's compiler built all of these libraries.
        assert!(!codes(&error).contains(&Code::CompilerDiffers), "{}: {error}", trap.name);
        writeln!(table, "| {} | {} | loads it | `{}` |", trap.name, trap.words, trap.code).unwrap();
        println!("{}: {:?}", trap.name, seen(&child));
    }
    if is_emulated() {
        // The table is that of this machine. In an emulator, only the harm and the refusals are looked at.
        return;
    }
    if lacking_feature().is_none() {
        eprintln!("SKIPPED: this processor has every feature that the test knows");
        return;
    }
    table.push_str(
        "| a different compiler | depends on the two compilers: wrong answers, a killed process, or nothing | refuses it, if \
         it compares commits | `compiler-differs` |\n\
         | an initializer in a library that does not fit | the initializer runs when the library is opened | the \
         initializer runs, if the version comes from a call into the library | refused from its bytes: none of its code \
         runs |\n\
         | a truncated file, or one that is still being written | the process is killed | the process is killed | \
         `not-whole` |\n",
    );
    let page = "../docs/traps.md";
    let text = fs::read_to_string(harness::repository().join("docs/traps.md")).unwrap();
    let (head, rest) = text.split_once("<!-- traps -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    expect_file![page].assert_eq(&format!("{head}<!-- traps -->\n{table}<!-- end -->{tail}"));
}

#[test]
fn without_the_gate_an_initializer_runs() {
    let mark = scratch("mark").join("ran");
    let library = Build::plugin().feature("initializer").feature("drift-field").library();
    let refused = host(false, &library, &mark);
    assert!(!refused.success && !mark.exists(), "{refused:?}");
    host(true, &library, &mark);
    assert!(mark.exists(), "the initializer runs without the gate");
}

#[test]
fn without_the_gate_a_file_that_is_cut_kills_the_process() {
    let whole = fs::read(Build::plugin().stripped().library()).unwrap();
    let library = scratch("cut").join("libcut.so");
    let mut killed = 0;
    for share in [20, 40, 60, 80, 95] {
        fs::write(&library, &whole[..whole.len() * share / 100]).unwrap();
        let Some(opened) = in_child(
            "without_the_gate_a_file_that_is_cut_kills_the_process",
            &[("TRAPS_CUT", library.to_str().unwrap())],
            // SAFETY: not sound: the test shows the effect.
            || drop(unsafe { libloading::Library::new(std::env::var_os("TRAPS_CUT").unwrap()) }.map(std::mem::forget)),
        ) else {
            return;
        };
        killed += u32::from(opened.signal.is_some());
        let refused = host(false, &library, Path::new(""));
        assert!(refused.signal.is_none() && refused.stderr.contains("not-whole"), "{refused:?}");
    }
    // Windows maps a file by its sections, and asks for each of them whether the file has it.
    assert!(killed > 0 || cfg!(windows), "the system's loader rejects each truncated file, so the gate is not needed");
}

#[test]
fn without_the_gate_plugins_of_other_compilers_do_as_they_like() {
    let compilers = second_compilers();
    if compilers.is_empty() {
        eprintln!("SKIPPED: no second compiler was found; name one in PLUGBOX_OTHER_RUSTC");
    }
    for rustc in compilers {
        let library = Build::plugin().rustc(&rustc).library();
        let child = host(true, &library, Path::new(""));
        // The effect depends on the two compilers. Some pairs work by luck.
        println!("{}: {:?}", rustc.display(), seen(&child));
        let said = host(false, &library, Path::new(""));
        assert!(!said.success && said.stderr.contains("refused\n  compiler-differs"), "{said:?}");
        // A check of the compiler's version in the library's records finds the difference, too.
        let other = patched(&library, b"\nrelease 1.", b"\nrelease 0.");
        assert_eq!(codes(&refused(&other)).first(), Some(&Code::CompilerDiffers));
    }
}

//! Rustc's arguments, taken apart as rustc does it. Each row was tried with rustc.

#[path = "../flags.rs"]
mod flags;

use std::fs;
use std::process::Command;

fn compared(arguments: &[&str]) -> Vec<String> {
    flags::compared(&arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>())
}

/// Arguments, separated by blanks, and whether std is then linked dynamically.
const SHARED_STD: &[(&str, bool)] = &[
    ("", false),
    ("-C prefer-dynamic", true),
    ("-Cprefer-dynamic", true),
    ("--codegen prefer-dynamic", true),
    ("--codegen=prefer-dynamic", true),
    ("-Cprefer_dynamic", true),
    ("-gCprefer-dynamic", true),
    ("-gO -C prefer-dynamic", true),
    ("-Cprefer-dynamic=y", true),
    ("-Cprefer-dynamic=yes", true),
    ("-Cprefer-dynamic=on", true),
    ("-Cprefer-dynamic=true", true),
    ("-Cprefer-dynamic=n", false),
    ("-C prefer-dynamic=no", false),
    ("-Cprefer-dynamic=off", false),
    ("--codegen=prefer_dynamic=false", false),
    ("-Cprefer-dynamic -Cprefer-dynamic=no", false),
    ("-Cprefer-dynamic=no -C prefer_dynamic", true),
    ("--remap-path-prefix=/home/me/prefer-dynamic-demo=/src", false),
    ("--remap-path-prefix /prefer-dynamic=/src", false),
    // The value of an option may look like another option.
    ("--remap-path-prefix -Cprefer-dynamic=/src", false),
    ("--allow -Cprefer-dynamic --cap-lints=allow", false),
    ("-L -Cprefer-dynamic", false),
    ("-Clink-arg=-Wl,-rpath,/prefer-dynamic", false),
    ("-Cmetadata=prefer-dynamic", false),
    ("-Clink-args=-Wl,-rpath,/prefer-dynamic", false),
    // A short option of one letter takes the rest as its value.
    ("-LCprefer-dynamic", false),
    ("--cfg=prefer_dynamic", false),
    ("--cfg feature=\"prefer-dynamic\"", false),
    ("-Wunused -Cprefer-dynamic", true),
    ("-W unused -Cprefer-dynamic", true),
    ("--verbose -Cprefer-dynamic", true),
];

#[test]
fn a_shared_std_is_seen_in_every_form_and_nowhere_else() {
    for (arguments, shared) in SHARED_STD {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let expected = if *shared { vec!["prefer-dynamic"] } else { vec![] };
        assert_eq!(compared(&arguments), expected, "{arguments:?}");
    }
    // After `--` there are only files, which cargo never passes on.
    assert!(compared(&["--", "-Cprefer-dynamic"]).is_empty());
    for incomplete in [&["-C"][..], &["--codegen"], &["-"], &["--"], &["-gO"], &["-ü"], &[""]] {
        assert!(compared(incomplete).is_empty(), "{incomplete:?}");
    }
}

/// Asks rustc itself: a program with a shared std names `libstd` among the libraries that it needs.
#[test]
#[cfg_attr(miri, ignore = "it runs rustc")]
fn rustc_agrees_about_each_form() {
    let folder = std::env::temp_dir().join(format!("plugbox-flags-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let (source, program) = (folder.join("main.rs"), folder.join("main"));
    fs::write(&source, "fn main() {}").unwrap();
    let rustc = |arguments: &str| {
        let _ = fs::remove_file(&program);
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut rustc = Command::new(rustc);
        let ended = rustc.arg(&source).args(arguments.split_whitespace()).arg("-o").arg(&program).output().unwrap();
        let bytes = ended.status.success().then(|| fs::read(&program).unwrap())?;
        Some(bytes.windows(7).any(|window| window == b"libstd-"))
    };
    let answers: Vec<Option<bool>> = SHARED_STD.iter().map(|(arguments, _)| rustc(arguments)).collect();
    fs::remove_dir_all(&folder).unwrap();
    if answers[1] == Some(false) {
        eprintln!("SKIPPED: this compiler has no shared std");
        return;
    }
    for ((arguments, shared), answer) in SHARED_STD.iter().zip(answers) {
        assert_eq!(answer, Some(*shared), "{arguments}");
    }
}

#[test]
fn other_flags_are_seen_too() {
    for (arguments, expected) in [
        ("-Zrandomize-layout", &["randomize-layout"][..]),
        ("-Z randomize_layout=yes -Zlayout-seed=7", &["layout-seed", "randomize-layout"]),
        ("-Zrandomize-layout -Zrandomize-layout=off", &[]),
        ("-Zsanitizer=address", &["sanitizer=address"]),
        ("-Zsanitizer=leak,address -Z sanitizer=address", &["sanitizer=address", "sanitizer=leak"]),
        ("-Csanitizer=thread", &["sanitizer=thread"]),
        ("-Zsanitizer-recover=address", &[]),
        ("-Csoft-float", &["soft-float"]),
        ("-Csoft-float=no", &[]),
        ("-Ctarget-feature=+crt-static,+soft-float", &["soft-float"]),
        ("-Ctarget-feature=+soft-float -Ctarget-feature=-soft-float", &[]),
        ("-Ctarget-feature=+not-soft-float", &[]),
        ("-Ctarget-cpu=native -Copt-level=3 -Zunstable-options", &[]),
        ("-Cllvm-args=-sanitizer=address", &[]),
        ("--cfg sanitizer=\"address\"", &[]),
    ] {
        assert_eq!(compared(&arguments.split_whitespace().collect::<Vec<_>>()), expected, "{arguments}");
    }
}

#[test]
fn a_file_of_arguments_is_read_as_rustc_reads_it() {
    let read = |path: &str| (path == "/flags").then(|| "-C\nprefer-dynamic\n@/flags\n".to_owned());
    let expanded = flags::expanded(&["-g", "@/flags", "@/missing"], read);
    assert_eq!(expanded, ["-g", "-C", "prefer-dynamic", "@/flags", "@/missing"]);
    assert_eq!(flags::compared(&expanded), ["prefer-dynamic"]);
}

#[test]
fn the_last_value_of_a_key_is_found() {
    let arguments: Vec<String> =
        ["-Clinker=cc", "--codegen", "linker=rust-lld", "-Clinker_flavor=ld.lld"].map(str::to_owned).into();
    assert_eq!(flags::last(&arguments, "linker"), Some("rust-lld"));
    assert_eq!(flags::last(&arguments, "linker-flavor"), Some("ld.lld"));
    assert_eq!(flags::last(&arguments, "link-arg"), None);
}

#[test]
fn the_linker_is_told_in_its_own_words() {
    let symbolic = |os: &str, linker: Option<&str>, flags: &str| {
        let flags: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
        flags::symbolic(os, linker, &flags)
    };
    let (driver, bare) = (Some("-Wl,-Bsymbolic"), Some("-Bsymbolic"));
    for (os, linker, flags, expected) in [
        ("linux", None, "", driver),
        ("linux", Some("/usr/bin/x86_64-linux-gnu-gcc"), "", driver),
        ("linux", Some("clang"), "-Clink-arg=-fuse-ld=lld", driver),
        ("linux", Some("/opt/bin/ld.lld"), "", bare),
        ("linux", Some("x86_64-linux-gnu-ld"), "", bare),
        ("linux", None, "-Clinker=rust-lld", bare),
        ("linux", Some("ld"), "-Clinker=cc", driver),
        ("linux", Some("cc"), "-C linker-flavor=ld.lld", bare),
        ("linux", Some("rust-lld"), "-Clinker_flavor=gcc", driver),
        ("linux", None, "-Clinker-flavor=wasm-ld", None),
        ("android", None, "", driver),
        ("freebsd", None, "", driver),
        ("macos", None, "", None),
        ("windows", None, "", None),
        ("none", Some("ld"), "", None),
    ] {
        assert_eq!(symbolic(os, linker, flags), expected, "{os} {linker:?} {flags}");
    }
}

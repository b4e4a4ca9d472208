//! `--c-plugins`: C libraries beside Rust plugins.

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Desk, built_before, can_compile, installed};

#[test]
fn every_hook_of_the_editor_reaches_a_plugin_in_c() {
    let desk = Desk::with_c_plugins(&["census.c"]);
    desk.write("a.txt", "one\ntwo\n");
    desk.write("label", "seen");
    let arguments = ["--config", "census=label", "--run", "census:insert", "--select", "2", "--print", "a.txt"];
    let outcome = desk.edit_in_c(&arguments);
    let counted = "configured 1, opened 1, edited 0, before_save 0, closed 0, commands 1, run 1, status 0";
    assert_eq!(outcome.stdout, format!("one\nseen: {counted}\ntwo\n"), "{}", outcome.stderr);
    assert_eq!(outcome.code, Some(0));
    let status = "a.txt: census: seen: configured 1, opened 1, edited 1, before_save 1, closed 0, commands 1, run 1, \
                  status 1";
    assert_eq!(outcome.said("a.txt"), [status]);
    let end = "seen: configured 1, opened 1, edited 1, before_save 1, closed 1, commands 1, run 1, status 1, destroyed";
    assert_eq!(outcome.said("seen"), [end], "and it is destroyed once:\n{}", outcome.stderr);
    let row = outcome.row("census");
    assert_eq!(row[..4], ["census", "1.2.0", "plugin.h 1", "-"]);
    assert_eq!(row[6], "loaded");
}

#[test]
fn plugins_in_c_cpp_and_both_kinds_of_rust_work_side_by_side() {
    if built_before().is_none() && Command::new("c++").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no C++ compiler here");
        return;
    }
    let desk = Desk::with_plugins(&["reverse", "shout"]);
    desk.compile("rot13.c");
    desk.compile("trim.cpp");
    desk.write("a.txt", "nop  \nabc\n");
    let outcome = desk.edit_in_c(&["--run=rot13:turn", "--run=shout:upper", "--run=reverse:lines", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("NOP\nABC\n", Some(0)), "{}", outcome.stderr);
    assert_eq!(outcome.said("a.txt"), ["a.txt: trim: 1 lines trimmed"]);
    for plugin in ["reverse", "rot13", "shout", "trim"] {
        assert_eq!(outcome.row(plugin).last(), Some(&"loaded"), "{plugin} in\n{}", outcome.stderr);
    }
}

#[test]
fn a_command_in_c_works_on_the_selection_and_leaves_other_characters_alone() {
    let desk = Desk::with_c_plugins(&["rot13.c"]);
    desk.write("a.txt", "one\nzwölf\n");
    let outcome = desk.edit_in_c(&["--run", "rot13:turn", "--select", "2", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\nmjöys\n", Some(0)));
}

#[test]
fn commands_in_c_are_listed() {
    let outcome = Desk::with_c_plugins(&["rot13.c"]).edit_in_c(&["--list"]);
    let expected = " rot13:turn  ROT13  Turns the letters of the selection, or of the whole text, by 13 places.\n";
    assert_eq!((outcome.stdout.as_str(), outcome.code), (expected, Some(0)));
}

#[test]
fn a_failure_in_c_is_one_of_that_call() {
    let desk = Desk::with_c_plugins(&["census.c"]);
    desk.write("a.txt", "");
    let outcome = desk.edit_in_c(&["--run", "census:insert", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(3)));
    let expected = "warning: a.txt:1:1: plugin census failed in `census:insert`: there is no line to write above";
    assert_eq!(outcome.said("warning"), [expected]);
    assert_eq!(outcome.said("counted").len(), 1, "it continues, and is destroyed later:\n{}", outcome.stderr);
}

#[test]
fn a_plugin_in_c_that_cannot_work_with_its_configuration_says_why() {
    let desk = Desk::with_c_plugins(&["census.c"]);
    desk.write("a.txt", "one");
    desk.write("label", "");
    let outcome = desk.edit_in_c(&["--config", "census=label", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one", Some(0)));
    let expected = format!(
        "warning: plugins/census{DLL_SUFFIX}: plugin census rejects its configuration: expected a label of 1 to 31 \
         bytes"
    );
    assert_eq!(outcome.said("warning"), [expected]);
    assert_eq!(outcome.row(&format!("census{DLL_SUFFIX}")).last(), Some(&"failed"));
    assert_eq!(outcome.said("counted").len(), 1, "it is destroyed:\n{}", outcome.stderr);
}

#[test]
fn plugins_in_c_are_not_even_mapped_without_the_users_word() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_c_plugins(&[]);
    constructor(&desk, "const void *plugin_register(void) { return 0; }");
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one", Some(0)));
    let file = format!("ran{DLL_SUFFIX}");
    assert_eq!(outcome.row(&file), [&file, "-", "plugin.h", "-", "-", "-", "not loaded without --c-plugins"]);
    assert!(!desk.path("ran").exists());
    desk.edit_in_c(&["--print", "a.txt"]);
    assert!(desk.path("ran").exists(), "the control: its constructor runs when it is mapped");
}

#[test]
fn a_library_that_exports_no_plugin_is_not_mapped() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_c_plugins(&[]);
    // A variable with that name, not a function.
    constructor(&desk, "int plugin_register;");
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one", Some(0)));
    assert_eq!(outcome.row(&format!("ran{DLL_SUFFIX}")).last(), Some(&"no plugin"));
    assert!(!desk.path("ran").exists());
}

/// Compiles a library with a constructor that creates a file `ran`.
fn constructor(desk: &Desk, rest: &str) {
    let source =
        "#include <stdio.h>\n__attribute__((constructor)) static void run(void) { fclose(fopen(\"ran\", \"w\")); }\n";
    desk.write("ran.c", format!("{source}{rest}\n"));
    let library = desk.path(&format!("plugins/ran{DLL_SUFFIX}"));
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(desk.path("ran.c")).status();
    assert!(compiled.unwrap().success());
    installed(&library);
}

#[cfg(unix)]
#[test]
fn a_library_in_c_that_anybody_may_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with_c_plugins(&["rot13.c"]);
    let file = format!("rot13{DLL_SUFFIX}");
    fs::set_permissions(desk.path("plugins").join(&file), fs::Permissions::from_mode(0o666)).unwrap();
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--print", "a.txt"]);
    assert_eq!(outcome.row(&file).last(), Some(&"refused: no-manifest, not-trusted"), "{}", outcome.stderr);
}

#[test]
fn of_two_plugins_of_one_name_the_one_in_c_is_refused() {
    let desk = Desk::with_plugins(&["shout"]);
    desk.compile("broken/name_of_another.c");
    desk.compile("rot13.c");
    let library = |name: &str| desk.path(&format!("plugins/{name}{DLL_SUFFIX}"));
    fs::copy(library("rot13"), library("second")).unwrap();
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--print", "a.txt"]);
    let expected = [("name_of_another", "shout"), ("second", "rot13")].map(|(file, name)| {
        format!(
            "warning: plugins/{file}{DLL_SUFFIX}: a plugin named `{name}` is already loaded; remove one of them, or \
             rename one"
        )
    });
    assert_eq!(outcome.said("warning"), expected);
}

#[test]
fn structs_of_later_and_earlier_headers_are_read_as_far_as_both_know() {
    let desk = Desk::with_c_plugins(&["sizes/earlier.c", "sizes/later.c"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit_in_c(&["--print", "a.txt"]);
    assert_eq!(outcome.said("a.txt"), ["a.txt: later: from later"]);
    assert_eq!([outcome.row("earlier")[6], outcome.row("later")[6]], ["loaded"; 2]);
}

#[test]
fn a_plugin_in_rust_of_the_c_interface_needs_no_crate() {
    if !can_compile() {
        return;
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/c/samples/rust/Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--prefix", "none", "--edges", "normal,build", "--manifest-path"]).arg(manifest);
    let tree = String::from_utf8(cargo.output().unwrap().stdout).unwrap();
    assert_eq!(tree.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), ["reverse"]);
}

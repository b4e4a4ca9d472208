//! `--watch`: the editor goes on, and prints again when a file or a plugin changes.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

use crate::support::{Desk, can_compile, variant};

#[test]
fn it_prints_again_when_the_file_changes_and_count_knows_what_it_was() {
    let desk = Desk::with_plugins(&["count", "shout"]);
    desk.write("a.txt", "one\n");
    let editor = desk.watching(&["--run", "shout:upper", "a.txt"]);
    editor.prints("ONE");
    assert_eq!(editor.says("a.txt: count"), "a.txt: count: 1 word, 1 line, 1 min to read");
    editor.prints_nothing();
    desk.write("a.txt", "one two three\n");
    editor.prints("ONE TWO THREE");
    assert_eq!(editor.says("a.txt: count"), "a.txt: count: 3 words, 1 line, 1 min to read, 2 words more");
}

#[test]
fn a_plugin_that_was_built_again_is_used_without_a_restart_and_keeps_its_state() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_plugins(&["count", "shout"]);
    let shout = variant("shout", "text.to_uppercase()", "text.to_uppercase().replace('O', \"0\")");
    let count = variant("count", "min to read", "minutes of your time");
    desk.write("a.txt", "one two\n");
    let editor = desk.watching(&["--run", "shout:upper", "a.txt"]);
    editor.prints("ONE TWO");
    desk.install(&shout);
    editor.prints("0NE TW0");
    editor.says("shout 0.2.0");
    desk.install(&count);
    editor.prints("0NE TW0");
    assert!(editor.says("count 0.2.0").contains("with its state"));
    desk.write("a.txt", "one\n");
    editor.prints("0NE");
    assert_eq!(
        editor.says("1 minutes of your time, "),
        "a.txt: count: 1 word, 1 line, 1 minutes of your time, 1 word fewer"
    );
}

#[test]
fn refusals_and_panics_are_lines_on_standard_error_and_the_old_plugin_serves() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_plugins(&["shout"]);
    desk.write("a.txt", "one\n");
    let editor = desk.watching(&["--run", "shout:upper", "a.txt"]);
    editor.prints("ONE");
    desk.write("plugins/partial", "no library");
    std::fs::rename(desk.path("plugins/partial"), desk.path(&format!("plugins/{DLL_PREFIX}shout{DLL_SUFFIX}")))
        .unwrap();
    editor.says("warning: not reloaded (phase look)");
    editor.says("the file is a text, not an object file");
    desk.write("a.txt", "two\n");
    editor.prints("TWO");
    // It panics, is not called again, and is replaced.
    desk.install(&variant("shout", "let loud = text.to_uppercase();", "let loud: String = panic!(\"too loud\");"));
    editor.says("too loud");
    editor.prints("two");
    desk.install(&variant("shout", "text.to_uppercase()", "text.to_uppercase().replace('T', \"D\")"));
    editor.prints("DWO");
}

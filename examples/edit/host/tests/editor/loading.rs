//! `--plugins` and `--config`: which libraries are loaded, and the messages about the others.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

use crate::support::Desk;

#[test]
fn a_library_for_another_host_is_refused_while_others_work() {
    let desk = Desk::with_plugins(&["hello", "tidy"]);
    desk.write("a.txt", "one  ");
    let outcome = desk.edit(&["--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\n", Some(0)));
    let hello = outcome.row("hello");
    assert_eq!(hello[..3], ["hello", "0.3.0", "hello_api::Plugin 1.0.0"]);
    assert_eq!(hello[5..], ["-", "refused: interface-missing"]);
    let tidy = outcome.row("tidy");
    assert_eq!(tidy[..3], ["tidy", "0.2.0", "edit_api::Plugin 1.0.0"]);
    assert_eq!(tidy[6], "loaded");
    assert_eq!(outcome.said("warning: plugins/").len(), 1);
    assert_eq!(outcome.said("  interface-missing").len(), 1, "the reason is missing:\n{}", outcome.stderr);
}

#[test]
fn a_file_that_is_no_library_is_refused() {
    let desk = Desk::with_plugins(&["tidy"]);
    let name = format!("{DLL_PREFIX}text{DLL_SUFFIX}");
    desk.write(&format!("plugins/{name}"), "no library");
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\n", Some(0)));
    assert_eq!(outcome.row(&name), [&name, "-", "-", "-", "-", "-", "refused: not-a-library"]);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let desk = Desk::with_plugins(&[]);
    desk.write("a.txt", "one");
    let outcome = desk.edit_with_samples(&["--plugins", "nowhere", "--print", "a.txt"]);
    assert_eq!(outcome.code, Some(1));
    let expected = format!("error: cannot load plugins: nowhere: {}", desk.cannot_read("nowhere"));
    assert_eq!(outcome.said("error"), [expected]);
}

#[test]
fn without_plugins_the_text_is_as_it_was() {
    let desk = Desk::with_plugins(&[]);
    desk.write("a.txt", "one  ");
    assert_eq!(desk.edit(&["--print", "a.txt"]).stdout, "one  ");
}

#[test]
fn a_plugin_is_configured() {
    let desk = Desk::with_plugins(&["abbrev"]);
    desk.write("table", "teh = the\n");
    desk.write("a.txt", "teh end");
    let outcome = desk.edit(&["--config", "abbrev=table", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("the end", Some(0)));
}

#[test]
fn a_plugin_that_cannot_work_with_its_configuration_says_why() {
    let desk = Desk::with_plugins(&["abbrev", "tidy"]);
    desk.write("table", "# mine\nteh the\n");
    desk.write("a.txt", "teh end");
    let outcome = desk.edit(&["--config", "abbrev=table", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("teh end\n", Some(0)));
    let expected = format!(
        "warning: plugins/{DLL_PREFIX}abbrev{DLL_SUFFIX}: plugin abbrev could not be constructed: line 2 of the table \
         is `teh the`, expected `abbreviation = expansion`"
    );
    assert_eq!(outcome.said("warning"), [expected]);
    assert_eq!(outcome.row("abbrev").last(), Some(&"failed"));
}

#[test]
fn a_configuration_for_nobody_is_noticed() {
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("table", "");
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--config", "abrev=table", "--print", "a.txt"]);
    assert_eq!(outcome.said("warning"), ["warning: there is no plugin `abrev` to configure"]);
}

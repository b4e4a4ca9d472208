//! `--run` and `--list`: the commands that plugins offer.

use crate::support::Desk;

#[test]
fn a_command_works_on_the_whole_text() {
    let desk = Desk::with_plugins(&["shout"]);
    desk.write("a.txt", "one two\n");
    let outcome = desk.edit(&["--run", "shout:upper", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("ONE TWO\n", Some(0)));
}

#[test]
fn a_command_works_on_the_selected_lines() {
    let desk = Desk::with_plugins(&["shout"]);
    desk.write("a.txt", "one\ntwo\nthree\n");
    let outcome = desk.edit(&["--run", "shout:upper", "--select", "2-3", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\nTWO\nTHREE\n", Some(0)));
}

#[test]
fn commands_follow_each_other() {
    let desk = Desk::with_plugins(&["lines", "shout"]);
    desk.write("a.txt", "b\na\nb\n");
    let outcome = desk.edit(&["--run=unique:lines", "--run=sort:up", "--run=shout:upper", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("A\nB\n", Some(0)));
}

#[test]
fn a_command_that_is_not_there_stops_before_anything_is_done() {
    let desk = Desk::with_plugins(&["shout", "lines"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--run", "shout:whisper", "--print", "--write", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(1)));
    let expected = "error: there is no command `shout:whisper`; the commands are shout:upper, sort:up, sort:down, \
                    unique:lines";
    assert_eq!(outcome.said("error"), [expected]);
    assert_eq!(desk.read("a.txt"), "one");
}

#[test]
fn lines_that_are_not_there_cannot_be_selected() {
    let desk = Desk::with_plugins(&[]);
    desk.write("a.txt", "one\n");
    let outcome = desk.edit(&["--select", "2", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", Some(1)));
    assert_eq!(outcome.said("error"), ["error: a.txt: cannot select lines 2 to 2: its last line is 1"]);
}

#[test]
fn commands_are_listed() {
    let outcome = Desk::with_plugins(&["shout", "tidy"]).edit(&["--list"]);
    let expected = " shout:upper  Shout  Writes the selection, or the whole text, in capitals.\n";
    assert_eq!((outcome.stdout.as_str(), outcome.code), (expected, Some(0)));
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let outcome = Desk::with_plugins(&[]).edit(&["--run", "shout", "--print", "a.txt"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("expected PLUGIN:COMMAND"), "{}", outcome.stderr);
    let outcome = Desk::with_plugins(&[]).edit_with_samples(&["--c-plugins", "--print", "a.txt"]);
    assert_eq!(outcome.code, Some(2), "`--c-plugins` requires `--plugins`");
}

//! `--print`: the edited text on standard output.

use crate::support::{Desk, can_compile};

#[test]
fn a_file_is_printed_as_it_would_be_saved() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_plugins(&[]);
    let text = "# Title \n\n<!-- toc -->\n<!-- /toc -->\n\n## One\n\nTwo :eg three.  \n\n\n";
    desk.write("a.md", text);
    let outcome = desk.edit_with_samples(&["--print", "a.md"]);
    let expected = "# Title\n\n<!-- toc -->\n\n- [One](#one)\n\n<!-- /toc -->\n\n## One\n\nTwo for example three.\n";
    assert_eq!((outcome.stdout.as_str(), outcome.code), (expected, Some(0)), "{}", outcome.stderr);
    assert_eq!(outcome.said("a.md"), ["a.md: count: 9 words, 11 lines, 1 min to read"]);
    assert_eq!(desk.read("a.md"), text, "printing does not save");
    for plugin in ["abbrev", "count", "shout", "sort", "tidy", "toc", "unique"] {
        assert_eq!(outcome.row(plugin).last(), Some(&"loaded"), "{plugin} in\n{}", outcome.stderr);
    }
}

#[test]
fn several_files_follow_each_other() {
    let desk = Desk::with_plugins(&["tidy", "count"]);
    desk.write("a.txt", "one");
    desk.write("b.txt", "two three");
    let outcome = desk.edit(&["--print", "a.txt", "b.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\ntwo three\n", Some(0)));
    let counts = ["a.txt: count: 1 word, 1 line, 1 min to read", "b.txt: count: 2 words, 1 line, 1 min to read"];
    assert_eq!([outcome.said("a.txt"), outcome.said("b.txt")].concat(), counts);
}

#[test]
fn a_file_that_is_not_there_does_not_stop_the_others() {
    let desk = Desk::with_plugins(&["tidy"]);
    desk.write("b.txt", "two");
    let outcome = desk.edit(&["--print", "a.txt", "b.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("two\n", Some(1)));
    assert_eq!(outcome.said("error"), [format!("error: a.txt: cannot read it: {}", desk.cannot_read("a.txt"))]);
}

#[test]
fn nothing_is_colored_where_nobody_looks() {
    let desk = Desk::with_plugins(&["tidy", "rude"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--print", "a.txt"]);
    assert!(!outcome.stderr.contains('\u{1b}'), "{}", outcome.stderr);
}

#[test]
fn what_plugins_log_is_said_when_it_is_asked_for() {
    let desk = Desk::with_plugins(&["abbrev", "count"]);
    desk.write("a.txt", "one two");
    desk.write("table.txt", "teh = the");
    let edit =
        |verbose: &[&str]| desk.edit(&[&["--print", "a.txt", "--config", "abbrev=table.txt"], verbose].concat()).stderr;
    let (info, debug) =
        (r#"INFO abbrev: 1 abbreviations plugin="abbrev""#, r#"DEBUG count: counted words=2 lines=1 plugin="count""#);
    assert!(include_str!("../../../../../docs/logging.md").contains(debug), "the guide shows this line");
    for (verbose, says) in [(&[][..], [false, false]), (&["-v"], [true, false]), (&["-vv"], [true, true])] {
        let said = edit(verbose);
        assert_eq!([info, debug].map(|line| said.contains(line)), says, "{verbose:?}\n{said}");
    }
}

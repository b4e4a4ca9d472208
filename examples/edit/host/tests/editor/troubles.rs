//! Plugins that misbehave: the text is kept, the other plugins continue, and the message names the plugin.

use crate::support::Desk;

#[test]
fn the_text_outlives_all_that_plugins_do() {
    let desk = Desk::with_plugins(&["rude", "tidy"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--print", "--write", "a.txt"]);
    // `tidy` edits after them; then `chatters` answers until the limit.
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one\n!!!!!!!!", Some(3)));
    assert_eq!(desk.read("a.txt"), "one\n!!!!!!!!");
    let warnings = outcome.said("warning: a.txt");
    let panic = "warning: a.txt: plugin panics 0.1.0 panicked in Plugin::before_save at ";
    let (panics, others): (Vec<&str>, Vec<&str>) = warnings.iter().partition(|warning| warning.starts_with(panic));
    assert!(matches!(panics[..], [one] if one.ends_with(": no manners; it is not called again")), "{}", outcome.stderr);
    let expected = [
        "warning: a.txt:1:4: plugin fails failed before saving: not in the mood",
        "warning: a.txt: the edits of plugin oversteps before saving are ignored: an edit at 4 that removes 0 bytes \
         extends beyond the end of the text at 3",
        "warning: a.txt: plugin chatters still answers edits with edits after 8 rounds; further edits are ignored",
    ];
    assert_eq!(others, expected);
    assert!(!outcome.stderr.contains("asked again after a panic"));
}

#[test]
fn of_two_answers_to_one_edit_the_second_gives_way() {
    let desk = Desk::with_plugins(&["rude", "tidy"]);
    desk.write("a.txt", "mine");
    let outcome = desk.edit(&["--print", "a.txt"]);
    assert_eq!(outcome.stdout, "MINE\n!!!!!!!!");
    let expected = "warning: a.txt: the edits of plugin replaces-too in answer to other edits are ignored: an edit at \
                    0 that removes 4 bytes overlaps an edit at 0 that removes 4 bytes";
    assert_eq!(outcome.said("warning: a.txt: the edits of plugin replaces"), [expected]);
}

#[test]
fn a_command_that_fails_leaves_the_text_alone() {
    let desk = Desk::with_plugins(&["rude"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--run", "fails:sulk", "--print", "a.txt"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("one", Some(3)));
    let warnings = outcome.said("warning: a.txt: plugin fails");
    assert_eq!(warnings, ["warning: a.txt: plugin fails failed in `fails:sulk`: will not"]);
}

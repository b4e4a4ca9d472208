//! `--quiet`: what is said besides the result.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

use crate::support::{Desk, can_compile};

#[test]
fn quiet_says_nothing_but_problems() {
    let desk = Desk::with_plugins(&["count", "rude"]);
    desk.write("a.txt", "one");
    let outcome = desk.edit(&["--print", "--quiet", "a.txt"]);
    assert!(outcome.said("a.txt: count").is_empty() && !outcome.stderr.contains("verdict"), "{}", outcome.stderr);
    let loud = desk.edit(&["--print", "a.txt"]);
    assert!(!loud.said("a.txt: count").is_empty() && loud.stderr.contains("verdict"), "{}", loud.stderr);
    assert_eq!((&outcome.stdout, outcome.code), (&loud.stdout, loud.code));
    // A problem is said all the same.
    let missing = desk.edit(&["--print", "-q", "b.txt"]);
    assert_eq!(missing.stderr, format!("error: b.txt: cannot read it: {}\n", desk.cannot_read("b.txt")));
    let bad = format!("plugins/{DLL_PREFIX}bad{DLL_SUFFIX}");
    desk.write(&bad, "no library");
    let refused = desk.edit(&["--print", "-q", "a.txt"]);
    assert_eq!(refused.said(&format!("warning: {bad}: refused")).len(), 1, "{}", refused.stderr);
    assert_eq!(desk.edit(&["--print", "-q", "-v", "a.txt"]).code, Some(2));
}

#[test]
fn cargo_is_quiet_too() {
    if !can_compile() {
        return;
    }
    let desk = Desk::with_plugins(&[]);
    desk.write("a.txt", "one");
    let outcome = desk.edit_with_samples(&["--print", "-q", "a.txt"]);
    assert_eq!((&*outcome.stdout, &*outcome.stderr, outcome.code), ("one\n", "", Some(0)));
}

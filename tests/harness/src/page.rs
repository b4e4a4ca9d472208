//! Pages that show files and outputs.

use std::fs;

use crate::folders::repository;

/// Compares the code blocks after `<!-- file: PATH -->` and `<!-- output: NAME -->` in a page with the files and with
/// the results of `output`, byte for byte. If the environment variable `UPDATE_PAGES` is set, it writes the blocks
/// instead.
///
/// # Panics
///
/// If the page differs.
pub fn shows(page: &str, mut output: impl FnMut(&str) -> String) {
    let path = repository().join(page);
    let text = fs::read_to_string(&path).expect("the page can be read");
    let mut lines = text.split_inclusive('\n');
    let mut real = String::new();
    while let Some(line) = lines.next() {
        real.push_str(line);
        let marker = line.trim().strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        let shown = match marker.and_then(|marker| marker.split_once(": ")) {
            Some(("file", path)) => fs::read_to_string(repository().join(path)).expect("the file can be read"),
            Some(("output", name)) => output(name),
            _ => continue,
        };
        let fence = lines.next().unwrap_or_default();
        assert!(fence.starts_with("```"), "{page} has no code block after {line}");
        real.push_str(fence);
        real.push_str(&shown);
        real.push_str(lines.by_ref().find(|line| line.starts_with("```")).expect("the block ends"));
    }
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(path, real).expect("the page can be written");
    } else {
        assert!(real == text, "{page} is out of date; run this test with `UPDATE_PAGES=1` to rewrite it");
    }
}

/// The output of this name that a page of the guide shows.
///
/// # Panics
///
/// If the page does not have this output.
#[must_use]
pub fn shown(page: &str, name: &str) -> String {
    let text = fs::read_to_string(repository().join("docs").join(page)).expect("the page can be read");
    let (_, rest) = text.split_once(&format!("<!-- output: {name} -->\n```text\n")).expect("the page has this output");
    rest.split_once("```\n").expect("the output ends").0.to_owned()
}

//! The guide says what is so.

use std::collections::BTreeSet;
use std::fs;

use crossing_api::ROWS;
use harness::repository;

/// The cells of a table between two comments: how the forms are written, without what is said of them.
fn forms(page: &str, table: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs").join(page)).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {table} -->\n")).unwrap();
    let (table, _) = rest.split_once("<!-- end -->").unwrap();
    let cells = table.lines().skip(2).filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

#[test]
fn every_guarded_form_is_one_that_the_tests_send_across() {
    let tested: Vec<&str> = ROWS.iter().map(|row| row.form).collect();
    assert_eq!(forms("crossing.md", "guarded"), tested);
}

#[test]
fn every_refused_form_is_one_that_the_tests_see_refused() {
    let tests = repository().join("core-api/tests/ui");
    let read = |name: &str| fs::read_to_string(tests.join(name)).unwrap();
    let sources = ["objects_inside.rs", "objects.rs", "types.rs"].map(read).concat();
    let declared: BTreeSet<&str> = sources.lines().filter(|line| line.trim_start().starts_with("fn ")).collect();
    // What a form says beside its type.
    let beside = ["&mut self"];
    for form in forms("crossing.md", "refused").iter().filter(|form| !beside.contains(&form.as_str())) {
        assert!(declared.iter().any(|line| line.contains(form)), "no test sees `{form}` refused");
    }
}

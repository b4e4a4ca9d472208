//! The guide says what is so.

use std::collections::BTreeSet;
use std::fs;

use crossing_api::ROWS;
use harness::{Build, lacking_feature, refused, repository, shows};
use plugbox_loader::Code;

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

/// The message of this title among those that `tests/messages.rs` gets for real libraries.
fn message(title: &str) -> String {
    let all = include_str!("messages.txt");
    let (_, rest) = all.split_once(&format!("# {title}\n")).unwrap_or_else(|| panic!("no message of {title}"));
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    rest[..end].to_owned()
}

/// What is said of a library for a better processor; on a processor that has the feature of the guide's example, just that.
fn lacking() -> String {
    let shown = harness::shown("refused.md", "cpu");
    match lacking_feature() {
        Some(feature @ "tbm") => {
            let library = Build::plugin().last_crate_flag(&format!("-Ctarget-feature=+{feature}")).library();
            harness::masked(&refused(&library), &library) + "\n"
        }
        _ => shown,
    }
}

#[test]
fn every_code_has_a_section_with_a_message_that_a_real_library_has_earned() {
    shows("docs/refused.md", |title| if title == "cpu" { lacking() } else { message(title) });
    let page = fs::read_to_string(repository().join("docs/refused.md")).unwrap();
    for code in Code::ALL {
        let (_, section) = page.split_once(&format!("\n## {code}\n")).unwrap_or_else(|| panic!("no section {code}"));
        let section = section.split("\n## ").next().unwrap();
        assert!(section.contains(&format!("\n  {code}")), "the message in its section is not of {code}");
    }
}

/// Links to files, in the guide and beside it.
#[test]
fn every_link_leads_to_a_file() {
    let guide = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|page| repository().join(page));
    let mut links = 0;
    for page in guide.filter(|path| path.extension().is_some_and(|suffix| suffix == "md")).chain(pages) {
        let text = fs::read_to_string(&page).unwrap();
        // Outside of code.
        let text: String = text.split("\n```").step_by(2).collect();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap();
            let leads = file.is_empty() || file.starts_with("http") || page.with_file_name(file).exists();
            assert!(leads, "{}: {link} is not there", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}

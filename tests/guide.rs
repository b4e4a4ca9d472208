//! Compares the guide with the code and the tests.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crossing_api::ROWS;
use harness::{Build, lacking_feature, refused, repository, scratch, shows};
use plugbox_loader::{Capabilities, Code};

/// The code in the first cells of a table between two comments: the forms as the guide writes them.
fn forms(page: &str, table: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs").join(page)).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {table} -->\n")).unwrap();
    let (table, _) = rest.split_once("<!-- end -->").unwrap();
    let cells = table.lines().skip(2).filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned)).collect()
}

#[test]
fn every_guarded_form_is_one_that_the_tests_send_across() {
    // A type that a nested macro writes has more spaces, and a long one has lines.
    let tight = |form: &str| form.split_whitespace().collect::<String>();
    let tested: Vec<String> = ROWS.iter().map(|row| tight(row.form)).collect();
    let shown: Vec<String> = forms("crossing.md", "guarded").iter().map(|form| tight(form)).collect();
    assert_eq!(shown, tested);
}

#[test]
fn every_refused_form_is_one_that_the_tests_see_refused() {
    let tests = repository().join("core-api/tests/ui");
    let read = |name: &str| fs::read_to_string(tests.join(name)).unwrap();
    let sources = [
        "closures.rs",
        "closures_hidden.rs",
        "closures_inside.rs",
        "objects_inside.rs",
        "objects.rs",
        "types.rs",
        "error_objects.rs",
        "error_types.rs",
    ]
    .map(read)
    .concat();
    let declared = sources.lines().map(str::trim_start).filter(|line| line.starts_with("fn "));
    // Only the refused forms. The forms in functions named `fine...` are accepted.
    let declared: BTreeSet<&str> = declared.filter(|line| !line.starts_with("fn fine")).collect();
    // Code in the cells that is not the type of a form.
    let beside = ["&mut self", "Send", "Sync", "Arc::get_mut", "Box", "Tree", "plugbox::Error"];
    for form in forms("crossing.md", "refused").iter().filter(|form| !beside.contains(&form.as_str())) {
        assert!(declared.iter().any(|line| line.contains(form)), "no test has the refused form `{form}`");
    }
}

#[test]
fn every_refused_part_of_a_trait_is_one_that_the_tests_see_refused() {
    let tests = repository().join("core-api/tests/ui");
    let read = |name: &str| fs::read_to_string(tests.join(name)).unwrap();
    let files = ["supertraits.rs", "supertrait_unmarked.rs", "traits.rs", "items.rs", "receivers.rs", "ties.rs"];
    let sources = files.map(read).concat();
    for part in forms("crossing.md", "refused traits") {
        assert!(sources.contains(&part), "no test has the refused part `{part}`");
    }
}

/// A table of texts, with its columns as wide as needed.
fn table(rows: &[Vec<&str>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap();
    let line = |row: &Vec<&str>| {
        let cells = row.iter().enumerate().map(|(column, cell)| format!("{cell:0$}  ", width(column)));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}

#[test]
fn the_page_of_the_systems_shows_their_capabilities_and_what_the_lanes_ran() {
    let systems = [Capabilities::LINUX, Capabilities::WINDOWS, Capabilities::MACOS].map(|system| system.rows());
    let mut rows = vec![vec!["", "Linux, glibc", "Windows", "macOS"]];
    rows.extend((0..systems[0].len()).map(|row| {
        let mut cells = vec![systems[0][row].0];
        cells.extend(systems.iter().map(|system| system[row].1));
        cells
    }));
    shows("docs/systems.md", |name| match name {
        "capabilities" => table(&rows),
        "ran" => fs::read_to_string(repository().join("tests/ran.txt")).unwrap(),
        name => panic!("no output {name}"),
    });
}

/// The message with this title in `tests/messages.txt`, which `tests/messages.rs` writes for real libraries.
fn message(title: &str) -> String {
    let all = include_str!("messages.txt");
    let (_, rest) = all.split_once(&format!("# {title}\n")).unwrap_or_else(|| panic!("no message of {title}"));
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    rest[..end].to_owned()
}

/// The refusal of a library that needs a missing processor feature. Without the feature of the guide's example, this
/// returns the guide's own text.
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
        assert!(section.contains(&format!("\n  {code}")), "the message in the section has a code other than {code}");
    }
}

/// The pages outside the guide.
const BESIDE: [&str; 7] =
    ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "DESIGN.md", "RELEASING.md", "SECURITY.md"];

/// The readmes of packages and examples. The registry shows the first four.
const READMES: [&str; 12] = [
    "core-api/README.md",
    "core-api/build/README.md",
    "core-api/macros/README.md",
    "loader/README.md",
    "benches/README.md",
    "examples/README.md",
    "examples/edit/README.md",
    "examples/hello/README.md",
    "examples/rest/README.md",
    "examples/serve/README.md",
    "examples/years/README.md",
    "plugins/c/README.md",
];

/// Checks the links to files, in the guide and outside it.
#[test]
fn every_link_leads_to_a_file() {
    let guide = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = guide.filter(|path| path.extension().is_some_and(|suffix| suffix == "md"));
    let pages = pages.chain(BESIDE.into_iter().chain(READMES).map(|page| repository().join(page)));
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        // Skip code blocks.
        let text: String = text.split("\n```").step_by(2).collect();
        let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let labels = text.lines().filter_map(|line| {
            line.strip_prefix('[').filter(|rest| !rest.starts_with('^'))?.split_once("]: ").map(|(_, link)| link)
        });
        for link in inline.chain(labels) {
            let file = link.split('#').next().unwrap();
            let leads = file.is_empty() || file.starts_with("http") || page.with_file_name(file).exists();
            assert!(leads, "{}: {link} does not exist", page.display());
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}

/// Checks the links with labels, such as `[text][label]`: each label is defined on the page, and again for rustdoc's
/// pages.
#[test]
fn every_label_is_defined_and_every_page_is_a_chapter() {
    let chapters = fs::read_to_string(repository().join("loader/src/guide.rs")).unwrap();
    for entry in fs::read_dir(repository().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".md") || name == "SUMMARY.md" {
            continue;
        }
        assert!(chapters.contains(&format!("\"{name}\"")), "{name} is not a chapter");
        let text = fs::read_to_string(&path).unwrap();
        let text: String = text.split("\n```").step_by(2).collect();
        for label in text.split("][").skip(1).filter_map(|rest| rest.split(']').next()) {
            let definition = format!("\n[{label}]: ");
            assert!(text.contains(&definition), "{name}: `[{label}]` is not defined");
            assert!(chapters.contains(&definition), "guide.rs does not define `[{label}]`, of {name}");
        }
    }
}

#[test]
fn every_test_that_a_page_names_is_there() {
    for (page, at_least) in
        [("docs/relied-on.md", 20), ("docs/soundness.md", 20), ("SECURITY.md", 20), ("DESIGN.md", 10)]
    {
        let text = fs::read_to_string(repository().join(page)).unwrap();
        let code = text.split('`').skip(1).step_by(2);
        let is_test = |code: &&str| code.contains(".rs::") || code.contains(".rs") && code.contains("tests/");
        let named: Vec<&str> = code.filter(is_test).collect();
        for test in &named {
            let (file, name) = test.split_once("::").unwrap_or((test, ""));
            let source = fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let is_there = name.is_empty() || source.contains(&format!("fn {name}()"));
            assert!(is_there && source.contains("#[test]"), "{page}: {test} does not exist");
        }
        assert!(named.len() > at_least, "{page}: {named:?}");
    }
}

/// The code blocks of a page: the line before each, its language and its text.
fn blocks(page: &str) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let (mut blocks, mut before, mut lines) = (Vec::new(), "", text.lines());
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((before.to_owned(), language.to_owned(), block.join("\n")));
        }
        before = line;
    }
    blocks
}

/// Whether cargo accepts the block as a part of a manifest, and it requires the current version of plugbox.
fn is_manifest(block: &str) -> bool {
    // With a clone of this repository beside the package.
    let beside = scratch("manifest");
    std::os::unix::fs::symlink(repository(), beside.join("plugbox")).unwrap();
    let folder = beside.join("it");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let head = "[workspace]\n[package]\nname = \"it\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    fs::write(folder.join("Cargo.toml"), format!("{head}{block}\n")).unwrap();
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(folder)
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&cargo.stdout).unwrap_or_default();
    let dependencies = metadata["packages"][0]["dependencies"].as_array().cloned().unwrap_or_default();
    let ours = dependencies.iter().filter(|one| one["name"].as_str().unwrap().starts_with("plugbox"));
    let version = semver::Version::parse(env!("CARGO_PKG_VERSION")).unwrap();
    let requirements = ours.map(|one| semver::VersionReq::parse(one["req"].as_str().unwrap()).unwrap());
    let requirements: Vec<_> = requirements.collect();
    !requirements.is_empty() && requirements.iter().all(|requirement| requirement.matches(&version))
}

#[test]
fn every_code_block_is_compiled_or_compared() {
    let chapters = fs::read_to_string(repository().join("loader/src/guide.rs")).unwrap();
    let list = chapters.split("\nchapters! {").nth(1).unwrap();
    // The first of the two lists.
    let compiled = list.split_once('}').unwrap().0;
    let tests = fs::read_dir(repository().join("tests")).unwrap().map(|entry| entry.unwrap().path());
    let tests: String = tests.filter_map(|path| fs::read_to_string(path).ok()).collect();
    let pages = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().file_name());
    let pages = pages.map(|name| format!("docs/{}", name.to_str().unwrap())).filter(|name| name.ends_with(".md"));
    for page in pages.chain(["README.md".to_owned()]).chain(READMES[..4].iter().map(|page| (*page).to_owned())) {
        for (before, language, block) in blocks(&page) {
            let marker = before.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
            let is_real = match (marker.and_then(|marker| marker.split_once(": ")), &*language) {
                // One test compares the whole page, or tests name each block.
                (Some(("file" | "output", title)), _) => {
                    let short = page.trim_start_matches("docs/");
                    let by_name = tests.contains(&format!("shown(\"{short}\", name)"))
                        && tests.contains(&format!("shown(\"{title}\")"));
                    let at_once = tests.contains(&format!("shows(\"{page}\""));
                    at_once || by_name || tests.contains(&format!("shown(\"{short}\", \"{title}\")"))
                }
                (Some(("part", path)), _) => {
                    let file = fs::read_to_string(repository().join(path)).unwrap();
                    let mut lines = file.lines();
                    // The page omits doc comments.
                    block.lines().all(|shown| lines.any(|line| line.contains(shown.trim())))
                }
                (None, "rust" | "rust,no_run") => {
                    compiled.contains(&format!("\"{}\"", page.trim_start_matches("docs/")))
                }
                (None, "toml") => is_manifest(&block),
                // Commands only. Their output is in a separate block.
                (None, "console") => block.lines().all(|line| line.starts_with("$ ")),
                _ => false,
            };
            assert!(is_real, "{page}: no test compiles or compares\n{block}");
        }
    }
}

/// Rustdoc hides lines that begin with `# `, but readers of the repository would see them.
#[test]
fn no_page_has_hidden_lines() {
    let pages = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.map(|path| format!("docs/{}", path.file_name().unwrap().to_str().unwrap()));
    let pages = pages.filter(|page| page.ends_with(".md")).chain(BESIDE.into_iter().chain(READMES).map(str::to_owned));
    let mut rust = 0;
    for page in pages {
        for (_, language, block) in blocks(&page).iter().filter(|(_, language, _)| language.starts_with("rust")) {
            let hidden = block.lines().find(|line| *line == "#" || line.starts_with("# "));
            assert_eq!(hidden, None, "{page}, in a block of {language}");
            rust += 1;
        }
    }
    assert!(rust > 20, "{rust} blocks");
}

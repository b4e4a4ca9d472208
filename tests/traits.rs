//! Fifteen plugin traits of public projects (`tests/traits`) under `#[plugbox::interface]`. Each is compiled without
//! plugbox, and with its marks; for those that compile, a plugin is built and judged. The table in
//! `tests/traits/README.md` says which compile, and what the others need.

#[path = "traits/marks.rs"]
mod marks;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;

use expect_test::expect_file;
use harness::{lean, repository, target_dir};
use marks::Marked;
use plugbox_loader::inspect::{self, HostProfile, Requirements, Verdict, judge};
use serde_json::Value;

/// The maximum number of changed lines of a trait that counts as one that compiles.
const FEW: usize = 5;

/// The result for a trait, as the table states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Unchanged,
    Changed(usize),
    Refused,
}

impl Outcome {
    fn parse(cell: &str) -> Self {
        let count = cell.strip_suffix(" changed lines").or_else(|| cell.strip_suffix(" changed line"));
        match (cell, count) {
            ("unchanged", _) => Self::Unchanged,
            ("refused", _) => Self::Refused,
            (_, Some(count)) => Self::Changed(count.parse().expect("the lines are counted")),
            _ => panic!("an unknown result: {cell}"),
        }
    }
}

/// Reads the table: the number of a trait, its name, and the result.
fn table(readme: &str) -> BTreeMap<String, (String, Outcome)> {
    let (_, section) = readme.split_once("\n## With plugbox\n").expect("the page has the section");
    let rows = section.lines().skip_while(|line| !line.starts_with("| no. |")).take_while(|line| line.starts_with('|'));
    let cells = rows.skip(2).map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let row = |cells: Vec<&str>| (cells[2].trim_matches('`').to_owned(), Outcome::parse(cells[3]));
    cells.map(|cells| (cells[1].to_owned(), row(cells))).collect()
}

/// Writes a file, unless it has this text already: cargo compiles again what is newer.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

/// Writes a package of the workspace.
fn package(root: &Path, name: &str, source: &str, manifest: &str) {
    let head = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\npublish = false\n");
    write(&root.join(name).join("Cargo.toml"), &format!("{head}{manifest}"));
    write(&root.join(name).join("src/lib.rs"), source);
}

/// Writes the file twice, as a package of its own and as one that uses plugbox, and its plugin, if there is one. Returns
/// the packages' names.
fn packages(root: &Path, name: &str, one: &Marked) -> Vec<String> {
    let mut crates = "\n[dependencies]\n".to_owned();
    one.crates.iter().for_each(|name| writeln!(crates, "{name}.workspace = true").unwrap());
    package(root, &plain(name), &one.plain, &crates);
    crates.push_str("plugbox.workspace = true\n");
    let mut packages = vec![plain(name), marked(name)];
    if let Some(source) = &one.plugin {
        packages.push(plugin(name));
        let api = format!("api = {{ package = \"{0}\", path = \"../{0}\" }}\n", marked(name));
        package(root, &plugin(name), source, &format!("\n[lib]\ncrate-type = [\"cdylib\"]\n{crates}{api}"));
    }
    // Without foreign crates too, so that the lock file does not depend on them.
    crates.push_str("\n[build-dependencies]\nplugbox-build.workspace = true\n");
    package(root, &marked(name), &one.marked, &crates);
    let script = root.join(marked(name)).join("build.rs");
    if one.boundary.is_empty() {
        let _ = fs::remove_file(script);
    } else {
        write(&script, &format!("fn main() {{\n    plugbox_build::boundary({:?});\n}}\n", one.boundary));
    }
    packages
}

/// The packages that compile, with their libraries, and the errors of the others.
#[derive(Default)]
struct Built {
    libraries: BTreeMap<String, PathBuf>,
    errors: BTreeMap<String, Vec<Value>>,
}

impl Built {
    /// Builds all packages of a workspace.
    fn new(root: &Path) -> Self {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for inherited in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET_DIR"] {
            cargo.env_remove(inherited);
        }
        lean(&mut cargo).env("CARGO_TARGET_DIR", root.join("target")).current_dir(root);
        cargo.args(["build", "--workspace", "--keep-going", "--message-format=json"]);
        if !updates() {
            cargo.arg("--locked");
        }
        let output = cargo.output().expect("cargo runs");
        let mut built = Self::default();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            built.hear(&serde_json::from_str(line).expect("cargo writes JSON"));
        }
        assert!(!built.libraries.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        built
    }

    fn hear(&mut self, said: &Value) {
        // A build script is a target of its own.
        if said["target"]["kind"] == serde_json::json!(["custom-build"]) {
            return;
        }
        let name = || text(&said["target"]["name"]).replace('_', "-");
        match text(&said["reason"]) {
            "compiler-artifact" => drop(self.libraries.insert(name(), text(&said["filenames"][0]).into())),
            "compiler-message" if said["message"]["level"] == "error" => {
                self.errors.entry(name()).or_default().push(said["message"].clone());
            }
            _ => {}
        }
    }

    fn compiles(&self, package: &str) -> bool {
        self.libraries.contains_key(package)
    }

    fn errors(&self, package: &str) -> String {
        self.errors.get(package).map_or(String::new(), |errors| shown(errors))
    }

    /// Checks that a plugin of a trait fits a host that was built from the same.
    fn judge(&self, name: &str, interface: &str) -> Result<(), String> {
        let Some(library) = self.libraries.get(&plugin(name)) else {
            return Err(format!("{name}: its plugin does not compile\n{}", self.errors(&plugin(name))));
        };
        let image = || inspect::image(library).expect("the library can be read");
        let host = HostProfile::of_image(image()).expect("a plugin has the profile of a host");
        let interface = format!("{}::{interface}", marked(name).replace('-', "_"));
        match judge(&host, Ok(image()).as_ref(), &Requirements::for_interfaces([&*interface])) {
            Verdict::Fits => Ok(()),
            Verdict::Refused(reasons) => Err(format!("{name}: its plugin does not fit: {reasons:?}")),
        }
    }
}

/// Shows each error at its line, with the notes that plugbox gives, without those of the compiler.
fn shown(errors: &[Value]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for error in errors.iter().filter(|error| !text(&error["message"]).starts_with("aborting due to")) {
        let shown = shown_error(error);
        match counts.iter_mut().find(|(known, _)| *known == shown) {
            Some((_, count)) => *count += 1,
            None => counts.push((shown, 1)),
        }
    }
    let times = |count| if count == 1 { String::new() } else { format!("{count} times:\n") };
    counts.into_iter().map(|(shown, count)| format!("{}{shown}", times(count))).collect::<Vec<_>>().join("\n")
}

fn shown_error(error: &Value) -> String {
    let mut shown = format!("{}\n", text(&error["message"]));
    let spans = error["spans"].as_array().expect("an error has a list of places");
    for span in spans.iter().filter(|span| span["is_primary"] == true) {
        let (line, source) = (&span["line_start"], text(&span["text"][0]["text"]).trim());
        // A place in a different crate has a different number in each of its versions.
        let is_own = text(&span["file_name"]).ends_with("/src/lib.rs") && !text(&span["file_name"]).starts_with('/');
        if is_own { writeln!(shown, "  {line}: {source}") } else { writeln!(shown, "  elsewhere: {source}") }.unwrap();
    }
    let compilers = ["the following other type", "the trait `", "required", "the full", "redundant", "for that trait"];
    for child in error["children"].as_array().expect("an error has a list of notes") {
        let note = text(&child["message"]).lines().next().unwrap_or_default();
        if child["spans"].as_array().is_some_and(Vec::is_empty) && !compilers.iter().any(|known| note.contains(known)) {
            writeln!(shown, "  {}: {note}", text(&child["level"])).unwrap();
        }
    }
    shown
}

/// Whether expected outputs are rewritten, by the same variable as those of `expect_test`.
fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn fifteen_traits_of_public_projects_are_as_the_table_says() {
    let folder = repository().join("tests/traits");
    let readme = fs::read_to_string(folder.join("README.md")).expect("the page can be read");
    let (table, names) = (table(&readme), marks::names());
    assert_eq!(names.len(), 15);
    let numbers: Vec<&str> = names.iter().map(|name| &name[..2]).collect();
    assert_eq!(table.keys().collect::<Vec<_>>(), numbers, "the table has one row for each trait");

    let root = target_dir().join("traits");
    let traits: Vec<(&String, Marked)> = names.iter().map(|name| (name, Marked::new(name))).collect();
    let members: Vec<String> = traits.iter().flat_map(|(name, one)| packages(&root, name, one)).collect();
    let crates = fs::read_to_string(folder.join("crates.toml")).expect("the list of crates can be read");
    let crates = crates.replace("CORE_API", &repository().join("core-api").display().to_string());
    write(&root.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n{crates}"));
    fs::copy(folder.join("Cargo.lock"), root.join("Cargo.lock")).expect("the lock file can be copied");
    let built = Built::new(&root);
    if updates() {
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file can be copied");
    }

    let mut wrong = String::new();
    for (name, one) in &traits {
        if !built.compiles(&plain(name)) {
            writeln!(wrong, "{name} does not compile without plugbox\n{}", built.errors(&plain(name))).unwrap();
        }
        let said = built.errors(&marked(name));
        let found = match built.compiles(&marked(name)) {
            true if one.changed == 0 => Outcome::Unchanged,
            true => Outcome::Changed(one.changed),
            false => Outcome::Refused,
        };
        let (interface, expected) = &table[&name[..2]];
        let messages = folder.join(format!("{name}.txt"));
        if found != *expected {
            writeln!(wrong, "{name}: the table says {expected:?}, but it is {found:?}\n{said}").unwrap();
        } else if found != Outcome::Refused {
            built.judge(name, interface).unwrap_or_else(|why| writeln!(wrong, "{why}").unwrap());
        } else if catch_unwind(|| expect_file![&messages].assert_eq(&said)).is_err() {
            writeln!(wrong, "{name}: the compiler says something else, see above").unwrap();
        }
        if messages.exists() != (found == Outcome::Refused) {
            writeln!(wrong, "{name}: only a refused trait has a file of messages").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    let count = |is: &dyn Fn(&Outcome) -> bool| table.values().filter(|(_, outcome)| is(outcome)).count();
    let unchanged = count(&|outcome| *outcome == Outcome::Unchanged);
    let few = count(&|outcome| matches!(outcome, Outcome::Changed(lines) if *lines <= FEW));
    let sum =
        format!("Unchanged: {unchanged}. With one to {FEW} changed lines: {few}. Others: {}.", 15 - unchanged - few);
    assert!(readme.contains(&sum), "the page does not say: {sum}");
}

fn plain(name: &str) -> String {
    format!("plain-{}", &name[3..])
}

fn plugin(name: &str) -> String {
    format!("plugin-{}", &name[3..])
}

fn marked(name: &str) -> String {
    format!("marked-{}", &name[3..])
}

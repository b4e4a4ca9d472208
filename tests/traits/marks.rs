//! What a trait needs to become an interface: its marks, and the lines that must be changed.
//!
//! A file of marks starts with these lines, each of them optional:
//!
//! - `crates NAMES`: the crates that the file uses;
//! - `boundary NAMES`: the foreign crates in the call in `build.rs`;
//! - `interface NAMES`, `interface(OPTIONS) NAMES`: the traits that get `#[plugbox::interface]`;
//! - `shape NAMES`, `shape(OPTIONS) NAMES`: the types that get `#[derive(plugbox::Shape)]`, and `#[shape(OPTIONS)]`.
//!
//! Patches follow, each in a paragraph of its own, of the file with these marks. The lines with `-` and ` ` must occur
//! exactly once. They are replaced by the lines with `+` and ` `.

use std::fs;

use harness::repository;

/// A line with one of these is a mark, and no changed line.
const MARKS: [&str; 3] = ["#[plugbox::interface", "#[derive(plugbox::Shape)]", "#[shape("];

/// The names of all files, such as `01-web-server`, in their order.
pub(crate) fn names() -> Vec<String> {
    let files = fs::read_dir(repository().join("tests/traits")).expect("the traits are there");
    let names = files.filter_map(|file| file.expect("it can be read").file_name().into_string().ok());
    let is_trait = |name: &String| name.starts_with(|first: char| first.is_ascii_digit());
    let mut names: Vec<String> =
        names.filter(is_trait).filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).collect();
    names.sort();
    names
}

/// One of the fifteen files, with and without plugbox.
pub(crate) struct Marked {
    name: String,
    pub(crate) plain: String,
    pub(crate) marked: String,
    /// A plugin that implements the trait.
    pub(crate) plugin: Option<String>,
    pub(crate) crates: Vec<String>,
    pub(crate) boundary: Vec<String>,
    /// The number of changed lines, without the marks.
    pub(crate) changed: usize,
}

impl Marked {
    pub(crate) fn new(name: &str) -> Self {
        let read = |suffix: &str| fs::read_to_string(repository().join(format!("tests/traits/{name}{suffix}")));
        let plain = read(".rs").expect("the file can be read");
        let marks = read(".marks").expect("each file has marks");
        let plugin = fs::read_to_string(repository().join(format!("tests/traits/plugins/{name}.rs"))).ok();
        let (name, marked) = (name.to_owned(), plain.clone());
        let mut this = Self { name, plain, marked, plugin, crates: vec![], boundary: vec![], changed: 0 };
        let (head, patches) = marks.split_once("\n\n").unwrap_or((&marks, ""));
        head.lines().for_each(|line| this.mark(line));
        for patch in patches.split("\n\n").map(|patch| patch.trim_matches('\n')).filter(|patch| !patch.is_empty()) {
            this.patch(patch);
        }
        this
    }

    fn mark(&mut self, line: &str) {
        // Options may contain spaces, names follow the last parenthesis.
        let (head, names) = match line.rfind(')') {
            Some(end) => line.split_at(end + 1),
            None => line.split_once(' ').expect("a line of marks has names"),
        };
        let (kind, options) = head.split_once('(').unwrap_or((head, ""));
        let names = names.split_whitespace();
        match kind {
            "crates" => self.crates = names.map(str::to_owned).collect(),
            "boundary" => self.boundary = names.map(str::to_owned).collect(),
            "interface" => names.for_each(|name| self.insert(name, &["trait"], &[format!("#[plugbox::{head}]")])),
            "shape" => {
                let derive = "#[derive(plugbox::Shape)]".to_owned();
                let marks = if options.is_empty() { vec![derive] } else { vec![derive, format!("#[{head}]")] };
                names.for_each(|name| self.insert(name, &["struct", "enum"], &marks));
            }
            other => panic!("{}: an unknown mark: {other}", self.name),
        }
    }

    /// Inserts marks before the definition of a name.
    fn insert(&mut self, name: &str, keywords: &[&str], marks: &[String]) {
        let defines = |line: &&str| {
            let item = line.trim_start();
            let item = item.strip_prefix("pub ").unwrap_or(item);
            let rest = item.split_once(' ').filter(|(keyword, _)| keywords.contains(keyword));
            let rest = rest.and_then(|(_, rest)| rest.strip_prefix(name));
            rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
        };
        let mut found = self.marked.lines().filter(defines);
        let (Some(line), None) = (found.next(), found.next()) else {
            panic!("{}: `{name}` is not defined exactly once", self.name);
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        let marks: String = marks.iter().map(|mark| format!("{indent}{mark}\n")).collect();
        self.marked = self.marked.replacen(&format!("{line}\n"), &format!("{marks}{line}\n"), 1);
    }

    fn patch(&mut self, patch: &str) {
        let side = |other: char| -> String {
            let lines = patch.lines().filter(|line| !line.starts_with(other));
            lines.map(|line| format!("{}\n", &line[1..])).collect()
        };
        let (before, after) = (side('+'), side('-'));
        assert_eq!(self.marked.matches(&before).count(), 1, "{} does not have these lines once:\n{before}", self.name);
        self.marked = self.marked.replacen(&before, &after, 1);
        let lines_with = |sign: char| patch.lines().filter_map(move |line| line.strip_prefix(sign));
        let is_mark = |line: &&str| MARKS.iter().any(|mark| line.trim_start().starts_with(mark));
        self.changed += lines_with('-').count().max(lines_with('+').filter(|line| !is_mark(line)).count());
    }
}

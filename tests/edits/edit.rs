//! Edits of an API, as their files have them: paragraphs below a title.
//!
//! The first line of an edit is its name, the second the right answer: `fits`, `CODE at PLACE or PLACE`, `error: WORDS`,
//! `refused or error`, `not seen: WHY` or `too strict: WHY`. Patches follow: lines with `-` stand in `api.rs` once, and
//! those with `+` come in their place. Between them may stand, each in a line:
//!
//! - `in FILE`: the file of the patches that follow; `given FILE`: the same on both sides, so in the host, too;
//! - `version CRATE VERSION`, `feature NAME`: of the plugin's side;
//! - `says WORDS`: what one of the two sides of the reason has in it;
//! - `call NAME: wrong or killed`: the call that shows the harm, of `calls.rs`, and what is seen of it;
//! - `alone`: not together with other edits, because what is told first of several types is part of the right answer.

use std::fs;
use std::mem;

use harness::repository;

use crate::source::{Change, Source};

/// The APIs that are edited: one of objects and texts, and one of values of every kind. Both are called `api`.
pub(crate) const APIS: [&str; 2] = ["notes", "store"];

/// An edit, and the right answer to a plugin that was built with it.
#[derive(Debug)]
pub(crate) struct Edit {
    /// The API that is edited.
    pub(crate) api: &'static str,
    /// What kind of edit it is: the title of its file.
    pub(crate) kind: String,
    /// What it does, in a sentence.
    pub(crate) name: String,
    /// The right answer.
    pub(crate) right: Right,
    /// What one side's words of the reason have in them.
    pub(crate) says: Option<String>,
    /// A call that shows the harm, and what is seen of it.
    pub(crate) call: Option<(String, Vec<Seen>)>,
    /// Whether what it is told before is part of the right answer.
    alone: bool,
    /// What is another on both sides.
    given: Vec<Change>,
    /// What is another in the plugin.
    changes: Vec<Change>,
}

/// The right answer to a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// It fits.
    Fits,
    /// It is refused with this code, at one of these places.
    Refused(String, Vec<String>),
    /// It does not compile, and this is in what the compiler says.
    Error(String),
    /// It is refused, or does not compile.
    NotTaken,
    /// It fits, although it should not: a known limit.
    NotSeen(String),
    /// It is refused, although it need not be: a known limit.
    TooStrict(String),
}

impl Right {
    /// Whether a plugin with the edit could harm a host without it.
    pub(crate) fn is_harm(&self) -> bool {
        !matches!(self, Self::Fits | Self::TooStrict(_))
    }
}

/// What is seen of a plugin without a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// What a right plugin answers.
    Right,
    /// Another answer.
    Wrong,
    /// The end of the process.
    Killed,
}

impl Seen {
    fn named(name: &str) -> Self {
        match name {
            "wrong" => Self::Wrong,
            "killed" => Self::Killed,
            other => panic!("nothing is seen that is called {other}"),
        }
    }
}

impl Edit {
    /// All edits, by API and file.
    pub(crate) fn all() -> Vec<Self> {
        APIS.iter().flat_map(|api| Self::of(api)).collect()
    }

    fn of(api: &'static str) -> Vec<Self> {
        let folder = repository().join("tests/edits").join(api);
        let files =
            fs::read_dir(folder).expect("the edits are there").map(|entry| entry.expect("it can be read").path());
        let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|end| end == "txt")).collect();
        files.sort();
        let mut edits = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).expect("the edits can be read");
            let (title, rest) = text.split_once("\n\n").expect("a title stands above the edits");
            let kind = title.trim_start_matches("# ");
            edits.extend(rest.split("\n\n").map(|edit| Self::parse(api, kind, edit.trim_end_matches('\n'))));
        }
        edits
    }

    fn parse(api: &'static str, kind: &str, text: &str) -> Self {
        let mut lines = text.lines();
        let name = lines.next().expect("an edit has a name").to_owned();
        let right = lines.next().and_then(right).unwrap_or_else(|| panic!("{name}: no right answer"));
        let (kind, given, changes) = (kind.to_owned(), Vec::new(), Vec::new());
        let mut edit = Self { api, kind, name, right, says: None, call: None, alone: false, given, changes };
        let (mut patch, mut file, mut is_given) = (Patch::default(), "api.rs", false);
        for line in lines {
            let side = if is_given { &mut edit.given } else { &mut edit.changes };
            match (line.strip_prefix('-'), line.strip_prefix('+')) {
                (Some(line), _) if patch.after.is_empty() => patch.before.push(line),
                (Some(line), _) => {
                    side.extend(patch.end(file));
                    patch.before.push(line);
                }
                (_, Some(line)) => patch.after.push(line),
                (None, None) => {
                    side.extend(patch.end(file));
                    match line.split_once(' ').unwrap_or((line, "")) {
                        ("alone", "") => edit.alone = true,
                        ("says", words) => edit.says = Some(words.to_owned()),
                        ("call", call) => {
                            let (call, seen) = call.split_once(": ").expect("a call shows something");
                            edit.call = Some((call.to_owned(), seen.split(" or ").map(Seen::named).collect()));
                        }
                        ("given", name) => (is_given, file) = (true, name),
                        ("in", name) => (is_given, file) = (false, name),
                        ("version", version) => {
                            let (krate, version) = version.split_once(' ').expect("a version is that of a crate");
                            side.push(Change::Version { krate: krate.to_owned(), version: version.to_owned() });
                        }
                        ("feature", name) => side.push(Change::Feature(name.to_owned())),
                        _ => panic!("{}: what is `{line}`?", edit.name),
                    }
                }
            }
        }
        let side = if is_given { &mut edit.given } else { &mut edit.changes };
        side.extend(patch.end(file));
        edit
    }

    /// What the host is built of, and what the plugin is built of.
    pub(crate) fn sides(&self, base: &Source) -> Result<(Source, Source), String> {
        let host = base.with(&self.given)?;
        let plugin = host.with(&self.changes)?;
        Ok((host, plugin))
    }

    /// Where it is told, if it is.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        let places = if let Right::Refused(_, places) = &self.right { &places[..] } else { &[] };
        places.iter().map(String::as_str)
    }

    /// Whether it can be tried together with others: only texts of the plugin's side are others, no call shows it, and it
    /// does not say that it is tried alone.
    pub(crate) fn is_with_others(&self) -> bool {
        matches!(self.right, Right::Fits | Right::Refused(..))
            && !self.alone
            && self.call.is_none()
            && self.given.is_empty()
            && self.changes.iter().all(|change| matches!(change, Change::Text { .. }))
    }
}

/// A patch that is being read.
#[derive(Default)]
struct Patch<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl Patch<'_> {
    /// The patch, if there is one, and room for the next.
    fn end(&mut self, file: &str) -> Option<Change> {
        let Self { before, after } = mem::take(self);
        let (before, after) = (Some(before).filter(|lines| !lines.is_empty())?.join("\n"), after.join("\n"));
        Some(Change::Text { file: file.to_owned(), before, after })
    }
}

/// What the second line of an edit says.
fn right(line: &str) -> Option<Right> {
    let (word, rest) = line.split_once(": ").unwrap_or((line, ""));
    Some(match word {
        "fits" => Right::Fits,
        "error" => Right::Error(rest.to_owned()),
        "refused or error" => Right::NotTaken,
        "not seen" => Right::NotSeen(rest.to_owned()),
        "too strict" => Right::TooStrict(rest.to_owned()),
        _ => {
            let (code, places) = line.split_once(" at ")?;
            // Of what has no place, the whole library is the place.
            let places = places.split(" or ").map(|place| place.trim_end_matches("nowhere").to_owned());
            Right::Refused(code.to_owned(), places.collect())
        }
    })
}

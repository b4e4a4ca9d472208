//! The edits of the APIs, and the format of their files: a title, then one paragraph for each edit.
//!
//! The first line of an edit is its name. The second line is the expected answer: `fits`, `CODE at PLACE or PLACE`,
//! `error: WORDS`, `refused or error`, `not seen: WHY` or `too strict: WHY`. Patches of `api.rs` follow: the `+` lines
//! replace the `-` lines, which must occur exactly once in the file. Each of these lines may come between patches:
//!
//! - `in FILE`: the next patches apply to this file of the plugin; `given FILE`: they apply to this file of both sides;
//! - `version CRATE VERSION`, `feature NAME`: the version of a crate and a feature of the API, for the plugin only;
//! - `says WORDS`: the plugin's or the host's side of the reason contains these words;
//! - `call NAME: wrong or killed`: the call in `calls.rs` that shows the harm, and its possible effects;
//! - `alone`: the edit is not combined with other edits, because the order of the reported differences matters.

use std::fs;
use std::mem;

use harness::repository;

use crate::source::{Change, Source};

/// The edited APIs: `notes` has objects and texts, `store` has values of every kind. Both crates are named `api`.
pub(crate) const APIS: [&str; 2] = ["notes", "store"];

/// An edit, and the expected answer to a plugin that was built with the edit.
#[derive(Debug)]
pub(crate) struct Edit {
    /// The edited API.
    pub(crate) api: &'static str,
    /// The kind of edit: the title of the file.
    pub(crate) kind: String,
    /// A sentence that describes the edit.
    pub(crate) name: String,
    /// The expected answer.
    pub(crate) right: Right,
    /// Words that the plugin's or the host's side of the reason contains.
    pub(crate) says: Option<String>,
    /// The call that shows the harm, and its possible effects.
    pub(crate) call: Option<(String, Vec<Seen>)>,
    /// Whether the edit is never combined with other edits, because the order of the reported differences matters.
    alone: bool,
    /// The changes of both sides.
    given: Vec<Change>,
    /// The changes of the plugin only.
    changes: Vec<Change>,
}

/// The expected answer to a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// The plugin fits.
    Fits,
    /// The plugin is refused with this code, at one of these places.
    Refused(String, Vec<String>),
    /// The plugin does not compile, and the compiler's message contains this text.
    Error(String),
    /// The plugin is refused, or does not compile.
    NotTaken,
    /// The plugin fits, although it should be refused: a known limit.
    NotSeen(String),
    /// The plugin is refused, although it would do no harm: a known limit.
    TooStrict(String),
}

impl Right {
    /// Whether a plugin with the edit could harm a host without it.
    pub(crate) fn is_harm(&self) -> bool {
        !matches!(self, Self::Fits | Self::TooStrict(_))
    }
}

/// The effect of a plugin on a host without a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The expected answer.
    Right,
    /// A different answer.
    Wrong,
    /// The process was killed.
    Killed,
}

impl Seen {
    fn named(name: &str) -> Self {
        match name {
            "wrong" => Self::Wrong,
            "killed" => Self::Killed,
            other => panic!("an unknown effect: {other}"),
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
            let (title, rest) = text.split_once("\n\n").expect("a file of edits starts with a title");
            let kind = title.trim_start_matches("# ");
            edits.extend(rest.split("\n\n").map(|edit| Self::parse(api, kind, edit.trim_end_matches('\n'))));
        }
        edits
    }

    fn parse(api: &'static str, kind: &str, text: &str) -> Self {
        let mut lines = text.lines();
        let name = lines.next().expect("an edit has a name").to_owned();
        let right = lines.next().and_then(right).unwrap_or_else(|| panic!("{name}: an unknown answer"));
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
                            let (call, seen) = call.split_once(": ").expect("`call` has an effect");
                            edit.call = Some((call.to_owned(), seen.split(" or ").map(Seen::named).collect()));
                        }
                        ("given", name) => (is_given, file) = (true, name),
                        ("in", name) => (is_given, file) = (false, name),
                        ("version", version) => {
                            let (krate, version) =
                                version.split_once(' ').expect("`version` has a crate and a version");
                            side.push(Change::Version { krate: krate.to_owned(), version: version.to_owned() });
                        }
                        ("feature", name) => side.push(Change::Feature(name.to_owned())),
                        _ => panic!("{}: an unknown line, `{line}`", edit.name),
                    }
                }
            }
        }
        let side = if is_given { &mut edit.given } else { &mut edit.changes };
        side.extend(patch.end(file));
        edit
    }

    /// The sources of the host and of the plugin.
    pub(crate) fn sides(&self, base: &Source) -> Result<(Source, Source), String> {
        let host = base.with(&self.given)?;
        let plugin = host.with(&self.changes)?;
        Ok((host, plugin))
    }

    /// The places of the expected reason, if the plugin should be refused.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        let places = if let Right::Refused(_, places) = &self.right { &places[..] } else { &[] };
        places.iter().map(String::as_str)
    }

    /// Whether the edit can be combined with other edits: it changes only texts of the plugin's side, has no call, and
    /// is not marked `alone`.
    pub(crate) fn is_with_others(&self) -> bool {
        matches!(self.right, Right::Fits | Right::Refused(..))
            && !self.alone
            && self.call.is_none()
            && self.given.is_empty()
            && self.changes.iter().all(|change| matches!(change, Change::Text { .. }))
    }
}

/// The lines of the current patch.
#[derive(Default)]
struct Patch<'a> {
    before: Vec<&'a str>,
    after: Vec<&'a str>,
}

impl Patch<'_> {
    /// Returns the finished patch, if there is one, and clears the lines for the next patch.
    fn end(&mut self, file: &str) -> Option<Change> {
        let Self { before, after } = mem::take(self);
        let (before, after) = (Some(before).filter(|lines| !lines.is_empty())?.join("\n"), after.join("\n"));
        Some(Change::Text { file: file.to_owned(), before, after })
    }
}

/// Parses the second line of an edit.
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
            // `nowhere` is a reason without a place, such as a reason about the whole library.
            let places = places.split(" or ").map(|place| place.trim_end_matches("nowhere").to_owned());
            Right::Refused(code.to_owned(), places.collect())
        }
    })
}

//! Golden files: released interfaces, as text in the API's own repository.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::canonical::{self, Change, Difference, differences};
use super::reexport::reexports;
use crate::interface::Interface;
use crate::record::{Kind, Line, NOTE_NAME};
use crate::shape::Shape;

/// The environment variable that lets the test write golden files.
const UPDATE: &str = "UPDATE_GOLDEN";

/// Asserts, in a test, that an interface has not changed since its golden file was written.
///
/// An interface is frozen once it is released. After any change of it, or of a type that it reaches, hosts refuse
/// plugins that were built before. So a change needs an incompatible version: the next major version, or before 1.0 the
/// next minor version. It is better not to change the interface, and to add a new one instead.
///
/// The golden file contains the interface as it was released; commit it with the API's source. `path` is relative to
/// the package's folder, where cargo runs tests.
///
/// | interface | version, compared with the file's | the test |
/// | --- | --- | --- |
/// | unchanged | compatible, such as 1.2 and 1.3 | passes |
/// | unchanged | incompatible | fails: update the file |
/// | changed | compatible | fails: names each change, and the version that it needs |
/// | changed | incompatible | fails: update the file |
/// | no file yet | any | fails: write the file |
///
/// The test also fails if a foreign type is named by a crate that only re-exports it, because then the crate that defines
/// the type would not be compared.
///
/// `UPDATE_GOLDEN=1 cargo test` updates files and writes new ones. It never hides a change that needs an incompatible
/// version. If the version in the file was never released, delete the file first. If the version in the file is a
/// pre-release, every other version counts as incompatible.
///
/// # What it does not see
///
/// The file contains the facts that follow from the source: names, types, order, variants with their discriminants,
/// `repr` and revisions. It contains no sizes, offsets or fingerprints, because they follow from the compiler and the
/// target. So one file serves all compilers and targets. If the source itself depends on the target (`#[cfg(windows)]`,
/// the length of an array) or on the crate's features, the file describes the target and the features of the test run.
/// For a foreign type the file contains only its name, and the part of its crate's version that semver treats as
/// incompatible. The file says nothing about the meaning of methods.
///
/// # Panics
///
/// If the test fails. The message names the file, every change, and the remedy.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// #[test]
/// fn the_plugin_interface_is_frozen() {
///     plugbox::assert_frozen::<dyn Plugin>("golden/plugin.txt");
/// }
/// # fn main() {}
/// ```
#[track_caller]
#[inline]
pub fn assert_frozen<I: ?Sized + Interface>(path: impl AsRef<Path>) {
    if let Some(reexports) = reexports(<I as Shape>::TYPE) {
        panic!("{}: {reexports}", I::NAME);
    }
    let now = Golden::of::<I>();
    let update = std::env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0");
    if let Err(message) = check(path.as_ref(), &now, update) {
        panic!("{}: {message}", path.as_ref().display());
    }
}

#[inline]
fn check(path: &Path, now: &Golden, update: bool) -> Result<(), String> {
    let frozen = match fs::read_to_string(path) {
        Ok(text) => Some(Golden::parse(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(format!("it cannot be read: {error}")),
    };
    let stale = match &frozen {
        None => Some(format!("there is no golden file for `{}` yet", now.name())),
        Some(frozen) => frozen.compare(now)?,
    };
    // Also if only the version is newer: the author has asked for an update.
    if update && frozen.as_ref() != Some(now) {
        return write(path, now).map_err(|error| format!("it cannot be written: {error}"));
    }
    match stale {
        Some(stale) => Err(format!("{stale}: write it with `{UPDATE}=1 cargo test`, read it, and commit it")),
        None => Ok(()),
    }
}

#[inline]
fn write(path: &Path, golden: &Golden) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, golden.to_string())
}

/// The contents of a golden file: an interface and all types that it reaches.
#[derive(Debug, PartialEq, Eq)]
struct Golden {
    version: String,
    /// The interface's own text, then the others in the order in which they are reached.
    texts: Vec<Text>,
}

/// The canonical text of an interface or a type.
#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    /// `trait`, `struct`, `enum` or `foreign`.
    keyword: String,
    name: String,
    lines: Vec<String>,
}

impl Golden {
    #[inline]
    fn of<I: ?Sized + Interface>() -> Self {
        let texts = records(I::RECORDS).filter(|(kind, _)| [Kind::Interface as u32, Kind::Shape as u32].contains(kind));
        let texts = texts.map(|(_, text)| {
            // The lines before the keyword describe the record, not the type.
            let is_head = |line: &Line<'_>| matches!(line.key, "trait" | "struct" | "enum" | "foreign");
            Text::new(Line::all(text).skip_while(|line| !is_head(line)).filter_map(source))
        });
        Self { version: I::VERSION.to_owned(), texts: texts.collect() }
    }

    #[inline]
    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().map(str::trim).skip_while(|line| line.starts_with('#') || line.is_empty());
        let version = lines.next().and_then(|line| line.strip_prefix("version ")).map(str::to_owned);
        let lines: Vec<&str> = lines.collect();
        let texts = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
        let texts: Vec<Text> = texts.map(|lines| Text::new(lines.iter().map(|line| (*line).to_owned()))).collect();
        match version {
            Some(version) if !texts.is_empty() => Ok(Self { version, texts }),
            _ => Err(format!("this is not a golden file: delete it, and write it again with `{UPDATE}=1 cargo test`")),
        }
    }

    #[inline]
    fn name(&self) -> &str {
        self.texts.first().map(|text| text.name.as_str()).unwrap_or_default()
    }

    /// Returns the reason why the file is out of date; `None` if it is up to date.
    ///
    /// # Errors
    ///
    /// The reason why an update is not allowed.
    #[inline]
    fn compare(&self, now: &Self) -> Result<Option<String>, String> {
        let (name, version) = (now.name(), &self.version);
        if self.name() != name {
            return Err(format!(
                "this is the golden file of `{}`, not of `{name}`: a renamed interface is a new interface, and needs \
                 its own golden file",
                self.name()
            ));
        }
        if is_bumped(version, &now.version) {
            return Ok(Some(format!("the file has version {version}, and the crate has version {}", now.version)));
        }
        if self.texts == now.texts {
            return Ok(None);
        }
        let changes = self.changes(now);
        let mut message = format!(
            "`{name}` has changed since version {version}, but version {} promises that it has not\n",
            now.version
        );
        for change in &changes {
            let Difference { at, change, a, b, .. } = change;
            // Writing to a `String` does not fail.
            _ = match change {
                Change::Added => writeln!(message, "  {at} was added: {b}"),
                Change::Removed => writeln!(message, "  {at} was removed: {a}"),
                Change::Moved => writeln!(message, "  {at} has moved: from {a} to {b}"),
                Change::Changed => writeln!(message, "  {at} has changed: from {a} to {b}"),
            };
        }
        let by_version = |text: &str| {
            let line = Line::new(text);
            matches!(line.key, "revision" | "key") && line.value.contains('.')
        };
        if changes.iter().any(|change| by_version(&change.a) && by_version(&change.b)) {
            message += "a type with private fields, or in the key of a map, counts as changed in every version of its \
                        crate, unless it has `#[shape(revision = 1)]`\n";
        }
        _ = write!(
            message,
            "plugins that were built against {version} no longer fit. Either\n  \
             - undo the change, and add a new interface instead, so that those plugins still fit; or\n  \
             - bump the crate's version to {}, then run `{UPDATE}=1 cargo test`; or,\n  \
             - if {version} was never released, delete the file, then run `{UPDATE}=1 cargo test`",
            next(version)
        );
        Err(message)
    }

    #[inline]
    fn changes(&self, now: &Self) -> Vec<Difference> {
        let mut known: HashMap<&str, Vec<&Text>> = HashMap::new();
        // Two versions of a crate may define two types with one name, which are matched in their order.
        self.texts.iter().rev().for_each(|text| known.entry(&text.name).or_default().push(text));
        let (mut changes, mut added) = (Vec::new(), Vec::new());
        for text in &now.texts {
            match known.get_mut(text.name.as_str()).and_then(Vec::pop) {
                Some(was) if was.keyword == text.keyword => {
                    changes.extend(differences(&text.name, &was.lines(), &text.lines()));
                }
                Some(was) => changes.push(Difference::new(&text.name, was.kind(), text.kind())),
                None => added.push(Difference::new(&text.name, "", text.kind())),
            }
        }
        let is_left = |text: &&Text| known.get(text.name.as_str()).is_some_and(|left| left.contains(text));
        changes.extend(added);
        changes.extend(self.texts.iter().filter(is_left).map(|text| Difference::new(&text.name, text.kind(), "")));
        changes
    }
}

impl Text {
    #[inline]
    fn new(mut lines: impl Iterator<Item = String>) -> Self {
        let head = lines.next().unwrap_or_default();
        let Line { key, value, .. } = Line::new(&head);
        Self { keyword: key.to_owned(), name: value.to_owned(), lines: lines.collect() }
    }

    #[inline]
    fn lines(&self) -> Vec<Line<'_>> {
        self.lines.iter().map(|line| Line::new(line)).collect()
    }

    #[inline]
    fn kind(&self) -> &'static str {
        canonical::kind(&self.keyword)
    }
}

impl fmt::Display for Golden {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# `{}` as plugins know it. A change needs a new version; `{UPDATE}=1 cargo test` writes this file.",
            self.name()
        )?;
        writeln!(f, "version {}", self.version)?;
        for text in &self.texts {
            writeln!(f, "\n{} {}", text.keyword, text.name)?;
            text.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        Ok(())
    }
}

/// Returns the type and the text of each note.
#[inline]
fn records(mut notes: &[u8]) -> impl Iterator<Item = (u32, &str)> {
    std::iter::from_fn(move || {
        let word = |at: usize| notes.get(at..)?.first_chunk().copied().map(u32::from_ne_bytes);
        let (len, kind) = (word(4)? as usize, word(8)?);
        let text = notes.get(12 + NOTE_NAME.len()..)?;
        let record = (kind, std::str::from_utf8(text.get(..len)?).ok()?);
        notes = text.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some(record)
    })
}

/// Returns the part of a line of canonical text that follows from the source alone, without the compiler and the
/// target.
#[inline]
fn source(line: Line<'_>) -> Option<String> {
    match (line.key, line.value.split_once(' ')) {
        ("size" | "align" | "layout" | "reaches", _) => None,
        // A foreign crate, such as `crate bytes 1.10.1 with default,std`: keep only the semver-relevant part of the
        // version.
        ("crate", Some((name, resolved))) => {
            let version = class(resolved.split(' ').next().unwrap_or_default());
            let version = version.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            Some(format!("crate {name} {version}"))
        }
        _ => {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let field = line.text.rsplit_once(" @").filter(|(_, offset)| digits(offset));
            Some(field.map_or(line.text, |(field, _)| field).to_owned())
        }
    }
}

/// Whether two versions are incompatible, so plugins of one need not fit the other.
#[inline]
fn is_bumped(frozen: &str, now: &str) -> bool {
    if is_prerelease(frozen) { frozen != now } else { class(frozen) != class(now) }
}

#[inline]
fn is_prerelease(version: &str) -> bool {
    version.split('+').next().is_some_and(|version| version.contains('-'))
}

/// Returns the numbers of a version up to the first that is not 0. They are equal if semver calls the versions
/// compatible.
#[must_use]
#[inline]
pub fn class(version: &str) -> Vec<u64> {
    let numbers = version.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<u64> = numbers.split('.').map(|number| number.parse().unwrap_or_default()).collect();
    let first = numbers.iter().position(|number| *number > 0).unwrap_or(numbers.len());
    numbers.into_iter().take(first + 1).collect()
}

/// Describes the next version that is incompatible with this one.
#[inline]
fn next(version: &str) -> String {
    if is_prerelease(version) {
        return "any other version".to_owned();
    }
    match class(version)[..] {
        [major] => format!("{}.0.0 (the next major version)", major + 1),
        [_, minor] => format!("0.{}.0 (the next minor version, because it is before 1.0)", minor + 1),
        [_, _, patch] => format!("0.0.{} (the next version, because it is before 0.1)", patch + 1),
        _ => "a new one".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, is_bumped, next, source};

    #[test]
    fn what_follows_from_compiler_target_and_flags_is_left_out() {
        for line in ["size 24", "align 8", "layout randomized", "reaches 0123456789abcdef0123456789abcdef"] {
            assert_eq!(source(Line::new(line)), None);
        }
        for (line, said) in [
            ("field at: usize @8", "field at: usize"),
            ("holds 0: &str where 'a", "holds 0: &str where 'a"),
            ("crate bytes 1.10.1 with default,std", "crate bytes 1"),
            ("crate http 0.2.12 from registry", "crate http 0.2"),
        ] {
            assert_eq!(source(Line::new(line)).as_deref(), Some(said));
        }
    }

    #[test]
    fn a_bump_is_what_semver_calls_incompatible() {
        for (frozen, bumped, not) in [
            ("1.2.3", "2.0.0", "1.9.0"),
            ("0.3.1", "0.4.0", "0.3.9"),
            ("0.0.3", "0.0.4", "0.0.3"),
            ("2.0.0-rc.1", "2.0.0-rc.2", "2.0.0-rc.1"),
            ("1.2.3+build-1", "2.0.0+build-1", "1.2.4+build-2"),
        ] {
            assert!(is_bumped(frozen, bumped), "{frozen} {bumped}");
            assert!(!is_bumped(frozen, not), "{frozen} {not}");
        }
    }

    #[test]
    fn the_version_that_is_asked_for_is_a_bump() {
        for version in ["1.2.3", "0.3.1", "0.0.3", "0.0.0"] {
            let next = next(version);
            assert!(is_bumped(version, next.split(' ').next().unwrap()), "{version} {next}");
        }
        assert_eq!(next("2.0.0-rc.1"), "any other version");
    }
}

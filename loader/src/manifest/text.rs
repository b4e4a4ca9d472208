//! The lines of a record: keys and values, and how many there may be.

use std::borrow::Cow;

use memchr::memchr;
use plugbox::__private::Line;
use plugbox::Fingerprint;
use semver::Version;

use super::error::{ManifestError, damaged};

/// The most lines of all records, and items of their lists: each becomes a value of its own, larger than its bytes.
const MAX_PARTS: usize = 1 << 15;

/// How many lines of records, and items of their lists, may still become values.
pub(crate) struct Parts(usize);

impl Parts {
    /// As many as the records of one file may have.
    pub(crate) fn of_a_file() -> Self {
        Self(MAX_PARTS)
    }

    pub(crate) fn spend(&mut self, parts: usize) -> Result<(), ManifestError> {
        let Some(left) = self.0.checked_sub(parts) else {
            return damaged(format!("the records have more than {MAX_PARTS} lines and items of lists"));
        };
        self.0 = left;
        Ok(())
    }
}

/// What a record of some kind is called.
pub(crate) fn record(kind: &str) -> String {
    format!("{} {kind} record", if kind.starts_with('i') { "an" } else { "a" })
}

/// A line that stands once in a record, or is missing.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    kind: &'static str,
    key: &'static str,
    /// As it stands in the record.
    value: Option<&'a str>,
    /// Whether line breaks are escaped in the record.
    escaped: bool,
}

/// The lines of a record that stand once in it; `several` says whether it takes a line that may be there again.
pub(crate) fn fields<'a, const N: usize>(
    kind: &'static str,
    keys: [&'static str; N],
    body: &'a str,
    parts: &mut Parts,
    mut several: impl FnMut(Line<'a>) -> Result<bool, ManifestError>,
) -> Result<[Field<'a>; N], ManifestError> {
    let escaped = memchr(b'\\', body.as_bytes()).is_some();
    let mut values = [None; N];
    // They come in the order in which they are named here, where nobody else has written them.
    let mut next = 0;
    let twice = |key: &str| damaged(format!("{} says `{key}` twice", record(kind)));
    let mut others = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        parts.spend(1)?;
        let (text, after) = cut(rest, b'\n').unwrap_or((rest, ""));
        rest = after;
        let line = Line::new(text);
        if several(line)? {
            continue;
        }
        let Line { key, value, .. } = line;
        let find = |from: usize| keys[from..].iter().position(|known| *known == key).map(|at| from + at);
        match find(next).or_else(|| find(0)) {
            Some(at) if values[at].is_some() => return twice(key),
            Some(at) => (values[at], next) = (Some(value), at + 1),
            None => others.push(key),
        }
    }
    others.sort_unstable();
    match others.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => twice(pair[0]),
        None => Ok(std::array::from_fn(|at| Field { kind, key: keys[at], value: values[at], escaped })),
    }
}

impl<'a> Field<'a> {
    pub(crate) fn optional(self) -> Cow<'a, str> {
        let value = self.value.unwrap_or_default();
        if self.escaped { unescape(value) } else { value.into() }
    }

    pub(crate) fn required(self) -> Result<Cow<'a, str>, ManifestError> {
        let value = self.optional();
        if value.is_empty() { damaged(format!("{} has no `{}`", record(self.kind), self.key)) } else { Ok(value) }
    }

    pub(crate) fn text(self) -> Result<String, ManifestError> {
        self.required().map(Cow::into_owned)
    }

    pub(crate) fn list(self, between: u8, parts: &mut Parts) -> Result<Vec<String>, ManifestError> {
        let value = self.optional();
        if value.is_empty() {
            return Ok(Vec::new());
        }
        parts.spend(value.bytes().filter(|byte| *byte == between).count())?;
        let items = value.split(char::from(between)).filter(|item| !item.is_empty());
        Ok(items.map(str::to_owned).collect())
    }

    pub(crate) fn is(self, value: &str) -> bool {
        self.value == Some(value)
    }
}

/// What stands before and behind the first of an ASCII character.
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = memchr(at, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// Undoes what the writer does to line breaks in values.
pub(crate) fn unescape(value: &str) -> Cow<'_, str> {
    if memchr(b'\\', value.as_bytes()).is_none() {
        return value.into();
    }
    let mut text = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    text.into()
}

/// A version, in a record of this kind.
pub(super) fn version(kind: &str, text: &str) -> Result<Version, ManifestError> {
    Version::parse(text).or_else(|error| damaged(format!("{} has the version `{text}`: {error}", record(kind))))
}

/// A fingerprint, in a record of this kind.
pub(super) fn fingerprint(kind: &str, text: &str) -> Result<Fingerprint, ManifestError> {
    Fingerprint::parse(text).map_or_else(|| damaged(format!("{} has the fingerprint `{text}`", record(kind))), Ok)
}

//! The lines of a record: their keys and values, and the limit on their number.

use std::borrow::Cow;

use plugbox::__private::Line;
use plugbox::Fingerprint;
use semver::Version;

use super::error::{ManifestError, damaged};

/// The maximum number of lines and list items in all records of a file. Each of them becomes a separate value, which is
/// larger than its bytes.
const MAX_PARTS: usize = 1 << 15;

/// The number of lines and list items that may still be parsed.
pub(crate) struct Parts(usize);

impl Parts {
    /// The budget for the records of one file.
    pub(crate) fn of_a_file() -> Self {
        Self(MAX_PARTS)
    }

    pub(crate) fn spend(&mut self, parts: usize) -> Result<(), ManifestError> {
        let Some(left) = self.0.checked_sub(parts) else {
            return damaged(format!("the records have more than {MAX_PARTS} lines and list items"));
        };
        self.0 = left;
        Ok(())
    }
}

/// The name of a kind of record, with its article, as in `an interface record`.
pub(crate) fn record(kind: &str) -> String {
    format!("{} {kind} record", if kind.starts_with('i') { "an" } else { "a" })
}

/// A line that occurs at most once in a record.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    kind: &'static str,
    key: &'static str,
    /// The value as written in the record; `None` if the line is missing.
    value: Option<&'a str>,
    /// Whether the record contains escapes.
    escaped: bool,
}

/// Parses the lines that occur at most once in a record. `several` returns `true` for a line that it consumes because
/// the line may occur several times.
pub(crate) fn fields<'a, const N: usize>(
    kind: &'static str,
    keys: [&'static str; N],
    body: &'a str,
    parts: &mut Parts,
    mut several: impl FnMut(Line<'a>) -> Result<bool, ManifestError>,
) -> Result<[Field<'a>; N], ManifestError> {
    let escaped = body.contains('\\');
    let mut values = [None; N];
    // plugbox writes the lines in the order of `keys`, so the search starts behind the last key that was found.
    let mut next = 0;
    let twice = |key: &str| damaged(format!("{} has the line `{key}` twice", record(kind)));
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

/// Splits a text at the first occurrence of an ASCII character, without that character.
pub(crate) fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    text.split_once(char::from(at))
}

/// Reverses the writer's escapes of line breaks in a value.
pub(crate) fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
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

/// Parses a version in a record of this kind.
pub(super) fn version(kind: &str, text: &str) -> Result<Version, ManifestError> {
    Version::parse(text).or_else(|error| damaged(format!("{} has the invalid version `{text}`: {error}", record(kind))))
}

/// Parses a fingerprint in a record of this kind.
pub(super) fn fingerprint(kind: &str, text: &str) -> Result<Fingerprint, ManifestError> {
    Fingerprint::parse(text)
        .map_or_else(|| damaged(format!("{} has the invalid fingerprint `{text}`", record(kind))), Ok)
}

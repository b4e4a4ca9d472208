//! The record of a type.

use plugbox::__private::{Line, hash};
use plugbox::Fingerprint;

use super::error::{ManifestError, damaged};
use super::text::{Parts, cut};

/// The record of a type that an interface reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShapeRecord {
    /// The hash of the record's text, by which interfaces refer to the type.
    pub id: Fingerprint,
    /// The kind of type: `struct`, `enum`, `foreign` or `trait`.
    pub keyword: String,
    /// The type's name, with its parameters.
    pub name: String,
    /// The lines of the record, without the first one.
    pub text: String,
    /// Whether the compiler randomizes layouts in the crate that defines the type.
    pub randomized: bool,
}

impl ShapeRecord {
    /// Whether the type is from a crate that does not use plugbox. Only its size, its alignment and its crates are
    /// known.
    pub(crate) fn is_foreign(&self) -> bool {
        self.keyword == "foreign"
    }

    /// The lines of [`text`](Self::text).
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        Line::all(&self.text)
    }
}

impl ShapeRecord {
    pub(super) fn parse(body: &str, parts: &mut Parts) -> Result<Self, ManifestError> {
        let (first, text) = cut(body, b'\n').unwrap_or((body, ""));
        let Some((keyword, name)) = cut(first, b' ') else {
            return damaged("a shape record names no type");
        };
        let mut randomized = false;
        for line in Line::all(text) {
            parts.spend(1)?;
            randomized |= line.text == "layout randomized";
        }
        let id = hash(body.as_bytes());
        Ok(Self { id, keyword: keyword.to_owned(), name: name.to_owned(), text: text.to_owned(), randomized })
    }
}

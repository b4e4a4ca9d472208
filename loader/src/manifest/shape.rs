//! The record of a type.

use plugbox::__private::{Line, hash};
use plugbox::Fingerprint;

use super::error::{ManifestError, damaged};
use super::text::{Parts, cut};

/// A type that an interface reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShapeRecord {
    /// The hash of its text, by which interfaces name it.
    pub id: Fingerprint,
    /// `struct`, `enum`, `foreign` or `trait`.
    pub keyword: String,
    /// The type's name with its parameters.
    pub name: String,
    /// All lines but the first.
    pub text: String,
    /// Whether layouts are shuffled in the crate that defines it.
    pub randomized: bool,
}

impl ShapeRecord {
    /// Whether it is a type of a crate without plugbox, of which only the size, the alignment and the crates are known.
    pub(crate) fn is_foreign(&self) -> bool {
        self.keyword == "foreign"
    }

    /// The lines of its text.
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

//! The record of an interface.

use std::fmt;
use std::sync::Arc;

use plugbox::__private::{Line, hash};
use plugbox::Fingerprint;
use semver::Version;

use super::error::{ManifestError, damaged};
use super::text::{Parts, cut, fields, fingerprint, unescape, version};

/// The maximum number of interfaces below one interface: `#[interface]` allows no more reachable types than that.
const MAX_BELOW: usize = 1024;

/// The record of an interface that an image knows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterfaceRecord {
    /// The interface's name, `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines the interface.
    pub version: Version,
    /// The fingerprint of the interface and of everything that it reaches.
    pub fingerprint: Fingerprint,
    /// The trait's own lines: supertraits, auto traits, methods in vtable order.
    pub text: String,
    /// The hashes of the types that the interface reaches, in the order of their first use.
    pub reaches: Vec<Fingerprint>,
    /// The interfaces below this one, including supertraits, in the order of their first use.
    pub below: Arc<[InterfaceVersion]>,
    /// Where values that cross may point into the image of the side that made them, so that this image must stay mapped:
    /// `static`, if they may hold a borrow that is `'static`. Empty if they point nowhere into it, and `unknown` if the
    /// library was built with a plugbox that did not say.
    pub points: Vec<String>,
    /// Whether the compiler randomizes layouts in the crate that defines the interface.
    pub randomized: bool,
}

impl InterfaceRecord {
    /// The lines of [`text`](Self::text).
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        Line::all(&self.text)
    }
}

/// The name and the version of an interface. The fingerprint does not include the version, so patch releases still fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct InterfaceVersion {
    /// The interface's name, `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines the interface.
    pub version: Version,
}

impl InterfaceVersion {
    /// Creates the pair of this name and this version.
    #[must_use]
    pub fn new(name: &str, version: &Version) -> Self {
        Self { name: name.to_owned(), version: version.clone() }
    }
}

impl fmt::Display for InterfaceVersion {
    /// Writes `crate::path::Trait 1.2.3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl InterfaceRecord {
    pub(super) fn parse(body: &str, parts: &mut Parts) -> Result<Self, ManifestError> {
        let (mut text, mut reaches, mut below) = (String::with_capacity(body.len()), Vec::new(), Vec::new());
        // The fingerprint hashes the text from the `trait` line to the end of the record.
        let (mut at, mut canonical) = (0, "");
        let keys = ["version", "points", "layout", "fingerprint", "trait"];
        let [number, points, layout, print, name] = fields("interface", keys, body, parts, |line| {
            match line.key {
                "super" | "auto" | "method" => {
                    text.push_str(line.text);
                    text.push('\n');
                }
                "reaches" => reaches.push(fingerprint("interface", line.value)?),
                "below" => below.push(InterfaceVersion::parse(&unescape(line.value))?),
                "trait" => canonical = &body[at..],
                _ => {}
            }
            at += line.text.len() + 1;
            Ok(matches!(line.key, "super" | "auto" | "method" | "reaches" | "below"))
        })?;
        if below.len() > MAX_BELOW {
            return damaged(format!("an interface record has more than {MAX_BELOW} interfaces below it"));
        }
        let name = name.text()?;
        let points = match &*points.optional() {
            "nowhere" => Vec::new(),
            "" => vec!["unknown".to_owned()],
            _ => points.list(b' ', parts)?,
        };
        let stated = fingerprint("interface", &print.required()?)?;
        if hash(canonical.as_bytes()) != stated {
            return damaged(format!("the fingerprint of `{name}` does not match its text"));
        }
        Ok(Self {
            name,
            version: version("interface", &number.required()?)?,
            fingerprint: stated,
            text,
            reaches,
            below: below.into(),
            points,
            randomized: layout.is("randomized"),
        })
    }
}

impl InterfaceVersion {
    fn parse(line: &str) -> Result<Self, ManifestError> {
        let Some((name, number)) = cut(line, b' ') else {
            return damaged(format!("an interface record has an invalid `below` line: `{line}`"));
        };
        Ok(Self { name: name.to_owned(), version: version("interface", number)? })
    }
}

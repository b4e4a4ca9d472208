//! The record of a plugin.

use std::sync::Arc;

use plugbox::{Fingerprint, Interface};
use semver::Version;

use super::cache;
use super::interface::Below;
use super::record::{fingerprint, version};
use super::text::{Damaged, Parts, cut, damaged, fields, unescape};

/// A plugin that an image exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginRecord {
    /// The plugin's name.
    pub name: String,
    /// The package's version.
    pub version: Version,
    /// The package's description; may be empty.
    pub description: String,
    /// The package's authors; may be empty.
    pub authors: Vec<String>,
    /// The package's licence; may be empty.
    pub licence: String,
    /// The interfaces that it is exported as.
    pub interfaces: Vec<Exported>,
    /// The symbol of its entry table.
    pub entry: String,
    /// The panic strategy of the crate that exports it.
    pub panic: String,
    /// The target features that were enabled for that crate, of those that a processor can be asked for.
    pub features: Vec<String>,
    /// Whether layouts are shuffled in the crate that exports it.
    pub randomised: bool,
}

/// An interface as a plugin was built against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines it.
    pub version: Version,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// The other interfaces that it reaches, as the interface's own record says. None if the image has no such record, or
    /// several that contradict each other.
    pub below: Arc<[Below]>,
}

impl Exported {
    /// An interface as this process was built against it.
    pub(crate) fn of<I: ?Sized + Interface>() -> Self {
        let version = Version::parse(I::VERSION).expect("cargo checks the versions of packages");
        let below = cache::interface(I::records()).map(|record| record.below.clone()).unwrap_or_default();
        Self { name: I::NAME.to_owned(), version, fingerprint: I::FINGERPRINT, below }
    }
}

impl PluginRecord {
    pub(super) fn parse(body: &str, parts: &mut Parts) -> Result<Self, Damaged> {
        let mut interfaces = Vec::with_capacity(1);
        let keys = ["name", "version", "description", "authors", "licence", "entry", "panic", "features", "layout"];
        let [name, number, description, authors, licence, entry, panic, features, layout] =
            fields("plugin", keys, body, parts, |line| {
                let is_one = line.key == "interface";
                if is_one {
                    interfaces.push(Exported::parse(&unescape(line.value))?);
                }
                Ok(is_one)
            })?;
        if interfaces.is_empty() {
            return damaged("a plugin record names no interface");
        }
        Ok(Self {
            name: name.text()?,
            version: version("plugin", &number.required()?)?,
            description: description.optional().into_owned(),
            authors: authors.list(b':', parts)?,
            licence: licence.optional().into_owned(),
            interfaces,
            entry: entry.text()?,
            panic: panic.text()?,
            features: features.list(b',', parts)?,
            randomised: layout.is("randomised"),
        })
    }
}

impl Exported {
    fn parse(line: &str) -> Result<Self, Damaged> {
        let words = cut(line, b' ').and_then(|(name, rest)| Some((name, cut(rest, b' ')?)));
        let Some((name, (number, print))) = words.filter(|(_, (_, print))| cut(print, b' ').is_none()) else {
            return damaged(format!("a plugin record names an interface as `{line}`"));
        };
        Ok(Self {
            name: name.to_owned(),
            version: version("plugin", number)?,
            fingerprint: fingerprint("plugin", print)?,
            below: Arc::default(),
        })
    }
}

//! The record of a plugin.

use semver::Version;

use super::error::{Damaged, damaged};
use super::exported::Exported;
use super::text::{Parts, fields, unescape, version};

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

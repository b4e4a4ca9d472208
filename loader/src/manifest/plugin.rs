//! The record of a plugin.

use std::fmt;

use semver::Version;

use super::error::{ManifestError, damaged};
use super::exported::Exported;
use super::text::{Parts, fields, unescape, version};

/// The record of a plugin that an image exports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginRecord {
    /// The plugin's name.
    pub name: String,
    /// The package's version.
    pub version: Version,
    /// The package's description; may be empty.
    pub description: String,
    /// The package's authors; may be empty.
    pub authors: Vec<String>,
    /// The package's license; may be empty.
    pub license: String,
    /// The interfaces as which the plugin is exported.
    pub interfaces: Vec<Exported>,
    /// The symbol of the plugin's entry table.
    pub entry: String,
    /// The panic strategy of the crate that exports the plugin.
    pub panic: String,
    /// The target features that were enabled for that crate, limited to those that can be detected on a processor.
    pub features: Vec<String>,
    /// Whether the compiler randomizes layouts in the crate that exports the plugin.
    pub randomized: bool,
}

impl PluginRecord {
    pub(super) fn parse(body: &str, parts: &mut Parts) -> Result<Self, ManifestError> {
        let mut interfaces = Vec::with_capacity(1);
        let keys = ["name", "version", "description", "authors", "license", "entry", "panic", "features", "layout"];
        let [name, number, description, authors, license, entry, panic, features, layout] =
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
            license: license.optional().into_owned(),
            interfaces,
            entry: entry.text()?,
            panic: panic.text()?,
            features: features.list(b',', parts)?,
            randomized: layout.is("randomized"),
        })
    }
}

/// The name and the version of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct PluginVersion {
    /// The plugin's name.
    pub name: String,
    /// The version of the plugin's package.
    pub version: Version,
}

impl PluginVersion {
    /// Creates the pair of this name and this version.
    #[must_use]
    pub fn new(name: &str, version: &Version) -> Self {
        Self { name: name.to_owned(), version: version.clone() }
    }
}

impl fmt::Display for PluginVersion {
    /// Writes `name 1.2.3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

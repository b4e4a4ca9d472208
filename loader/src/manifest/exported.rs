//! The reference to an interface in the record of a plugin.

use std::sync::Arc;

use plugbox::Fingerprint;
use semver::Version;

use super::error::{ManifestError, damaged};
use super::interface::{InterfaceRecord, InterfaceVersion};
use super::text::{cut, fingerprint, version};

/// An interface as a plugin was built against it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The interface's name, `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines the interface.
    pub version: Version,
    /// The interface's fingerprint.
    pub fingerprint: Fingerprint,
    /// The interfaces below this one, from the interface's own record. Empty if the image has no such record, or
    /// several that contradict each other.
    pub below: Arc<[InterfaceVersion]>,
}

impl Exported {
    /// The interface of a record, as the image with this record was built against it.
    pub(crate) fn of_record(record: &InterfaceRecord) -> Self {
        let InterfaceRecord { name, version, fingerprint, below, .. } = record;
        Self { name: name.clone(), version: version.clone(), fingerprint: *fingerprint, below: below.clone() }
    }

    pub(super) fn parse(line: &str) -> Result<Self, ManifestError> {
        let words = cut(line, b' ').and_then(|(name, rest)| Some((name, cut(rest, b' ')?)));
        let Some((name, (number, print))) = words.filter(|(_, (_, print))| cut(print, b' ').is_none()) else {
            return damaged(format!("a plugin record has an invalid `interface` line: `{line}`"));
        };
        Ok(Self {
            name: name.to_owned(),
            version: version("plugin", number)?,
            fingerprint: fingerprint("plugin", print)?,
            below: Arc::default(),
        })
    }
}

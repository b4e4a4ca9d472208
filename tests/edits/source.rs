//! The sources of one side: the API, the plugin and the crates below, with versions and features.

use std::collections::BTreeMap;
use std::fs;

use harness::repository;

/// The sources of one side.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    /// The files by name.
    pub(crate) files: BTreeMap<String, String>,
    /// The versions of the crates by name.
    pub(crate) versions: BTreeMap<String, String>,
    /// The features of the API.
    pub(crate) features: Vec<String>,
}

/// A change of one side.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// A replaced text in a file.
    Text {
        /// The file.
        file: String,
        /// The old text, which must occur exactly once.
        before: String,
        /// The new text.
        after: String,
    },
    /// A different version of a crate.
    Version {
        /// The crate.
        krate: String,
        /// Its version.
        version: String,
    },
    /// An additional feature of the API.
    Feature(String),
}

impl Source {
    /// The sources of an API without any edit.
    pub(crate) fn new(api: &str) -> Self {
        let folder = repository().join("tests/edits");
        let read = |file: &str| {
            let own = folder.join(api).join(file);
            let path = if own.is_file() { own } else { folder.join(file) };
            fs::read_to_string(path).expect("the source can be read")
        };
        let files = ["api.rs", "plugin.rs", "calls.rs", "below.rs", "older.rs"];
        let versions = [("api", "1.2.4"), ("below", "1.0.0"), ("older", "0.9.0")];
        Self {
            files: files.map(|file| (file.to_owned(), read(file))).into(),
            versions: versions.map(|(krate, version)| (krate.to_owned(), version.to_owned())).into(),
            features: Vec::new(),
        }
    }

    /// A copy with these changes.
    pub(crate) fn with(&self, changes: &[Change]) -> Result<Self, String> {
        let mut source = self.clone();
        for change in changes {
            match change {
                Change::Text { file, before, after } => source.replace(file, before, after)?,
                Change::Version { krate, version } => {
                    source.versions.insert(krate.clone(), version.clone()).ok_or("an unknown crate")?;
                }
                Change::Feature(feature) => source.features.push(feature.clone()),
            }
        }
        Ok(source)
    }

    /// Replaces a text that occurs exactly once. If the plugin contains the same text, such as the signature of a
    /// method, the plugin is changed, too.
    fn replace(&mut self, file: &str, before: &str, after: &str) -> Result<(), String> {
        let text = self.files.get_mut(file).ok_or_else(|| format!("there is no file {file}"))?;
        let found = text.matches(before).count();
        if found != 1 {
            return Err(format!("{file} has `{before}` {found} times"));
        }
        *text = text.replace(before, after);
        if let ("api.rs", Some(plugin)) = (file, self.files.get_mut("plugin.rs")) {
            *plugin = plugin.replacen(before, after, 1);
        }
        Ok(())
    }
}

//! The user's configuration texts for plugins.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use plugbox_loader::Loader;

/// A plugin and its configuration file: `PLUGIN=FILE`.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// The plugin's name.
    pub plugin: String,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for ConfigFile {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (plugin, path) = text.split_once('=').ok_or("expected PLUGIN=FILE")?;
        Ok(Self { plugin: plugin.to_owned(), path: path.into() })
    }
}

/// The configuration texts, by plugin.
pub struct Configs(BTreeMap<String, String>);

impl Configs {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is not UTF-8.
    pub fn read(files: &[ConfigFile]) -> anyhow::Result<Self> {
        let read = |ConfigFile { plugin, path }: &ConfigFile| {
            let text = fs::read_to_string(path);
            let text =
                text.with_context(|| format!("cannot read {}, the configuration of {plugin}", path.display()))?;
            Ok((plugin.clone(), text))
        };
        files.iter().map(read).collect::<anyhow::Result<_>>().map(Self)
    }

    /// Adds the texts to a loader, which passes them to their plugins.
    #[must_use]
    pub fn give_to(&self, loader: Loader) -> Loader {
        self.0.iter().fold(loader, |loader, (plugin, text)| loader.configure(plugin, text))
    }

    /// The configuration of a plugin.
    #[must_use]
    pub fn of(&self, plugin: &str) -> Option<&str> {
        self.0.get(plugin).map(String::as_str)
    }

    /// All texts, each preceded by its plugin's name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(plugin, text)| (&**plugin, &**text))
    }
}

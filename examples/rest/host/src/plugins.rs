//! Loading plugins, and what became of each library.

use std::path::{Path, PathBuf};

use anyhow::Context;
use examples_shared::configs::Configs;
use examples_shared::message;
use examples_shared::table::Table;
use plugbox_loader::{FileOutcome, LoadError, Loaded, Loader, Trust};
use rest_api::Plugin;

/// The plugins that are loaded, and what is to be shown of all.
pub(crate) struct Plugins {
    pub(crate) loaded: Vec<Loaded<dyn Plugin>>,
    table: Table,
    /// Why libraries were not loaded.
    refusals: Vec<String>,
}

impl Plugins {
    /// Loads every plugin of a folder that the user has named.
    pub(crate) fn of_folder(folder: &Path, configs: &Configs) -> anyhow::Result<Self> {
        let cannot = || format!("cannot load plugins from {}", folder.display());
        let loader = loader(folder, configs, false).with_context(cannot)?;
        let report = loader.load_dir::<dyn Plugin>(folder).with_context(cannot)?;
        let mut plugins = Self::none();
        for file in report.files() {
            match file {
                FileOutcome::Loaded { plugins: loaded, .. } => plugins.table.add_loaded(loaded),
                FileOutcome::Failed(error) => plugins.refuse(error),
                FileOutcome::PassedOver(other) => plugins.table.add_passed_over(&other.path),
                FileOutcome::Foreign { path, .. } => plugins.table.add_foreign(path),
                _ => {}
            }
        }
        plugins.loaded = report.into_loaded();
        Ok(plugins)
    }

    /// Loads the plugins of libraries that lie in one folder.
    pub(crate) fn of_libraries(libraries: &[PathBuf], configs: &Configs) -> anyhow::Result<Self> {
        let mut plugins = Self::none();
        if let Some(folder) = libraries.first().and_then(|library| library.parent()) {
            let loader = loader(folder, configs, true)?;
            for library in libraries {
                match loader.load_library(library) {
                    Ok(loaded) => {
                        plugins.table.add_loaded(&loaded);
                        plugins.loaded.extend(loaded);
                    }
                    Err(error) => plugins.refuse(&error),
                }
            }
        }
        Ok(plugins)
    }

    fn none() -> Self {
        Self { loaded: Vec::new(), table: Table::default(), refusals: Vec::new() }
    }

    fn refuse(&mut self, error: &LoadError) {
        self.table.add_refused(error);
        self.refusals.push(error.to_string());
    }

    /// Shows all libraries in a table, and below it why some were not loaded.
    pub(crate) fn show(&self) {
        message::note(&self.table);
        for refusal in &self.refusals {
            message::warning(refusal);
        }
    }

    /// Whether there is a plugin of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.loaded.iter().any(|plugin| Loaded::info(plugin).name == name)
    }

    /// Whether no library was refused, and every plugin could be made.
    pub(crate) fn are_complete(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// A loader that trusts a folder, which cargo has just built or the user has named.
fn loader(folder: &Path, configs: &Configs, built: bool) -> anyhow::Result<Loader> {
    // SAFETY: the folder is one that cargo has just built into, or one whose libraries the user has told us to load; the
    // help says that this is trust. The client never changes the environment.
    let trust = unsafe { Trust::directory(folder) }?;
    // Whoever may write to what cargo has just built may write to this program as well.
    let trust = if built { trust.allow_group_writable() } else { trust };
    Ok(configs.give_to(Loader::new(trust)))
}

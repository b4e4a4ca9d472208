//! Loading plugins, and what became of each library.

use std::path::{Path, PathBuf};

use anyhow::Context;
use edit_api::Plugin;
use examples_shared::configs::Configs;
use examples_shared::message;
use examples_shared::table::Table;
use plugbox_loader::{FileOutcome, LoadError, Loaded, Loader, Trust};

use crate::c_plugins::{self, CFile, CRefusal};

/// The plugins that are loaded, and what is to be shown of all.
pub(crate) struct Plugins {
    pub(crate) loaded: Vec<Loaded<dyn Plugin>>,
    table: Table,
    /// Why libraries were not loaded.
    refusals: Vec<String>,
    /// The plugins that could not be made.
    failed: Vec<String>,
}

impl Plugins {
    /// Loads every plugin of a folder that the user has named; those in C only where the user says so.
    pub(crate) fn of_folder(folder: &Path, configs: &Configs, in_c: bool) -> anyhow::Result<Self> {
        let cannot = || format!("cannot load plugins from {}", folder.display());
        let loader = loader(folder, configs, false).with_context(cannot)?;
        let report = loader.load_dir::<dyn Plugin>(folder).with_context(cannot)?;
        let mut plugins = Self::none();
        for file in report.files() {
            match file {
                FileOutcome::Loaded { plugins: loaded, .. } => plugins.table.add_loaded(loaded),
                FileOutcome::Failed(error) => plugins.refuse(error),
                FileOutcome::PassedOver(other) => plugins.table.add_passed_over(&other.path),
                FileOutcome::Foreign { path, .. } => {
                    let is_taken = |name: &str| {
                        let loaded = plugins.loaded.iter().chain(report.loaded());
                        loaded.into_iter().any(|plugin| Loaded::info(plugin).name == name)
                    };
                    match c_plugins::of_file(path, in_c, configs, is_taken) {
                        CFile::Loaded(plugin) => {
                            plugins.table.add(plugin.row());
                            plugins.loaded.push(plugin.loaded);
                        }
                        CFile::Refused(refusal) => plugins.refuse_c(path, refusal),
                        CFile::NotAsked => plugins.table.add(c_plugins::row_of_not_asked(path)),
                        CFile::Foreign => plugins.table.add_foreign(path),
                    }
                }
                _ => {}
            }
        }
        plugins.loaded.extend(report.into_loaded());
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
        Self { loaded: Vec::new(), table: Table::default(), refusals: Vec::new(), failed: Vec::new() }
    }

    fn refuse(&mut self, error: &LoadError) {
        self.table.add_refused(error);
        self.refusals.push(error.to_string());
        if let LoadError::Construct { plugin, .. } = error {
            self.failed.push(plugin.clone());
        }
    }

    fn refuse_c(&mut self, path: &Path, refusal: CRefusal) {
        self.table.add(refusal.row(path));
        self.refusals.push(refusal.why);
        self.failed.extend(refusal.failed);
    }

    /// Shows all libraries in a table, and below it why some were not loaded.
    pub(crate) fn show(&self) {
        message::note(&self.table);
        for refusal in &self.refusals {
            message::warning(refusal);
        }
    }

    /// Whether there is a plugin of this name, be it that it could not be made.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.loaded.iter().any(|plugin| Loaded::info(plugin).name == name)
            || self.failed.iter().any(|failed| failed == name)
    }
}

/// A loader that trusts a folder, which cargo has just built or the user has named.
fn loader(folder: &Path, configs: &Configs, built: bool) -> anyhow::Result<Loader> {
    // SAFETY: the folder is one that cargo has just built into, or one whose libraries the user has told us to load; the
    // help says that this is trust. The editor never changes the environment.
    let trust = unsafe { Trust::directory(folder) }?;
    // Whoever may write to what cargo has just built may write to this program as well.
    let trust = if built { trust.allow_group_writable() } else { trust };
    Ok(configs.give_to(Loader::new(trust)))
}

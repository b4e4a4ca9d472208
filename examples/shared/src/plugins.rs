//! Loading plugins, and the result for each library.

use std::path::{Path, PathBuf};

use anyhow::Context;
use plugbox::Interface;
use plugbox_loader::{FileOutcome, LoadError, Loaded, Loader, Report, Trust};

use crate::message;
use crate::table::{Row, Table};

/// The loaded plugins, and a table of all libraries.
pub struct Plugins<I: ?Sized> {
    /// The loaded plugins.
    pub loaded: Vec<Loaded<I>>,
    table: Table,
    /// Why libraries were not loaded.
    refusals: Vec<String>,
    /// The plugins whose constructors failed.
    failed: Vec<String>,
}

impl<I: ?Sized + Interface> Plugins<I> {
    /// Loads every plugin in a folder. `prepare` gives the loader what plugins get. `add_foreign` is called for each
    /// library without plugbox records, and adds its row.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or this process cannot load plugins.
    ///
    /// # Safety
    ///
    /// As for [`Trust::directory`].
    pub unsafe fn of_folder(
        folder: &Path,
        prepare: impl FnOnce(Loader) -> Loader,
        mut add_foreign: impl FnMut(&mut Self, &Report<I>, &Path),
    ) -> anyhow::Result<Self> {
        // SAFETY: the caller vouches for the folder.
        let trust = unsafe { Trust::directory(folder) }.context("cannot load plugins")?;
        let loader = prepare(Loader::new(trust));
        let report = loader.load_dir::<I>(folder).context("cannot load plugins")?;
        let mut plugins = Self::none();
        for file in report.files() {
            match file {
                FileOutcome::Loaded { plugins: loaded, .. } => plugins.table.add_loaded(loaded),
                FileOutcome::Failed(error) => plugins.refuse(error),
                FileOutcome::PassedOver(other) => plugins.table.add_passed_over(&other.path),
                FileOutcome::Foreign { path, .. } => add_foreign(&mut plugins, &report, path),
                _ => {}
            }
        }
        plugins.loaded.extend(report.into_loaded());
        Ok(plugins)
    }

    /// Loads the plugins of libraries that cargo has just built into one folder. `prepare` gives the loader what plugins
    /// get.
    ///
    /// # Errors
    ///
    /// The folder is missing.
    ///
    /// # Safety
    ///
    /// As for [`Trust::directory`], with the folder of the libraries.
    pub unsafe fn of_libraries(libraries: &[PathBuf], prepare: impl FnOnce(Loader) -> Loader) -> anyhow::Result<Self> {
        let mut plugins = Self::none();
        if let Some(folder) = libraries.first().and_then(|library| library.parent()) {
            // SAFETY: the caller vouches for the folder.
            let trust = unsafe { Trust::directory(folder) }?;
            // A group that can write to cargo's output can also write to this program.
            let loader = prepare(Loader::new(trust.allow_group_writable()));
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

    /// Adds a plugin that the host has loaded itself.
    pub fn add(&mut self, row: Row, plugin: Loaded<I>) {
        self.table.add(row);
        self.loaded.push(plugin);
    }

    /// Adds a library that the host refuses itself, with the reason, and with the plugin whose constructor failed, if
    /// any.
    pub fn add_refused(&mut self, row: Row, reason: String, failed: Option<String>) {
        self.table.add(row);
        self.refusals.push(reason);
        self.failed.extend(failed);
    }

    /// Adds a library that is not a plugin, or that nobody asked for.
    pub fn add_ignored(&mut self, row: Row) {
        self.table.add(row);
    }

    /// Shows a table of all libraries, and below it why some were not loaded.
    pub fn show(&self) {
        message::note(&self.table);
        for refusal in &self.refusals {
            message::warning(refusal);
        }
    }

    /// Whether a plugin of this name exists, even if its constructor failed.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.loaded.iter().any(|plugin| Loaded::info(plugin).name == name)
            || self.failed.iter().any(|failed| failed == name)
    }

    /// Whether every library was loaded, apart from those that are not plugins.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.refusals.is_empty()
    }
}

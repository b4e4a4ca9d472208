//! Plugins in C: libraries without plugbox records, which the user vouches for.

use std::path::Path;
use std::time::Instant;

use c_bridge::Library;
use c_bridge::abi::PLUGIN_VERSION;
use edit_api::Plugin;
use examples_shared::configs::Configs;
use examples_shared::plugins::Plugins;
use examples_shared::table::{Row, milliseconds, size};
use plugbox_loader::{Loaded, Report};

/// Why a C library was not loaded.
struct CRefusal {
    reason: String,
    /// The plugin that rejected its configuration, if that is the reason.
    failed: Option<String>,
}

/// Adds a library that the loader calls foreign: the file is trusted, whole and for this machine, but has no plugbox
/// records. Loads it if it exports the C interface and the user asked for such plugins.
pub(crate) fn add(
    plugins: &mut Plugins<dyn Plugin>,
    report: &Report<dyn Plugin>,
    path: &Path,
    asked: bool,
    configs: &Configs,
) {
    let started = Instant::now();
    let library = match Library::look(path) {
        Ok(Some(library)) if asked => library,
        Ok(Some(_)) => return plugins.add_ignored(row(path, "not loaded without --c-plugins")),
        Err(error) if asked => return add_refused(plugins, path, error.into()),
        Ok(None) | Err(_) => return plugins.add_ignored(Row::of_foreign(path)),
    };
    let is_taken = |name: &str| {
        let mut loaded = plugins.loaded.iter().chain(report.loaded());
        loaded.any(|plugin| Loaded::info(plugin).name == name)
    };
    let library_size = library.size();
    match load(library, configs, is_taken) {
        Ok(plugin) => {
            let info = Loaded::info(&plugin);
            let row = Row {
                plugin: info.name.clone(),
                version: info.version.to_string(),
                interface: format!("plugin.h {PLUGIN_VERSION}"),
                size: size(library_size),
                load_time: milliseconds(started.elapsed()),
                verdict: "loaded".to_owned(),
                ..Row::default()
            };
            plugins.add(row, plugin);
        }
        Err(refusal) => add_refused(plugins, path, refusal),
    }
}

fn add_refused(plugins: &mut Plugins<dyn Plugin>, path: &Path, CRefusal { reason, failed }: CRefusal) {
    let verdict = if failed.is_some() { "failed" } else { "refused" };
    plugins.add_refused(row(path, verdict), reason, failed);
}

fn row(path: &Path, verdict: &str) -> Row {
    Row { interface: "plugin.h".to_owned(), verdict: verdict.to_owned(), ..Row::of_file(path) }
}

fn load(library: Library, configs: &Configs, is_taken: impl Fn(&str) -> bool) -> Result<Loaded<dyn Plugin>, CRefusal> {
    // SAFETY: with `--c-plugins` the user vouches for the libraries in this folder; the help says that this is trust.
    let mut plugin = unsafe { library.register() }?;
    let name = plugin.name().to_owned();
    if is_taken(&name) {
        let path = plugin.path().display();
        let reason = format!("{path}: a plugin named `{name}` is already loaded; remove one of them, or rename one");
        return Err(CRefusal { reason, failed: None });
    }
    if let Some(text) = configs.of(&name) {
        plugin.configure(text)?;
    }
    Ok(Loaded::linked(name, plugin.release().clone(), Box::new(plugin)))
}

impl From<c_bridge::LoadError> for CRefusal {
    fn from(error: c_bridge::LoadError) -> Self {
        Self { reason: error.to_string(), failed: error.plugin().map(str::to_owned) }
    }
}

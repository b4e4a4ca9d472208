//! Plugins in C: libraries that carry no records of plugbox, and that the user vouches for.

use std::path::Path;
use std::time::{Duration, Instant};

use c_bridge::Library;
use c_bridge::abi::PLUGIN_VERSION;
use edit_api::Plugin;
use examples_shared::configs::Configs;
use examples_shared::table::{Row, milliseconds, size};
use plugbox_loader::Loaded;

/// What became of a library that carries no records of plugbox.
pub(crate) enum CFile {
    Loaded(Box<CLoaded>),
    Refused(CRefusal),
    /// It is one of the C interface, and the user has not asked for those.
    NotAsked,
    /// It is somebody else's.
    Foreign,
}

/// A plugin in C that is loaded, and what is to be shown of it.
pub(crate) struct CLoaded {
    pub(crate) loaded: Loaded<dyn Plugin>,
    pub(crate) size: u64,
    pub(crate) load_time: Duration,
}

/// Why a library of the C interface was not loaded.
pub(crate) struct CRefusal {
    pub(crate) why: String,
    /// The plugin, where it could not work with its configuration.
    pub(crate) failed: Option<String>,
}

impl CLoaded {
    /// What is to be shown of it.
    pub(crate) fn row(&self) -> Row {
        let info = Loaded::info(&self.loaded);
        Row {
            plugin: info.name.clone(),
            version: info.version.to_string(),
            interface: format!("plugin.h {PLUGIN_VERSION}"),
            size: size(self.size),
            load_time: milliseconds(self.load_time),
            verdict: "loaded".to_owned(),
            ..Row::default()
        }
    }
}

impl CRefusal {
    /// What is to be shown of its library.
    pub(crate) fn row(&self, path: &Path) -> Row {
        row(path, if self.failed.is_some() { "failed" } else { "refused" })
    }
}

/// What is to be shown of a library of the C interface that the user has not asked for.
pub(crate) fn row_of_not_asked(path: &Path) -> Row {
    row(path, "not loaded without --c-plugins")
}

fn row(path: &Path, verdict: &str) -> Row {
    Row { interface: "plugin.h".to_owned(), verdict: verdict.to_owned(), ..Row::of_file(path) }
}

/// Loads a library that the loader calls foreign: it trusts the file, which is whole and for this machine, and found no
/// records in it.
pub(crate) fn of_file(path: &Path, asked: bool, configs: &Configs, is_taken: impl Fn(&str) -> bool) -> CFile {
    let started = Instant::now();
    match Library::look(path) {
        Ok(Some(library)) if asked => {
            let size = library.size();
            match load(library, configs, is_taken) {
                Ok(loaded) => CFile::Loaded(Box::new(CLoaded { loaded, size, load_time: started.elapsed() })),
                Err(refusal) => CFile::Refused(refusal),
            }
        }
        Ok(Some(_)) => CFile::NotAsked,
        Err(error) if asked => CFile::Refused(error.into()),
        Ok(None) | Err(_) => CFile::Foreign,
    }
}

fn load(library: Library, configs: &Configs, is_taken: impl Fn(&str) -> bool) -> Result<Loaded<dyn Plugin>, CRefusal> {
    // SAFETY: `--c-plugins` is the user's word for the libraries in this folder, and its help says that this is trust.
    let mut plugin = unsafe { library.register() }?;
    let name = plugin.name().to_owned();
    if is_taken(&name) {
        let path = plugin.path().display();
        let why = format!("{path}: another plugin is called `{name}`; remove one of them, or give one another name");
        return Err(CRefusal { why, failed: None });
    }
    if let Some(text) = configs.of(&name) {
        plugin.configure(text)?;
    }
    Ok(Loaded::linked(name, plugin.release().clone(), Box::new(plugin)))
}

impl From<c_bridge::LoadError> for CRefusal {
    fn from(error: c_bridge::LoadError) -> Self {
        Self { why: error.to_string(), failed: error.plugin().map(str::to_owned) }
    }
}

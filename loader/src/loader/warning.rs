//! Warnings of a report: what is no error, and probably not what the host wants.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::errors::shown;

/// Something in a folder, or missing there, that is no error and probably a mistake.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # fn show(report: plugbox_loader::Report<dyn Plugin>) {
/// for warning in report.warnings() {
///     eprintln!("{warning}");
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// [`Loader::configure`](crate::Loader::configure) names a plugin that no library in the folder has, whether it was
    /// loaded or refused.
    #[non_exhaustive]
    UnknownPlugin {
        /// The name that is configured.
        name: String,
        /// The folder.
        folder: PathBuf,
        /// The names of the plugins in the folder, sorted.
        known: Vec<String>,
    },
    /// The folder has no library that can be loaded, and it has Rust libraries that only rustc can use. Cargo writes
    /// them for a plugin whose crate type is not `cdylib`.
    #[non_exhaustive]
    OnlyRlibs {
        /// The folder.
        folder: PathBuf,
        /// The Rust libraries, sorted.
        files: Vec<PathBuf>,
    },
}

impl fmt::Display for Warning {
    /// Writes one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPlugin { name, folder, known } => {
                write!(
                    f,
                    "{}: `{name}` is configured, but no library here has a plugin of this name",
                    folder.display()
                )?;
                if known.is_empty() {
                    return Ok(());
                }
                let known: Vec<String> = known.iter().map(shown).collect();
                write!(f, "; they have {}", known.join(", "))
            }
            Self::OnlyRlibs { folder, files } => {
                let names = files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy());
                let names = names.collect::<Vec<_>>().join(", ");
                write!(f, "{}: no library here can be loaded, only used by rustc ({names}); {CDYLIB}", folder.display())
            }
        }
    }
}

/// What the author of a plugin does about a library that cargo has not built.
pub(super) const CDYLIB: &str =
    "to build a plugin that can be loaded, write `crate-type = [\"cdylib\"]` under `[lib]` in its Cargo.toml";

/// The configured names that no library of the folder has.
///
/// Only a folder is asked: of a single file nobody knows whether the host loads another one next.
pub(super) fn unknown_plugins(settings: &Settings, folder: &Path, known: &BTreeSet<String>) -> Vec<Warning> {
    let names: BTreeSet<&String> = settings.configs.keys().filter(|name| !known.contains(*name)).collect();
    let unknown = |name: &String| Warning::UnknownPlugin {
        name: name.clone(),
        folder: folder.to_owned(),
        known: known.iter().cloned().collect(),
    };
    names.into_iter().map(unknown).collect()
}

//! The report on a folder: the outcome for every library.

use std::fmt;
use std::path::{Path, PathBuf};

use super::warning::Warning;
use crate::errors::{LoadError, Reason, shown};
use crate::loaded::Loaded;
use crate::manifest::PluginVersion;

/// The outcome for every library in a folder, in the order of their names.
///
/// Its `Display` text has several lines: the loaded plugins, each refused library with all reasons, the builds that
/// were passed over, and the libraries that are not plugins. The [warnings](Warning) come last.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # fn show(report: plugbox_loader::Report<dyn Plugin>) {
/// println!("{} loaded, {} not loaded", report.loaded().count(), report.failures().count());
/// for plugin in report.into_loaded() {
///     println!("{}", plugin.name());
/// }
/// # }
/// ```
#[must_use]
pub struct Report<I: ?Sized> {
    files: Vec<FileOutcome<I>>,
    warnings: Vec<Warning>,
}

/// The outcome for one library.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// # fn show(report: plugbox_loader::Report<dyn Plugin>) {
/// use plugbox_loader::FileOutcome;
/// for file in &report {
///     match file {
///         FileOutcome::Loaded { path, plugins, .. } => println!("{}: {} plugins", path.display(), plugins.len()),
///         FileOutcome::Failed(error) => eprintln!("{error}"),
///         FileOutcome::PassedOver(other) => println!("{other}"),
///         _ => {}
///     }
/// }
/// # }
/// ```
#[non_exhaustive]
pub enum FileOutcome<I: ?Sized> {
    /// The library's plugins are loaded.
    #[non_exhaustive]
    Loaded {
        /// The file.
        path: PathBuf,
        /// The library's plugins for the interface; at least one.
        plugins: Vec<Loaded<I>>,
    },
    /// The library was refused, or could not be loaded.
    Failed(LoadError),
    /// The library was passed over, because a different file with a build of the same plugins was chosen.
    PassedOver(PassedOver),
    /// The library has no plugbox records ([`no-manifest`](crate::Code::NoManifest)), so it is not a plugin.
    #[non_exhaustive]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

impl<I: ?Sized> FileOutcome<I> {
    /// The file; `None` if an error concerns no file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Loaded { path, .. } | Self::Foreign { path } => Some(path),
            Self::Failed(error) => error.path(),
            Self::PassedOver(passed_over) => Some(&passed_over.path),
        }
    }
}

// Not derived: `dyn Trait` need not be `Debug`.
impl<I: ?Sized> fmt::Debug for FileOutcome<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded { path, plugins } => {
                f.debug_struct("Loaded").field("path", path).field("plugins", plugins).finish()
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::PassedOver(passed_over) => f.debug_tuple("PassedOver").field(passed_over).finish(),
            Self::Foreign { path } => f.debug_struct("Foreign").field("path", path).finish(),
        }
    }
}

impl<I: ?Sized> fmt::Debug for Report<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("files", &self.files).field("warnings", &self.warnings).finish()
    }
}

/// A library that was not loaded, because a different build of the same plugins in the folder was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// The file.
    pub path: PathBuf,
    /// The names and versions of the library's plugins, sorted.
    pub plugins: Vec<PluginVersion>,
    /// The file that was chosen.
    pub chosen: PathBuf,
    /// The reasons why the library does not fit. Empty if the library fits, but its version is not higher than that of
    /// the chosen file.
    pub reasons: Vec<Reason>,
}

impl PassedOver {
    /// Creates the outcome of the library at `path`, which was passed over for the library at `chosen`.
    #[must_use]
    pub fn new(
        path: impl Into<PathBuf>,
        plugins: Vec<PluginVersion>,
        chosen: impl Into<PathBuf>,
        reasons: Vec<Reason>,
    ) -> Self {
        Self { path: path.into(), plugins, chosen: chosen.into(), reasons }
    }
}

impl fmt::Display for PassedOver {
    /// Writes one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: passed over for {}: ", self.path.display(), self.chosen.display())?;
        let plugins: Vec<String> = self.plugins.iter().map(|plugin| shown(plugin.to_string())).collect();
        f.write_str(&plugins.join(", "))?;
        if self.reasons.is_empty() {
            return f.write_str(" is not the highest version that fits, or not the first file with that version");
        }
        f.write_str(" was built for other hosts")?;
        for (index, reason) in self.reasons.iter().enumerate() {
            write!(f, "{} {}: {}", if index == 0 { ":" } else { ";" }, reason.code, reason.plugin)?;
        }
        Ok(())
    }
}

impl<I: ?Sized> Report<I> {
    pub(crate) fn new(files: Vec<FileOutcome<I>>, warnings: Vec<Warning>) -> Self {
        Self { files, warnings }
    }

    /// The outcome for every library, in the order of their names.
    #[must_use]
    pub fn files(&self) -> &[FileOutcome<I>] {
        &self.files
    }

    /// The loaded plugins.
    pub fn loaded(&self) -> impl Iterator<Item = &Loaded<I>> {
        self.files.iter().flat_map(|file| match file {
            FileOutcome::Loaded { plugins, .. } => plugins.as_slice(),
            _ => &[],
        })
    }

    /// Returns the loaded plugins by value, and drops the rest of the report.
    #[must_use]
    pub fn into_loaded(self) -> Vec<Loaded<I>> {
        let loaded = self.files.into_iter().filter_map(|file| match file {
            FileOutcome::Loaded { plugins, .. } => Some(plugins),
            _ => None,
        });
        loaded.flatten().collect()
    }

    /// The errors of the libraries that were refused or could not be loaded.
    pub fn failures(&self) -> impl Iterator<Item = &LoadError> {
        self.files.iter().filter_map(|file| match file {
            FileOutcome::Failed(error) => Some(error),
            _ => None,
        })
    }

    /// The builds that were passed over: those for different compilers, targets, processors or versions of the API, and
    /// those that do not have the highest version.
    pub fn passed_over(&self) -> impl Iterator<Item = &PassedOver> {
        self.files.iter().filter_map(|file| match file {
            FileOutcome::PassedOver(passed_over) => Some(passed_over),
            _ => None,
        })
    }

    /// What is no error and probably a mistake, such as a configured name that no plugin has.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The libraries without plugbox records.
    pub fn foreign(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter_map(|file| match file {
            FileOutcome::Foreign { path } => Some(path),
            _ => None,
        })
    }
}

impl<I: ?Sized> IntoIterator for Report<I> {
    type Item = FileOutcome<I>;
    type IntoIter = std::vec::IntoIter<FileOutcome<I>>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.into_iter()
    }
}

impl<'a, I: ?Sized> IntoIterator for &'a Report<I> {
    type Item = &'a FileOutcome<I>;
    type IntoIter = std::slice::Iter<'a, FileOutcome<I>>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.iter()
    }
}

impl<I: ?Sized> fmt::Display for Report<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, file) in self.files.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            match file {
                FileOutcome::Loaded { path, plugins } => {
                    let names = plugins
                        .iter()
                        .map(|plugin| format!("{} {}", Loaded::info(plugin).name, Loaded::info(plugin).version));
                    write!(f, "{}: loaded {}", path.display(), names.collect::<Vec<_>>().join(", "))?;
                    if !plugins.iter().all(|plugin| Loaded::info(plugin).pinned) {
                        f.write_str(" (not pinned)")?;
                    }
                }
                FileOutcome::Failed(error) => error.fmt(f)?,
                FileOutcome::PassedOver(passed_over) => passed_over.fmt(f)?,
                FileOutcome::Foreign { path } => write!(f, "{}: not a plugin (no-manifest)", path.display())?,
            }
        }
        for (index, warning) in self.warnings.iter().enumerate() {
            if index > 0 || !self.files.is_empty() {
                writeln!(f)?;
            }
            warning.fmt(f)?;
        }
        Ok(())
    }
}

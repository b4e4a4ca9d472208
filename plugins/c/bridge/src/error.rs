//! Errors of loading.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::abi::PLUGIN_VERSION;
use crate::text::BadText;

/// Why a C library was not loaded: the file, the value found, and the value expected.
#[derive(Debug)]
pub struct LoadError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
pub(crate) enum Problem {
    Io { doing: &'static str, source: io::Error },
    Large { size: u64, most: u64 },
    NotLoadable(String),
    Map(libloading::Error),
    Null,
    Misplaced { address: usize, found: &'static str },
    Version { found: u32 },
    Size { found: u32, least: usize, most: usize },
    Text { field: &'static str, text: BadText },
    Name { found: String },
    Release { found: String, source: semver::Error },
    NoCode { callback: &'static str, address: usize },
    Missing { callback: &'static str, needed_by: &'static str },
    Configuration { plugin: String, message: String },
}

impl LoadError {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The plugin that rejected its configuration, if that is the error.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        match &self.problem {
            Problem::Configuration { plugin, .. } => Some(plugin),
            _ => None,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl std::error::Error for LoadError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => write!(f, "cannot {doing}: {source}"),
            Self::Large { size, most } => write!(f, "it has {size} bytes, expected at most {most}"),
            Self::NotLoadable(what) => write!(f, "this process cannot load it: {what}"),
            Self::Map(source) => {
                write!(f, "the system cannot open it: {source}")?;
                // On Windows, the reason is apart from the function that failed.
                std::error::Error::source(source).map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::Null => f.write_str("`plugin_register` returned NULL: the plugin reports that it cannot work"),
            Self::Misplaced { address, found } => {
                write!(f, "`plugin_register` returned {address:#x}, {found}; return a pointer to a `static Plugin`")
            }
            Self::Version { found } => write!(
                f,
                "`version` is {found}, expected {PLUGIN_VERSION}; build it with the `plugin.h` of this editor, and set \
                 `version` to PLUGIN_VERSION"
            ),
            Self::Size { found, least, most } => write!(
                f,
                "`size` is {found}, expected {least} to {most} and a multiple of the size of a pointer; set it to \
                 sizeof(Plugin), and build it with the `plugin.h` of this editor"
            ),
            Self::Text { field, text } => write!(f, "`{field}` {text}"),
            Self::Name { found } => {
                write!(f, "`name` is {found:?}, expected 1 to 64 ASCII letters, digits, `-` and `_`")
            }
            Self::Release { found, source } => {
                write!(f, "`release` is {found:?}, expected a version such as `1.2.0`: {source}")
            }
            Self::NoCode { callback, address } => write!(
                f,
                "`{callback}` is {address:#x}, which is not the address of code; initialize the whole struct, and \
                 leave callbacks that you do not need NULL"
            ),
            Self::Missing { callback, needed_by } => {
                write!(f, "`{callback}` is NULL, but `{needed_by}` requires it")
            }
            Self::Configuration { plugin, message } => {
                write!(f, "plugin {plugin} rejects its configuration: {message}")
            }
        }
    }
}

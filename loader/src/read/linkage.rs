//! What a library asks of the system's loader: the libraries that it needs, where they are searched for, the release of
//! the C library, its stack and its thread-local memory.

use std::ffi::OsString;
use std::fmt;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use object::{Endianness, FileKind, elf, macho, pe};

use super::error::ReadError;
use super::file::Opened;
use super::needs::{MAX_NAMES, Needs};
use super::window::FileWindows;
use super::{dylibs, dynamic, imports};

/// What a library asks of the system's loader. Empty for a file that is no object file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Linkage {
    /// The object format, which decides what the names mean: `elf`, `pe` or `mach-o`.
    pub format: &'static str,
    /// The names of the libraries that it needs, as written: `DT_NEEDED` of an ELF file, the imports and delayed imports of
    /// a PE file, and the dylibs that a Mach-O file loads.
    pub needed: Vec<String>,
    /// The folders in which the system's loader searches for them first, as written. In an ELF file (`DT_RUNPATH`, or else
    /// `DT_RPATH`) `$ORIGIN` is the folder of the library, and an empty entry is the working directory. In a Mach-O file
    /// (`LC_RPATH`) `@loader_path` is the folder of the library. A PE file has none.
    pub run_path: Vec<String>,
    /// The earliest release of the GNU C library that has all symbols that it needs.
    pub glibc: Option<GlibcRelease>,
    /// Whether the system's loader would make the stack of every thread executable.
    pub executable_stack: bool,
    /// The size of its thread-local variables, in bytes, if their place must be in the *static* block: a small block that
    /// the C library reserves when the process starts.
    pub static_tls: u64,
}

impl Linkage {
    /// Creates the linkage of a library that needs these libraries, and nothing else. The object format is `elf`, `pe` or
    /// `mach-o`.
    #[must_use]
    pub fn new(format: &'static str, needed: Vec<String>) -> Self {
        Self { format, needed, ..Self::default() }
    }

    /// The linkage, from the names at the offsets of `needs`.
    fn named(format: &'static str, needs: &Needs, names: &[impl AsRef<str>]) -> Self {
        let (needed, names) = names.split_at(needs.needed.len());
        let (run_path, versions) = names.split_at(needs.run_path.len());
        let lists = run_path.iter().map(AsRef::as_ref).filter(|list| !list.is_empty());
        let entries = lists.flat_map(|list| if format == "elf" { list.split(':') } else { list.split('\0') });
        Self {
            format,
            needed: needed.iter().map(|name| name.as_ref().to_owned()).collect(),
            run_path: entries.map(str::to_owned).collect(),
            glibc: versions.iter().filter_map(|version| GlibcRelease::of_version(version.as_ref())).max(),
            executable_stack: needs.executable_stack,
            static_tls: needs.static_tls,
        }
    }

    /// Searches for a library that this library, which lies in `folder`, needs: in its [`run_path`](Self::run_path), or at
    /// the name itself if that has a slash; for a PE file, in `folder`. The result is relative to `folder` if the path
    /// begins with `$ORIGIN` or `@loader_path`, or if this is a PE file, and absolute otherwise.
    #[must_use]
    pub fn find(&self, folder: &Path, name: &str) -> Option<PathBuf> {
        self.places(name).into_iter().find(|place| folder.join(place).is_file())
    }

    /// The places at which the system's loader searches for a library, one after another, in the form of [`find`](Self::find).
    pub(crate) fn places(&self, name: &str) -> Vec<PathBuf> {
        let in_run_path =
            |name: &str| self.run_path.iter().filter_map(|entry| Some(place(entry)?.join(name))).collect();
        match name.strip_prefix("@rpath/") {
            Some(name) => in_run_path(name),
            None if self.format == "pe" && name.contains(['/', '\\', ':']) => Vec::new(),
            None if self.format == "pe" => vec![name.into()],
            // To dyld(1), a plain name is a path in the working directory.
            None if name.contains('/') || self.format == "mach-o" => place(name).into_iter().collect(),
            None => in_run_path(name),
        }
    }

    /// The name in the one form that all spellings have which the system's loader takes for the same.
    pub(crate) fn same_name(&self, name: &str) -> String {
        if self.format == "pe" { name.to_ascii_lowercase() } else { name.to_owned() }
    }

    /// The path in the one form that all spellings have which the system takes for the same.
    pub(crate) fn same_path(&self, path: &Path) -> OsString {
        if self.format == "pe" { path.as_os_str().to_ascii_lowercase() } else { path.as_os_str().to_owned() }
    }

    /// Whether a list has a name, as the system's loader compares names: it ignores case in those of a PE file.
    #[must_use]
    pub fn lists<'a>(&self, names: impl IntoIterator<Item = &'a str>, name: &str) -> bool {
        let is_equal = |one: &str| one == name || self.format == "pe" && one.eq_ignore_ascii_case(name);
        names.into_iter().any(is_equal)
    }

    /// The number of folders above the library's own in which the system's loader searches.
    pub(crate) fn levels_up(&self) -> usize {
        let up = |path: &str| {
            let (mut level, mut least) = (0_isize, 0);
            for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
                level += if part == ".." { -1 } else { 1 };
                least = least.min(level);
            }
            least.unsigned_abs()
        };
        let paths = self.run_path.iter().chain(&self.needed);
        paths.filter_map(|path| relative_to_origin(path)).map(up).max().unwrap_or(0)
    }
}

/// Where a path leads, as the system's loader reads it. `None` if it has a variable other than the library's folder.
fn place(path: &str) -> Option<PathBuf> {
    let from_origin = relative_to_origin(path);
    match from_origin {
        _ if from_origin.unwrap_or(path).contains('$') => None,
        None if path.starts_with('@') => None,
        Some(rest) => Some(PathBuf::from(rest)),
        None if path.starts_with('/') => Some(PathBuf::from(path)),
        // All others lead to the working directory, also an empty one.
        None => Some(std::env::current_dir().ok()?.join(path)),
    }
}

/// The rest of a path that begins with the folder of the library, `$ORIGIN` or `@loader_path`, without a slash at the
/// beginning.
fn relative_to_origin(entry: &str) -> Option<&str> {
    let rest = ["$ORIGIN", "${ORIGIN}", "@loader_path"].iter().find_map(|origin| entry.strip_prefix(origin))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/').map(|rest| rest.trim_start_matches('/')) }
}

/// A release of the GNU C library, such as 2.36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GlibcRelease {
    major: u32,
    minor: u32,
}

impl GlibcRelease {
    /// Reads a release from a text such as `2.36`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, rest) = text.split_once('.')?;
        let (minor, _) = rest.split_once('.').unwrap_or((rest, ""));
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// The release that first had the symbols of a version such as `GLIBC_2.34`.
    fn of_version(name: &str) -> Option<Self> {
        match name.strip_prefix("GLIBC_")? {
            // The loader of this release was the first to read packed relocations.
            "ABI_DT_RELR" => Some(Self { major: 2, minor: 36 }),
            release => Self::parse(release),
        }
    }
}

impl fmt::Display for GlibcRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Reads what the library at `path` asks of the system's loader.
///
/// # Errors
///
/// Returns a [`ReadError`] if the file, or the table with the libraries that it needs, cannot be read.
///
/// # Examples
///
/// ```
/// let linkage = plugbox_loader::inspect::linkage(&std::env::current_exe()?)?;
/// assert!(linkage.needed.iter().any(|name| name.starts_with("libc.")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn linkage(path: &Path) -> Result<Linkage, ReadError> {
    linkage_of(&mut Opened::open(path)?)
}

/// Reads what the library in an open file, or in bytes, asks of the system's loader.
///
/// # Errors
///
/// Returns the errors of [`linkage`].
pub fn linkage_of<F: Read + Seek>(file: &mut F) -> Result<Linkage, ReadError> {
    let pieces = FileWindows::of(file)?;
    let whole = pieces.whole();
    let kind = FileKind::parse(whole).ok();
    let (format, table, needs) = match kind {
        Some(FileKind::Elf32) => ("elf", DYNAMIC, dynamic::needs::<elf::FileHeader32<Endianness>, _>(whole)),
        Some(FileKind::Elf64) => ("elf", DYNAMIC, dynamic::needs::<elf::FileHeader64<Endianness>, _>(whole)),
        Some(FileKind::Pe32) => ("pe", IMPORTS, imports::needs::<pe::ImageNtHeaders32, _>(whole)),
        Some(FileKind::Pe64) => ("pe", IMPORTS, imports::needs::<pe::ImageNtHeaders64, _>(whole)),
        Some(kind @ (FileKind::MachO32 | FileKind::MachO64)) => ("mach-o", DYLIBS, dylibs::needs(kind, whole)),
        Some(FileKind::MachOFat32) => ("mach-o", DYLIBS, dylibs::fat_needs::<macho::FatArch32, _>(whole)),
        Some(FileKind::MachOFat64) => ("mach-o", DYLIBS, dylibs::fat_needs::<macho::FatArch64, _>(whole)),
        _ => return Ok(Linkage::default()),
    };
    let invalid = || ReadError::NotWhole(format!("the {table} is truncated or invalid"));
    let needs = needs.ok_or_else(invalid)?;
    let offsets = needs.offsets();
    if offsets.len() > MAX_NAMES {
        return Err(invalid());
    }
    if let Some(names) = needs.near_names(whole, &offsets) {
        return Ok(Linkage::named(format, &needs, &names));
    }
    let mut names = Vec::new();
    // The pieces that were read are forgotten after a few names, because the names of a large file may be anywhere in a
    // table of some megabytes.
    for few in offsets.chunks(8) {
        let pieces = FileWindows::of(file)?;
        for at in few {
            names.push(needs.name(pieces.whole(), *at).ok_or_else(invalid)?);
        }
    }
    Ok(Linkage::named(format, &needs, &names))
}

/// The table in which an ELF file names the libraries that it needs.
const DYNAMIC: &str = "dynamic section";
/// That of a PE file.
const IMPORTS: &str = "table of imports";
/// That of a Mach-O file.
const DYLIBS: &str = "list of load commands";

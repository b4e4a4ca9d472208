//! What an ELF file asks of the system's loader: the libraries that it needs (`DT_NEEDED`), the release of the C
//! library, its stack and its thread-local memory.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::fmt;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadRef, elf};

use super::error::ReadError;
use super::file::Opened;
use super::window::FileWindows;

/// The maximum size of a dynamic section, in bytes.
const MAX_DYNAMIC: u64 = 64 << 10;
/// The maximum length of a name, in bytes.
const MAX_NAME: u64 = 4096;
/// The maximum number of libraries and symbol versions that a file may need.
const MAX_NAMES: usize = 1024;

/// The maximum distance of names that are read together, in bytes.
const NEAR: u64 = 16 << 10;
/// The room for the last of them, in bytes.
const LAST_NAME: u64 = 256;

/// What a library asks of the system's loader. Empty for a file that is not an ELF file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Linkage {
    /// The names of the libraries that it needs, as written in its dynamic section.
    pub needed: Vec<String>,
    /// The folders in which the system's loader searches for them first (`DT_RUNPATH`, or else `DT_RPATH`), as written:
    /// `$ORIGIN` is the folder of the library, and an empty entry is the working directory.
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
    /// Creates the linkage of a library that needs these libraries, and nothing else.
    #[must_use]
    pub fn new(needed: Vec<String>) -> Self {
        Self { needed, ..Self::default() }
    }

    /// Searches for a library that this library, which lies in `folder`, needs: in its [`run_path`](Self::run_path), or at
    /// the name itself if that has a slash. The result is relative to `folder` if the path begins with `$ORIGIN`, and
    /// absolute otherwise.
    #[must_use]
    pub fn find(&self, folder: &Path, name: &str) -> Option<PathBuf> {
        let exists = |place: &PathBuf| folder.join(place).is_file();
        if name.contains('/') {
            return place(name).filter(exists);
        }
        self.run_path.iter().filter_map(|entry| Some(place(entry)?.join(name))).find(exists)
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

/// Where a path leads, as the system's loader reads it. `None` if it has a variable other than `$ORIGIN`.
fn place(path: &str) -> Option<PathBuf> {
    let from_origin = relative_to_origin(path);
    match from_origin {
        _ if from_origin.unwrap_or(path).contains('$') => None,
        Some(rest) => Some(PathBuf::from(rest)),
        None if path.starts_with('/') => Some(PathBuf::from(path)),
        // All others lead to the working directory, also an empty one.
        None => Some(std::env::current_dir().ok()?.join(path)),
    }
}

/// The rest of a path that begins with `$ORIGIN`, without a slash at the beginning.
fn relative_to_origin(entry: &str) -> Option<&str> {
    let rest = entry.strip_prefix("$ORIGIN").or_else(|| entry.strip_prefix("${ORIGIN}"))?;
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
/// Returns a [`ReadError`] if the file or its dynamic section cannot be read.
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
    let invalid = || ReadError::NotWhole("the dynamic section is truncated or invalid".to_owned());
    let pieces = FileWindows::of(file)?;
    let whole = pieces.whole();
    let tables = match FileKind::parse(whole) {
        Ok(FileKind::Elf32) => Tables::read::<elf::FileHeader32<Endianness>, _>(whole),
        Ok(FileKind::Elf64) => Tables::read::<elf::FileHeader64<Endianness>, _>(whole),
        _ => Some(Tables::default()),
    };
    let tables = tables.ok_or_else(invalid)?;
    let offsets: Vec<u64> =
        [&tables.needed, &tables.run_path, &tables.versions].into_iter().flatten().copied().collect();
    if offsets.len() > MAX_NAMES {
        return Err(invalid());
    }
    let span = offsets.iter().max().zip(offsets.iter().min()).map_or(0, |(last, first)| last - first);
    let near = if span <= NEAR { tables.near_names(whole, &offsets, span) } else { None };
    if let Some(names) = near {
        return Ok(tables.linkage(&names));
    }
    let mut names = Vec::new();
    // The pieces that were read are forgotten after a few names, because the names of a large file may be anywhere in a
    // table of some megabytes.
    for few in offsets.chunks(8) {
        let pieces = FileWindows::of(file)?;
        for at in few {
            names.push(tables.name(pieces.whole(), *at).ok_or_else(invalid)?);
        }
    }
    Ok(tables.linkage(&names))
}

/// What the headers and the dynamic section say, with names as offsets in the table of names.
#[derive(Default)]
struct Tables {
    /// The range of the table of names in the file.
    names: (u64, u64),
    needed: Vec<u64>,
    /// At most one.
    run_path: Vec<u64>,
    versions: Vec<u64>,
    executable_stack: bool,
    static_tls: u64,
}

impl Tables {
    /// `None` if the dynamic section is truncated or invalid.
    fn read<'data, Elf, R>(data: R) -> Option<Self>
    where
        Elf: FileHeader<Endian = Endianness>,
        R: ReadRef<'data>,
    {
        let header = Elf::parse(data).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, data).ok()?;
        let find = |kind| segments.iter().find(|segment| segment.p_type(endian) == kind);
        let executable_stack = match find(elf::PT_GNU_STACK) {
            Some(stack) => stack.p_flags(endian).contains(elf::PF_X),
            None => has_executable_stacks(header.e_machine(endian)),
        };
        let Some(dynamic) = find(elf::PT_DYNAMIC) else {
            return Some(Self { executable_stack, ..Self::default() });
        };
        if dynamic.p_filesz(endian).into() > MAX_DYNAMIC {
            return None;
        }
        let (mut needed, mut flags) = (Vec::new(), 0);
        let [mut names, mut run_path, mut r_path, mut versions] = [None; 4];
        for entry in dynamic.dynamic(endian, data).ok()?? {
            let value: u64 = entry.d_val(endian).into();
            match entry.d_tag(endian) {
                elf::DT_NULL => break,
                elf::DT_NEEDED => needed.push(value),
                elf::DT_STRTAB => names = names.or(Some(value)),
                elf::DT_RUNPATH => run_path = run_path.or(Some(value)),
                elf::DT_RPATH => r_path = r_path.or(Some(value)),
                elf::DT_VERNEED => versions = versions.or(Some(value)),
                elf::DT_FLAGS => flags = value,
                _ => {}
            }
        }
        // A table is given by its address in memory; this is the range from there to the end of its segment in the file.
        let range = |address: u64| {
            let loads = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
            let mut ranges = loads.filter_map(|segment| {
                let (start, offset): (u64, u64) = (segment.p_vaddr(endian).into(), segment.p_offset(endian).into());
                let len: u64 = segment.p_filesz(endian).into();
                let inside = address.checked_sub(start).filter(|inside| *inside < len)?;
                Some((offset.checked_add(inside)?, offset.checked_add(len)?))
            });
            ranges.next()
        };
        let run_path: Vec<u64> = run_path.or(r_path).into_iter().collect();
        let versions = match versions {
            Some(address) => needed_versions(data, endian, range(address)?.0)?,
            None => Vec::new(),
        };
        let names = match names {
            Some(address) => range(address)?,
            None if needed.is_empty() && run_path.is_empty() && versions.is_empty() => (0, 0),
            None => return None,
        };
        let thread_local = find(elf::PT_TLS).map_or(0, |segment| segment.p_memsz(endian).into());
        let static_tls = if flags & elf::DF_STATIC_TLS.0 == 0 { 0 } else { thread_local };
        Some(Self { names, needed, run_path, versions, executable_stack, static_tls })
    }

    /// The linkage, from the names at `needed`, `run_path` and `versions`.
    fn linkage(self, names: &[impl AsRef<str>]) -> Linkage {
        let (needed, names) = names.split_at(self.needed.len());
        let (run_path, versions) = names.split_at(self.run_path.len());
        let lists = run_path.iter().map(AsRef::as_ref).filter(|list| !list.is_empty());
        let entries = lists.flat_map(|list| list.split(':'));
        Linkage {
            needed: needed.iter().map(|name| name.as_ref().to_owned()).collect(),
            run_path: entries.map(str::to_owned).collect(),
            glibc: versions.iter().filter_map(|version| GlibcRelease::of_version(version.as_ref())).max(),
            executable_stack: self.executable_stack,
            static_tls: self.static_tls,
        }
    }

    /// The names at offsets within a span, from one piece of the file; `None` if one of them is not in this piece.
    fn near_names<'data>(&self, data: impl ReadRef<'data>, offsets: &[u64], span: u64) -> Option<Vec<&'data str>> {
        let Some(first) = offsets.iter().min() else { return Some(Vec::new()) };
        let (start, end) = self.names;
        let at = start.checked_add(*first)?;
        let piece = data.read_bytes_at(at, end.checked_sub(at)?.min(span + LAST_NAME)).ok()?;
        let name = |offset: &u64| {
            let rest = piece.get(usize::try_from(offset - first).ok()?..)?;
            let rest = rest.get(..MAX_NAME as usize).unwrap_or(rest);
            CStr::from_bytes_until_nul(rest).ok()?.to_str().ok()
        };
        offsets.iter().map(name).collect()
    }

    /// The name at an offset of the table of names; `None` if it is not inside, too long or not Unicode.
    fn name<'data>(&self, data: impl ReadRef<'data>, offset: u64) -> Option<String> {
        let (start, end) = self.names;
        let at = start.checked_add(offset).filter(|at| *at < end)?;
        let name = data.read_bytes_at_until(at..end.min(at.checked_add(MAX_NAME)?), 0).ok()?;
        String::from_utf8(name.to_vec()).ok()
    }
}

/// Whether glibc makes stacks executable for a file that does not say whether it needs that.
fn has_executable_stacks(machine: elf::Machine) -> bool {
    [elf::EM_386, elf::EM_X86_64, elf::EM_ARM, elf::EM_MIPS, elf::EM_S390].contains(&machine)
}

/// The offsets, in the table of names, of the symbol versions without which the system's loader refuses the file; sorted.
/// A weak version may be missing.
fn needed_versions<'data, R: ReadRef<'data>>(data: R, endian: Endianness, mut library: u64) -> Option<Vec<u64>> {
    let mut names = BTreeSet::new();
    for _ in 0..MAX_NAMES {
        let needed = data.read_at::<elf::Verneed<Endianness>>(library).ok()?;
        let mut version = library.checked_add(needed.vn_aux.get(endian).into())?;
        for _ in 0..needed.vn_cnt.get(endian) {
            let entry = data.read_at::<elf::Vernaux<Endianness>>(version).ok()?;
            if !entry.vna_flags.get(endian).contains(elf::VER_FLG_WEAK) {
                names.insert(entry.vna_name.get(endian).into());
            }
            version = version.checked_add(entry.vna_next.get(endian).into())?;
            if names.len() > MAX_NAMES {
                return None;
            }
        }
        match needed.vn_next.get(endian) {
            0 => return Some(names.into_iter().collect()),
            next => library = library.checked_add(next.into())?,
        }
    }
    None
}

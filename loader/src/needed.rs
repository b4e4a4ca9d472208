//! Libraries that a library needs (`DT_NEEDED`): the system's loader maps them and runs their initialisers with no
//! verdict, so each is a part of the platform, loaded already, or one that the host has allowed.

use std::collections::BTreeSet;
use std::io::{Read, Seek};
use std::path::Path;

use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadRef, elf};

use crate::bounded::Pieces;
use crate::errors::{Code, LoadError, Reason};
use crate::map;
use crate::opened::Opened;
use crate::read::ReadError;
use crate::stage::Staged;
use crate::trust::Trust;

/// What std itself links; glibc's programs have most of it loaded from the start.
const PLATFORM: [&str; 8] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libc.so",
];

/// The most bytes of a dynamic section, and of a name, that are looked at.
const MOST_DYNAMIC: u64 = 64 << 10;
const MOST_NAME: u64 = 4096;

/// The names of the libraries that the library at `path` needs, as they stand in its dynamic section; none where it is
/// no ELF file.
///
/// # Errors
///
/// [`ReadError`] where it cannot be read.
pub fn libraries(path: &Path) -> Result<Vec<String>, ReadError> {
    libraries_of(&mut Opened::open(path)?)
}

/// The same, of an open file or bytes.
///
/// # Errors
///
/// As [`libraries`].
pub fn libraries_of<F: Read + Seek>(file: &mut F) -> Result<Vec<String>, ReadError> {
    let pieces = Pieces::of(file)?;
    let whole = pieces.whole();
    match FileKind::parse(whole) {
        Ok(FileKind::Elf32) => names::<elf::FileHeader32<Endianness>, _>(whole),
        Ok(FileKind::Elf64) => names::<elf::FileHeader64<Endianness>, _>(whole),
        _ => Some(Vec::new()),
    }
    .ok_or_else(|| ReadError::NotWhole("its dynamic section is not whole".to_owned()))
}

/// The names; `None` where the dynamic section says what cannot be.
fn names<'data, Elf, R>(data: R) -> Option<Vec<String>>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let header = Elf::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, data).ok()?;
    let Some(dynamic) = segments.iter().find(|segment| segment.p_type(endian) == elf::PT_DYNAMIC) else {
        return Some(Vec::new());
    };
    if dynamic.p_filesz(endian).into() > MOST_DYNAMIC {
        return None;
    }
    let entries = dynamic.dynamic(endian, data).ok()??;
    let entries = || entries.iter().take_while(|entry| entry.d_tag(endian) != elf::DT_NULL);
    let table: u64 = match entries().find(|entry| entry.d_tag(endian) == elf::DT_STRTAB) {
        Some(table) => table.d_val(endian).into(),
        None => return entries().all(|entry| entry.d_tag(endian) != elf::DT_NEEDED).then(Vec::new),
    };
    // Where the table of names lies in the file.
    let loads = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
    let (start, end) = loads
        .filter_map(|segment| {
            let (address, offset): (u64, u64) = (segment.p_vaddr(endian).into(), segment.p_offset(endian).into());
            let len: u64 = segment.p_filesz(endian).into();
            let inside = table.checked_sub(address).filter(|inside| *inside < len)?;
            Some((offset.checked_add(inside)?, offset.checked_add(len)?))
        })
        .next()?;
    let needed = entries().filter(|entry| entry.d_tag(endian) == elf::DT_NEEDED);
    needed
        .map(|entry| {
            let at = start.checked_add(entry.d_val(endian).into()).filter(|at| *at < end)?;
            let name = data.read_bytes_at_until(at..end.min(at.checked_add(MOST_NAME)?), 0).ok()?;
            String::from_utf8(name.to_vec()).ok()
        })
        .collect()
}

/// Sees to what a staged library needs: what the host has allowed and lies beside the original is staged beside the copy.
///
/// # Errors
///
/// A reason for each library that nobody has vouched for, or that is not trusted where it lies; [`LoadError`] where one cannot be copied.
pub(crate) fn admit(
    original: &Path,
    staged: &mut Staged,
    allowed: &BTreeSet<String>,
    trust: &Trust,
) -> Result<Vec<Reason>, LoadError> {
    let mut reasons = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = needed(&mut staged.file, &mut reasons);
    while let Some(name) = open.pop() {
        if name.starts_with("libstd-") {
            reasons.push(shared_std(&name));
            continue;
        }
        if !seen.insert(name.clone()) || PLATFORM.contains(&name.as_str()) || is_linker(&name) || map::is_loaded(&name)
        {
            continue;
        }
        if !allowed.contains(&name) {
            reasons.push(not_allowed(&name));
            continue;
        }
        let beside = original.with_file_name(&name);
        if !name.contains('/') && beside.is_file() {
            let failed = |source| LoadError::Io { path: beside.clone(), doing: "look at it", source };
            let canonical = beside.canonicalize().map_err(failed)?;
            let (mut copy, found) = staged.beside(&beside)?;
            reasons.extend(trust.refuse(&canonical, &found));
            reasons.extend(trust.pinned(&canonical, &mut copy.file).map_err(failed)?.err());
            open.extend(needed(&mut copy, &mut reasons));
        }
    }
    Ok(reasons)
}

fn needed(file: &mut Opened, reasons: &mut Vec<Reason>) -> Vec<String> {
    libraries_of(file).unwrap_or_else(|error| {
        let whole = "a dynamic section that can be read";
        reasons.push(Reason::new(Code::NotWhole, whole, error.to_string(), "copy or build it again"));
        Vec::new()
    })
}

fn shared_std(name: &str) -> Reason {
    Reason::new(
        Code::FlagsDiffer,
        "a plugin with a std of its own",
        format!("a shared std (`-C prefer-dynamic`): it needs {name}"),
        "build the plugin without `-C prefer-dynamic`: a shared std allocates what the host cannot free",
    )
}

fn is_linker(name: &str) -> bool {
    ["ld-linux", "ld-musl", "ld64.", "ld.so"].iter().any(|linker| name.starts_with(linker))
}

fn not_allowed(name: &str) -> Reason {
    Reason::new(
        Code::NotTrusted,
        "a plugin needs what std links, what this process has loaded, and what the host has allowed",
        format!("it needs {name}, whose initialisers would run with no verdict"),
        format!(
            "`Loader::allow_library(\"{name}\")` if you trust it, or have the plugin link it statically (for many `-sys` \
             crates a feature `vendored` or `bundled`)"
        ),
    )
    .at(name)
}

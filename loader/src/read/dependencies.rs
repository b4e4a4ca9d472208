//! The names of the libraries that a library needs (`DT_NEEDED`).

use std::io::{Read, Seek};
use std::path::Path;

use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadRef, elf};

use super::error::ReadError;
use super::file::Opened;
use super::window::FileWindows;

/// The maximum size of a dynamic section, in bytes.
const MAX_DYNAMIC: u64 = 64 << 10;
/// The maximum length of a library's name, in bytes.
const MAX_NAME: u64 = 4096;

/// Lists the names of the libraries that the library at `path` needs, as written in its dynamic section; empty if the
/// file is not an ELF file.
///
/// # Errors
///
/// Returns a [`ReadError`] if the file or its dynamic section cannot be read.
pub fn dependencies(path: &Path) -> Result<Vec<String>, ReadError> {
    dependencies_of(&mut Opened::open(path)?)
}

/// Lists the names of the libraries that the library in an open file, or in bytes, needs.
///
/// # Errors
///
/// Returns the errors of [`dependencies`].
pub fn dependencies_of<F: Read + Seek>(file: &mut F) -> Result<Vec<String>, ReadError> {
    let pieces = FileWindows::of(file)?;
    let whole = pieces.whole();
    match FileKind::parse(whole) {
        Ok(FileKind::Elf32) => names::<elf::FileHeader32<Endianness>, _>(whole),
        Ok(FileKind::Elf64) => names::<elf::FileHeader64<Endianness>, _>(whole),
        _ => Some(Vec::new()),
    }
    .ok_or_else(|| ReadError::NotWhole("the dynamic section is truncated or invalid".to_owned()))
}

/// The names; `None` if the dynamic section is truncated or invalid.
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
    if dynamic.p_filesz(endian).into() > MAX_DYNAMIC {
        return None;
    }
    let entries = dynamic.dynamic(endian, data).ok()??;
    let entries = || entries.iter().take_while(|entry| entry.d_tag(endian) != elf::DT_NULL);
    let table: u64 = match entries().find(|entry| entry.d_tag(endian) == elf::DT_STRTAB) {
        Some(table) => table.d_val(endian).into(),
        None => return entries().all(|entry| entry.d_tag(endian) != elf::DT_NEEDED).then(Vec::new),
    };
    // The table of names is given by its address in memory; this is its range in the file.
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
            let name = data.read_bytes_at_until(at..end.min(at.checked_add(MAX_NAME)?), 0).ok()?;
            String::from_utf8(name.to_vec()).ok()
        })
        .collect()
}

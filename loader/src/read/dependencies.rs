//! The names of the libraries that a library needs (`DT_NEEDED`).

use std::io::{Read, Seek};
use std::path::Path;

use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, FileKind, ReadRef, elf};

use super::error::ReadError;
use super::file::Opened;
use super::window::FileWindows;

/// The most bytes of a dynamic section, and of a name, that are looked at.
const MAX_DYNAMIC: u64 = 64 << 10;
const MAX_NAME: u64 = 4096;

/// The names of the libraries that the library at `path` needs, as they stand in its dynamic section; none where it is
/// no ELF file.
///
/// # Errors
///
/// [`ReadError`] where it cannot be read.
pub fn dependencies(path: &Path) -> Result<Vec<String>, ReadError> {
    dependencies_of(&mut Opened::open(path)?)
}

/// The same, of an open file or bytes.
///
/// # Errors
///
/// As [`dependencies`].
pub fn dependencies_of<F: Read + Seek>(file: &mut F) -> Result<Vec<String>, ReadError> {
    let pieces = FileWindows::of(file)?;
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
    if dynamic.p_filesz(endian).into() > MAX_DYNAMIC {
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
            let name = data.read_bytes_at_until(at..end.min(at.checked_add(MAX_NAME)?), 0).ok()?;
            String::from_utf8(name.to_vec()).ok()
        })
        .collect()
}

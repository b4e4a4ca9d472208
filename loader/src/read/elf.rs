//! The reader for ELF files.

use std::borrow::Cow;

use object::read::ReadRef;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, FileKind, elf};

use super::container::Container;
use super::error::ReadError;
use super::image::Image;
use crate::manifest::{MAX_BYTES, Manifest, ManifestError, NoteBytes, RecordCache};

/// The maximum number of bytes that a second, longer read covers.
const LONGEST_LOOK: usize = 48 << 10;

/// The offset of the end of the last note, if a second read can cover it.
pub(super) fn records_end(kind: FileKind, first: &[u8]) -> Option<usize> {
    fn last<Elf: FileHeader<Endian = Endianness>>(first: &[u8]) -> Option<u64> {
        let header = Elf::parse(first).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, first).ok()?;
        let notes = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_NOTE);
        notes.map(|note| note.p_offset(endian).into().checked_add(note.p_filesz(endian).into())).max()?
    }
    let end = match kind {
        FileKind::Elf32 => last::<elf::FileHeader32<Endianness>>(first),
        FileKind::Elf64 => last::<elf::FileHeader64<Endianness>>(first),
        _ => None,
    };
    end.and_then(|end| usize::try_from(end).ok()).filter(|end| *end <= LONGEST_LOOK)
}

/// Reads an ELF image. Uses program headers alone, because the system's loader uses these, and because `strip` keeps
/// them.
pub(super) fn image<'data, Elf, R>(data: R, size: u64, cache: &RecordCache) -> Result<Image, ReadError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let cut = |what: &str| ReadError::NotWhole(format!("{what} extends beyond the end of the file ({size} bytes)"));
    let invalid = |what: &str| ReadError::NotALibrary(format!("the ELF header has {what}"));
    if data.read_bytes_at(0, size_of::<Elf>() as u64).is_err() {
        return Err(cut("the ELF header"));
    }
    let header = Elf::parse(data).map_err(|_| invalid("an invalid class, byte order or version"))?;
    let endian = header.endian().map_err(|_| invalid("an invalid byte order"))?;
    let shared = header.e_type(endian) == elf::ET_DYN;
    if !shared && header.e_type(endian) != elf::ET_EXEC {
        return Err(ReadError::NotALibrary("the ELF file is neither a library nor an executable".to_owned()));
    }
    if header.e_phnum(endian) > 0 && usize::from(header.e_phentsize(endian)) != size_of::<Elf::ProgramHeader>() {
        return Err(invalid("an invalid size of program headers"));
    }
    let segments = header.program_headers(endian, data).map_err(|_| cut("the table of program headers"))?;
    let mut whole = Ok(());
    let mut note_bytes = 0u64;
    let mut loads = 0;
    let mut linked = false;
    let mut program = false;
    for segment in segments {
        let (offset, len): (u64, u64) = (segment.p_offset(endian).into(), segment.p_filesz(endian).into());
        let inside = offset.checked_add(len).is_some_and(|end| end <= size);
        match segment.p_type(endian) {
            elf::PT_LOAD => {
                loads += 1;
                if !inside && whole.is_ok() {
                    whole = Err(format!(
                        "a segment of {len} bytes at offset {offset} extends beyond the end of the file ({size} bytes)"
                    ));
                }
            }
            elf::PT_DYNAMIC => {
                linked = len > 0;
                if !inside && whole.is_ok() {
                    whole = Err("the dynamic section extends beyond the end of the file".to_owned());
                }
            }
            elf::PT_INTERP => program = true,
            elf::PT_NOTE if inside => {
                note_bytes = note_bytes.saturating_add(len);
                if note_bytes <= MAX_BYTES as u64 {
                    segment.data(endian, data).map_err(|()| cut("a note"))?;
                }
            }
            elf::PT_NOTE if whole.is_ok() => {
                whole = Err("a note segment extends beyond the end of the file".to_owned())
            }
            _ => {}
        }
    }
    // A file of debug information has the headers of its library, but not the contents.
    if loads == 0 || shared && !linked {
        return Err(ReadError::NotALibrary("the ELF file has nothing to load (is it debug information?)".to_owned()));
    }
    let notes = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_NOTE);
    let notes = notes.filter_map(|segment| {
        let align = if segment.p_align(endian).into() == 8 { 8 } else { 4 };
        let little_endian = endian == Endianness::Little;
        Some(NoteBytes { bytes: segment.data(endian, data).ok()?, align, little_endian })
    });
    let manifest =
        if note_bytes > MAX_BYTES as u64 { Err(ManifestError::too_large()) } else { Manifest::read_with(notes, cache) };
    let bits = if header.is_class_64() { 64 } else { 32 };
    let machine = elf_machine(header.e_machine(endian), bits);
    let container = Container { format: "elf", machine, bits, little_endian: endian == Endianness::Little };
    Ok(Image { container, shared, program, manifest, whole, size, slices: Vec::new() })
}

fn elf_machine(machine: elf::Machine, bits: u8) -> Cow<'static, str> {
    let name = match machine {
        elf::EM_X86_64 => "x86_64",
        elf::EM_386 => "x86",
        elf::EM_AARCH64 => "aarch64",
        elf::EM_ARM => "arm",
        elf::EM_RISCV if bits == 64 => "riscv64",
        elf::EM_RISCV => "riscv32",
        elf::EM_PPC64 => "powerpc64",
        elf::EM_PPC => "powerpc",
        elf::EM_S390 => "s390x",
        elf::EM_LOONGARCH => "loongarch64",
        elf::EM_MIPS if bits == 64 => "mips64",
        elf::EM_MIPS => "mips",
        other => return format!("machine {other:?}").into(),
    };
    name.into()
}

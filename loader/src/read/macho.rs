//! The reader for Mach-O files, for one machine or several.

use std::borrow::Cow;
use std::io::{Read, Seek};

use object::read::macho::{FatArch, MachHeader, MachOFatFile, Section, Segment};
use object::{BigEndian, Endianness, FileKind, ReadRef, macho};

use super::container::Container;
use super::error::{ReadError, headers_are_cut};
use super::image::Image;
use super::sections::Sections;
use super::window::FilePart;
use crate::manifest::RecordCache;

/// The maximum number of machines of one Mach-O file. A Java class has the same first bytes, and then a version of at
/// least 45 in place of this number.
pub(super) const MAX_SLICES: u32 = 16;

pub(super) fn image<'data, R: ReadRef<'data>>(
    kind: FileKind,
    data: R,
    size: u64,
    cache: &RecordCache,
) -> Result<Image, ReadError> {
    match kind {
        FileKind::MachO32 => thin_image::<macho::MachHeader32<Endianness>, _>(data, size, cache),
        FileKind::MachO64 => thin_image::<macho::MachHeader64<Endianness>, _>(data, size, cache),
        other => Err(ReadError::NotALibrary(format!("the Mach-O file contains a file of kind {other:?}"))),
    }
}

/// Reads a Mach-O image for one machine.
fn thin_image<'data, Mach, R>(data: R, size: u64, cache: &RecordCache) -> Result<Image, ReadError>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let header = Mach::parse(data, 0).map_err(headers_are_cut)?;
    let endian = header.endian().map_err(headers_are_cut)?;
    let shared = match header.filetype(endian) {
        macho::MH_DYLIB | macho::MH_BUNDLE => true,
        macho::MH_EXECUTE => false,
        _ => {
            let what = "the Mach-O file is neither a library nor an executable";
            return Err(ReadError::NotALibrary(what.to_owned()));
        }
    };
    let little_endian = endian == Endianness::Little;
    let mut sections = Sections::new(size);
    let mut commands = header.load_commands(endian, data, 0).map_err(headers_are_cut)?;
    while let Some(command) = commands.next().map_err(headers_are_cut)? {
        let Some((segment, rest)) = Mach::Segment::from_command(command).map_err(headers_are_cut)? else { continue };
        sections.add(data, segment.name(), segment.file_range(endian), little_endian);
        for section in segment.sections(endian, rest).map_err(headers_are_cut)? {
            let len = section.file_size(endian).unwrap_or(0);
            sections.add(data, section.name(), (section.offset(endian).into(), len), little_endian);
        }
    }
    let machine = machine(header.cputype(endian));
    let bits = if header.is_type_64() { 64 } else { 32 };
    Ok(sections.image(Container { format: "mach-o", machine, bits, little_endian }, shared, cache))
}

/// The name of a machine.
pub(super) fn machine(kind: macho::CpuType) -> Cow<'static, str> {
    match kind {
        macho::CPU_TYPE_X86_64 => "x86_64".into(),
        macho::CPU_TYPE_X86 => "x86".into(),
        macho::CPU_TYPE_ARM64 => "aarch64".into(),
        macho::CPU_TYPE_ARM => "arm".into(),
        other => format!("machine {other:?}").into(),
    }
}

/// Reads a Mach-O file with images for several machines, and returns the image for this machine or, without one, the
/// first.
pub(super) fn fat_image<Fat: FatArch, F: Read + Seek>(
    data: FilePart<'_, '_, F>,
    size: u64,
    cache: &RecordCache,
) -> Result<Image, ReadError> {
    let count = data.read_at::<macho::FatHeader>(0).map_or(0, |header| header.nfat_arch.get(BigEndian));
    if count > MAX_SLICES {
        return Err(ReadError::NotALibrary(format!("the Mach-O file is for {count} machines (is it a Java class?)")));
    }
    let file = MachOFatFile::<Fat>::parse(data).map_err(headers_are_cut)?;
    let mut slices = Vec::new();
    for arch in file.arches() {
        let (offset, len) = arch.file_range();
        let Some(slice) = data.part(offset, len) else {
            let what = format!("the image for one of the machines extends beyond the end of the file ({size} bytes)");
            return Err(ReadError::NotWhole(what));
        };
        let kind = FileKind::parse(slice).map_err(headers_are_cut)?;
        slices.push(image(kind, slice, len, cache)?);
    }
    let machines: Vec<String> = slices.iter().map(|slice| slice.container.machine.to_string()).collect();
    let ours = slices.iter().position(|slice| slice.container.machine == std::env::consts::ARCH).unwrap_or(0);
    if slices.is_empty() {
        return Err(ReadError::NotALibrary("the Mach-O file contains no image".to_owned()));
    }
    Ok(Image { slices: machines, size, ..slices.swap_remove(ours) })
}

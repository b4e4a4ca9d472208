//! What a Mach-O file asks of the system's loader: the libraries and folders in its load commands.

use std::io::{Read, Seek};

use object::read::macho::{FatArch, MachHeader, MachOFatFile};
use object::{Endianness, FileKind, ReadRef, macho};

use super::macho::{MAX_SLICES, machine};
use super::needs::{MAX_NAMES, Needs};
use super::window::FilePart;

/// Reads what a file for one machine asks for. `None` if the load commands are truncated or invalid.
pub(super) fn needs<'data, R: ReadRef<'data>>(kind: FileKind, data: R) -> Option<Needs> {
    needs_at(kind, data, 0)
}

/// Reads what a file for several machines asks for on this machine or, without an image for it, on the first one.
pub(super) fn fat_needs<Fat: FatArch, F: Read + Seek>(data: FilePart<'_, '_, F>) -> Option<Needs> {
    let file = MachOFatFile::<Fat>::parse(data).ok()?;
    let slices = file.arches().iter().take(MAX_SLICES as usize).map(|arch| {
        let (offset, len) = arch.file_range();
        let is_ours = machine(arch.cputype()) == std::env::consts::ARCH;
        Some((is_ours, data.part(offset, len)?, offset))
    });
    let slices: Vec<_> = slices.collect::<Option<_>>()?;
    let (_, slice, offset) = slices.iter().find(|(is_ours, ..)| *is_ours).or(slices.first())?;
    needs_at(FileKind::parse(*slice).ok()?, *slice, *offset)
}

fn needs_at<'data, R: ReadRef<'data>>(kind: FileKind, data: R, start: u64) -> Option<Needs> {
    match kind {
        FileKind::MachO32 => thin_needs::<macho::MachHeader32<Endianness>, _>(data, start),
        FileKind::MachO64 => thin_needs::<macho::MachHeader64<Endianness>, _>(data, start),
        _ => None,
    }
}

/// Reads what the image at `start` in the file asks for.
fn thin_needs<'data, Mach, R>(data: R, start: u64) -> Option<Needs>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let header = Mach::parse(data, 0).ok()?;
    let endian = header.endian().ok()?;
    let mut commands = header.load_commands(endian, data, 0).ok()?;
    let (mut needed, mut run_path) = (Vec::new(), Vec::new());
    while let Some(command) = commands.next().ok()? {
        let (list, name) = if let Some(dylib) = command.dylib().ok()? {
            (&mut needed, dylib.dylib.name)
        } else if command.cmd() == macho::LC_RPATH {
            (&mut run_path, command.data::<macho::RpathCommand<Endianness>>().ok()?.path)
        } else {
            continue;
        };
        // The name ends inside the command.
        command.string(endian, name).ok()?;
        list.push(start.checked_add(command.offset())?.checked_add(name.offset.get(endian).into())?);
        if list.len() > MAX_NAMES {
            return None;
        }
    }
    let end = start.checked_add(data.len().ok()?)?;
    Some(Needs { names: (0, end), needed, run_path, ..Needs::default() })
}

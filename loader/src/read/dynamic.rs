//! What an ELF file asks of the system's loader: its dynamic section, and the segments that say something of stacks and
//! thread-local memory.

use std::collections::BTreeSet;

use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, ReadRef, elf};

use super::needs::{MAX_NAMES, Needs};

/// The maximum size of a dynamic section, in bytes.
const MAX_DYNAMIC: u64 = 64 << 10;

/// Reads what the file asks for. `None` if the dynamic section is truncated or invalid.
pub(super) fn needs<'data, Elf, R>(data: R) -> Option<Needs>
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
        return Some(Needs { executable_stack, ..Needs::default() });
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
            // The system's loader maps the libraries of filters, too.
            elf::DT_NEEDED | elf::DT_AUXILIARY | elf::DT_FILTER => needed.push(value),
            // Of these, the system's loader takes the last one.
            elf::DT_STRTAB => names = Some(value),
            elf::DT_RUNPATH => run_path = Some(value),
            elf::DT_RPATH => r_path = Some(value),
            elf::DT_VERNEED => versions = Some(value),
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
    Some(Needs { names, needed, run_path, versions, executable_stack, static_tls })
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

//! What a PE file asks of the system's loader: the libraries in its tables of imports and of delayed imports.
//!
//! Windows' own linkers put these tables between other data, in a section of any size. So they are read entry by entry.

use object::read::pe::{DataDirectories, ImageNtHeaders, SectionTable};
use object::{LittleEndian, Pod, ReadRef, pe};

use super::needs::{MAX_NAMES, Needs};

/// The maximum number of sections. Each name is searched for in all of them.
const MAX_SECTIONS: usize = 1024;

/// Set if the addresses of a delayed import count from the beginning of the image. Compilers before 2003 wrote others.
const RELATIVE: u32 = 1;

/// Reads what the file asks for. `None` if a table is truncated or invalid.
pub(super) fn needs<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(data: R) -> Option<Needs> {
    let dos = pe::ImageDosHeader::parse(data).ok()?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, directories) = Pe::parse(data, &mut offset).ok()?;
    let sections = headers.sections(data, offset).ok()?;
    if sections.len() > MAX_SECTIONS {
        return None;
    }
    let tables = Tables { data, directories, sections };
    let imports = tables.entries(pe::IMAGE_DIRECTORY_ENTRY_IMPORT, |entry: &pe::ImageImportDescriptor| {
        Some(entry.name.get(LittleEndian))
    })?;
    let delayed = tables.entries(pe::IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, |entry: &pe::ImageDelayloadDescriptor| {
        let name = entry.dll_name_rva.get(LittleEndian);
        (name == 0 || entry.attributes.get(LittleEndian) & RELATIVE != 0).then_some(name)
    })?;
    Some(Needs { names: (0, data.len().ok()?), needed: [imports, delayed].concat(), ..Needs::default() })
}

struct Tables<'data, R> {
    data: R,
    directories: DataDirectories<'data>,
    sections: SectionTable<'data>,
}

impl<'data, R: ReadRef<'data>> Tables<'data, R> {
    /// The offsets in the file of the names in a table, which ends with an entry without a name; none if the file has no
    /// such table.
    fn entries<Entry: Pod>(&self, table: usize, name: impl Fn(&Entry) -> Option<u32>) -> Option<Vec<u64>> {
        let start = self.directories.get(table).map_or(0, |directory| directory.virtual_address.get(LittleEndian));
        let mut names = Vec::new();
        if start == 0 {
            return Some(names);
        }
        let (at, len) = self.sections.pe_file_range_at(start)?;
        for number in 0..=MAX_NAMES {
            let (inside, size) = (number * size_of::<Entry>(), size_of::<Entry>());
            if inside + size > len as usize {
                return None;
            }
            let entry = self.data.read_at::<Entry>(u64::from(at) + inside as u64).ok()?;
            match name(entry)? {
                0 => return Some(names),
                name => names.push(self.sections.pe_file_range_at(name)?.0.into()),
            }
        }
        None
    }
}

//! The reader for PE files.

use std::borrow::Cow;

use object::read::pe::ImageNtHeaders;
use object::{LittleEndian, ReadRef, pe};

use super::container::Container;
use super::error::{ReadError, headers_are_cut};
use super::image::Image;
use super::sections::Sections;
use crate::manifest::RecordCache;

/// Reads a PE image.
pub(super) fn image<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(
    data: R,
    size: u64,
    cache: &RecordCache,
) -> Result<Image, ReadError> {
    let dos = pe::ImageDosHeader::parse(data).map_err(headers_are_cut)?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, _) = Pe::parse(data, &mut offset).map_err(headers_are_cut)?;
    let table = headers.sections(data, offset).map_err(headers_are_cut)?;
    let mut sections = Sections::new(size);
    for section in table.iter() {
        let (offset, len) = section.pe_file_range();
        sections.add(data, section.raw_name(), (offset.into(), len.into()), true);
    }
    let file = headers.file_header();
    let machine: Cow<'_, str> = match file.machine.get(LittleEndian) {
        pe::IMAGE_FILE_MACHINE_AMD64 => "x86_64".into(),
        pe::IMAGE_FILE_MACHINE_I386 => "x86".into(),
        pe::IMAGE_FILE_MACHINE_ARM64 => "aarch64".into(),
        pe::IMAGE_FILE_MACHINE_ARMNT => "arm".into(),
        other => format!("machine {other:?}").into(),
    };
    let bits = if Pe::is_type_64(headers) { 64 } else { 32 };
    let shared = file.characteristics.get(LittleEndian).contains(pe::IMAGE_FILE_DLL);
    Ok(sections.image(Container { format: "pe", machine, bits, little_endian: true }, shared, cache))
}

//! The images that the system's loader has mapped, from their headers in memory.

use std::ffi::CString;

use object::read::pe::ImageNtHeaders;
use object::{LittleEndian, pe};
use windows_sys::Win32::Foundation::HMODULE;

use super::super::image::{MappedImage, Notes, Segment};

#[cfg(target_pointer_width = "64")]
type Headers = pe::ImageNtHeaders64;
#[cfg(target_pointer_width = "32")]
type Headers = pe::ImageNtHeaders32;

/// The least size of an image's headers in memory: a page.
const HEADERS: usize = 4096;

/// The section of the records; see the macros.
const RECORDS: &[u8] = b".plugbox";

/// The image to which a handle refers: the handle is its address.
///
/// # Safety
///
/// 1. The handle is that of a mapped image, which was not loaded as data.
pub(super) unsafe fn image_of(handle: HMODULE) -> Option<MappedImage> {
    // SAFETY: obligation 1: the image begins with its headers, which the system maps and nobody writes to.
    let first = unsafe { std::slice::from_raw_parts(handle.cast::<u8>().cast_const(), HEADERS) };
    let dos = pe::ImageDosHeader::parse(first).ok()?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, _) = Headers::parse(first, &mut offset).ok()?;
    let sections = headers.sections(first, offset).ok()?;
    let base = handle.expose_provenance();
    let (mut segments, mut notes) = (vec![Segment { start: base, len: HEADERS, readable: true }], Vec::new());
    for section in sections.iter() {
        let start = base.wrapping_add(section.virtual_address.get(LittleEndian) as usize);
        let len = section.virtual_size.get(LittleEndian) as usize;
        let readable = section.characteristics.get(LittleEndian).contains(pe::IMAGE_SCN_MEM_READ);
        segments.push(Segment { start, len, readable });
        if section.raw_name() == RECORDS {
            notes.push(Notes { start, len, align: 4 });
        }
    }
    Some(MappedImage::new(CString::default(), segments, notes))
}

/// Finds the mapped image that contains an address.
#[cfg(test)]
pub(crate) fn image_at(address: usize) -> Option<MappedImage> {
    let handle = super::library::module_at(address, 0)?;
    // SAFETY: the system has answered with the image that contains the address.
    unsafe { image_of(handle) }
}

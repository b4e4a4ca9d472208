//! The images that the system's loader has mapped: dyld(3).

use std::ffi::{CStr, CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use object::read::macho::{MachHeader, Section as _, Segment as _};
use object::{Endianness, macho};

use super::super::image::{MappedImage, Notes, Segment};

type Header = macho::MachHeader64<Endianness>;

/// The section of the records; see the macros.
const RECORDS: &[u8] = b"__plugbox";

/// The entry table of the first plugin; see the macros.
const ENTRY: &CStr = c"plugbox_entry_0";

unsafe extern "C" {
    // `mach-o/dyld.h`
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_header(index: u32) -> *const c_void;
}

/// The image to which a handle from dlopen(3) refers, which was opened by this path. The name of the image is the path.
///
/// # Safety
///
/// 1. The handle is open.
pub(crate) unsafe fn image_of(handle: *mut c_void, path: &Path) -> Option<MappedImage> {
    let is_it = |(_, name): &(_, CString)| name.to_bytes() == path.as_os_str().as_bytes();
    // SAFETY: the handle is open (obligation 1), and the name is a C string.
    let entry = unsafe { libc::dlsym(handle, ENTRY.as_ptr()) };
    // A host has no such symbol. Other images may come and go meanwhile, so an index means nothing for long, and one answer
    // has to say both where an image is and what its name is. The image was mapped last, or nearly so.
    let (start, name) = containing(entry.addr()).filter(is_it).or_else(|| {
        // SAFETY: the function has no conditions.
        let count = unsafe { _dyld_image_count() };
        (0..count).rev().find_map(|index| {
            // SAFETY: the result is null for an index that there is no longer.
            let header = unsafe { _dyld_get_image_header(index) };
            containing(header.addr()).filter(|(start, _)| *start == header).filter(is_it)
        })
    })?;
    // SAFETY: obligation 1: this path is that of an image that stays mapped.
    unsafe { image(start, name) }
}

/// The file that dlopen(3) maps instead of the one at a path: it first looks for the name in the folders of a variable.
pub(crate) fn mapped_instead_of(path: &Path) -> Option<PathBuf> {
    let folders = std::env::var_os("DYLD_LIBRARY_PATH")?;
    let name = path.file_name()?;
    let folders = std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty());
    folders.map(|folder| folder.join(name)).find(|other| other != path && other.exists())
}

/// Finds the mapped image that contains an address.
pub(crate) fn image_at(address: usize) -> Option<MappedImage> {
    let (start, name) = containing(address)?;
    // SAFETY: the system has answered with the image that contains the address.
    unsafe { image(start, name) }
}

/// The header of the image that contains an address, and its name.
fn containing(address: usize) -> Option<(*const c_void, CString)> {
    // SAFETY: zeros are null pointers.
    let mut found = unsafe { std::mem::zeroed::<libc::Dl_info>() };
    // SAFETY: any address may be asked for; the system stores the answer at the address.
    if unsafe { libc::dladdr(std::ptr::without_provenance(address), &raw mut found) } == 0 || found.dli_fname.is_null()
    {
        return None;
    }
    // SAFETY: the name is a C string that lives as long as the image.
    let name = unsafe { CStr::from_ptr(found.dli_fname) }.to_owned();
    Some((found.dli_fbase.cast_const(), name))
}

/// The image with this header. The program itself has no name.
///
/// # Safety
///
/// 1. `header` is null or the address of the header of an image that is mapped.
unsafe fn image(header: *const c_void, name: CString) -> Option<MappedImage> {
    if header.is_null() {
        return None;
    }
    // SAFETY: obligation 1; an image begins with its header.
    let first = unsafe { std::slice::from_raw_parts(header.cast::<u8>(), size_of::<Header>()) };
    let parsed = Header::parse(first, 0).ok()?;
    let endian = parsed.endian().ok()?;
    let len = size_of::<Header>() + parsed.sizeofcmds(endian) as usize;
    // SAFETY: obligation 1; the commands follow the header.
    let bytes = unsafe { std::slice::from_raw_parts(header.cast::<u8>(), len) };
    let base = header.expose_provenance();
    let (mut segments, mut notes, mut slide) = (Vec::new(), Vec::new(), None);
    let mut commands = parsed.load_commands(endian, bytes, 0).ok()?;
    while let Some(command) = commands.next().ok()? {
        let Some((segment, rest)) = macho::SegmentCommand64::<Endianness>::from_command(command).ok()? else {
            continue;
        };
        let address = |address: u64| address as usize;
        // The segment with the header is mapped at the header.
        if segment.name() == b"__TEXT" {
            slide = Some(base.wrapping_sub(address(segment.vmaddr(endian))));
        }
        let Some(slide) = slide else { continue };
        let readable = segment.initprot(endian).contains(macho::VM_PROT_READ);
        let start = slide.wrapping_add(address(segment.vmaddr(endian)));
        segments.push(Segment { start, len: segment.vmsize(endian) as usize, readable });
        for section in segment.sections(endian, rest).ok()? {
            if section.name() == RECORDS {
                let start = slide.wrapping_add(address(section.addr(endian)));
                notes.push(Notes { start, len: section.size(endian) as usize, align: 4 });
            }
        }
    }
    let is_program = parsed.filetype(endian) == macho::MH_EXECUTE;
    Some(MappedImage::new(if is_program { CString::default() } else { name }, segments, notes))
}

//! The images that the system's loader has mapped: dl_iterate_phdr(3) and dlinfo(3).

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use super::super::image::{MappedImage, Notes, Segment};

/// The first fields of `struct link_map`, which dlinfo(3) returns for a handle.
#[repr(C)]
struct LinkMap {
    addr: usize,
    name: *const c_char,
    dynamic: *const c_void,
}

/// The image with these program headers.
///
/// # Safety
///
/// 1. `name` is null or a C string.
unsafe fn image(base: usize, headers: &[ProgramHeader], name: *const c_char) -> MappedImage {
    let name = match name.is_null() {
        true => CString::default(),
        // SAFETY: obligation 1.
        false => unsafe { CStr::from_ptr(name) }.to_owned(),
    };
    let notes = headers.iter().filter(|header| header.p_type == libc::PT_NOTE).map(|header| Notes {
        start: base.wrapping_add(header.p_vaddr as usize),
        len: header.p_memsz as usize,
        align: header.p_align as usize,
    });
    MappedImage::new(name, segments(base, headers).collect(), notes.collect())
}

/// The image to which a handle from dlopen(3) refers.
///
/// # Safety
///
/// 1. The handle is open.
pub(crate) unsafe fn image_of(handle: *mut c_void, _path: &Path) -> Option<MappedImage> {
    let mut map: *const LinkMap = std::ptr::null();
    // SAFETY: obligation 1: the handle is open. For this request, dlinfo(3) stores the address of a `struct link_map`.
    if unsafe { dlinfo(handle, RTLD_DI_LINKMAP, (&raw mut map).cast()) } != 0 {
        return None;
    }
    // SAFETY: dlinfo(3) succeeded. The `struct link_map` begins with these fields, says dlinfo(3), and lives as long as
    // the handle is open (obligation 1).
    let map = unsafe { &*map };
    let mut headers: *const ProgramHeader = std::ptr::null();
    // SAFETY: obligation 1: the handle is open. For this request, dlinfo(3) stores the address of the program headers.
    let count = unsafe { dlinfo(handle, RTLD_DI_PHDR, (&raw mut headers).cast()) };
    if count < 1 || headers.is_null() {
        // Before glibc 2.36, there is no such request.
        return image_at(map.dynamic.addr());
    }
    // SAFETY: dlinfo(3) returned address and number of the program headers, which live as long as the handle is open.
    let headers = unsafe { std::slice::from_raw_parts(headers, count as usize) };
    // SAFETY: the name is null or a C string, which lives as long as the handle is open.
    Some(unsafe { image(map.addr, headers, map.name) })
}

// As glibc and musl have it. The crate `libc` has it for glibc only.
unsafe extern "C" {
    fn dlinfo(handle: *mut c_void, request: c_int, info: *mut c_void) -> c_int;
}

/// The request for the link map of a handle.
const RTLD_DI_LINKMAP: c_int = 2;
/// The request for the program headers of a handle, since glibc 2.36; see dlinfo(3).
const RTLD_DI_PHDR: c_int = 11;

#[cfg(target_pointer_width = "64")]
type ProgramHeader = libc::Elf64_Phdr;
#[cfg(target_pointer_width = "32")]
type ProgramHeader = libc::Elf32_Phdr;

/// Nothing: a path is a path, says dlopen(3).
pub(crate) fn mapped_instead_of(_path: &Path) -> Option<PathBuf> {
    None
}

pub(crate) fn image_at(address: usize) -> Option<MappedImage> {
    let mut search = Search { address, found: None };
    // SAFETY: `visit` keeps the contract of dl_iterate_phdr(3) for callbacks. `search` outlives the call, and only
    // `visit` uses it meanwhile.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut search).cast()) };
    search.found
}

/// A search for the image that contains an address.
struct Search {
    address: usize,
    found: Option<MappedImage>,
}

/// Looks at one image, and ends the iteration if it is the one. A process may have thousands of images, so nothing is
/// allocated for the others.
///
/// # Safety
///
/// 1. `info` is the pointer that dl_iterate_phdr(3) passes to its callback.
/// 2. `search` is the address of a [`Search`] that nobody else uses during the call.
unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _size: usize, search: *mut c_void) -> c_int {
    // SAFETY: obligation 1.
    let info = unsafe { &*info };
    // SAFETY: obligation 2.
    let search = unsafe { &mut *search.cast::<Search>() };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: address and length are those of the image's program headers, says dl_iterate_phdr(3), which live while
    // the image is mapped.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let base = info.dlpi_addr as usize;
    if !segments(base, headers).any(|segment| segment.holds(search.address, 1)) {
        return 0;
    }
    // SAFETY: the name is null or a C string, says dl_iterate_phdr(3), which lives while the image is mapped.
    search.found = Some(unsafe { image(base, headers, info.dlpi_name) });
    1
}

/// The segments of an image that are mapped into memory.
fn segments(base: usize, headers: &[ProgramHeader]) -> impl Iterator<Item = Segment> {
    let loaded = headers.iter().filter(|header| header.p_type == libc::PT_LOAD);
    loaded.map(move |header| Segment {
        start: base.wrapping_add(header.p_vaddr as usize),
        len: header.p_memsz as usize,
        readable: header.p_flags & libc::PF_R != 0,
    })
}

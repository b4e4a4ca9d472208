//! Images in memory: which are mapped, and what their notes say there.

use std::ffi::{CStr, CString, c_int, c_void};

use crate::manifest::{Damaged, Manifest, NoteBytes};

/// An image that is mapped into this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedImage {
    /// Where it lies: what its addresses in the file are relative to.
    pub(crate) base: usize,
    /// Its name, as the system's loader knows it; empty for the program itself, says dl_iterate_phdr(3).
    pub(crate) name: CString,
    /// Address and size of each loaded segment.
    segments: Vec<(usize, usize)>,
    /// Address, size and alignment of each note segment.
    notes: Vec<(usize, usize, usize)>,
}

impl MappedImage {
    /// Whether an address lies inside one of its segments.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.segments.iter().any(|(start, len)| address.wrapping_sub(*start) < *len)
    }
}

/// The head of what dlinfo(3) tells of a handle: `struct link_map`.
#[repr(C)]
struct LinkMap {
    addr: usize,
    name: *const std::ffi::c_char,
    dynamic: *const c_void,
}

impl MappedImage {
    /// Whether a handle of dlopen(3) is one of this image.
    ///
    /// # Safety
    ///
    /// 1. The handle is open.
    pub(crate) unsafe fn is_of(&self, handle: *mut c_void) -> bool {
        let mut map: *const LinkMap = std::ptr::null();
        // SAFETY: obligation 1; of this request dlinfo(3) stores the address of a `struct link_map`.
        let failed = unsafe { libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) } != 0;
        // SAFETY: it lives as long as the handle is open (obligation 1), and begins with these fields (dlinfo(3)).
        !failed && self.contains(unsafe { (*map).dynamic }.addr())
    }
}

/// All images that are mapped now.
pub(crate) fn all() -> Vec<MappedImage> {
    let mut images: Vec<MappedImage> = Vec::new();
    // SAFETY: `visit` keeps the contract of dl_iterate_phdr(3); `images` outlives the call and is used by it only.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut images).cast()) };
    images
}

/// Adds one image to the list.
///
/// # Safety
///
/// 1. `info` is what dl_iterate_phdr(3) passes.
/// 2. `images` is the address of a `Vec<MappedImage>` that nobody else uses meanwhile.
unsafe extern "C" fn visit(info: *mut libc::dl_phdr_info, _size: usize, images: *mut c_void) -> c_int {
    // SAFETY: obligation 1.
    let info = unsafe { &*info };
    // SAFETY: obligation 2.
    let images = unsafe { &mut *images.cast::<Vec<MappedImage>>() };
    let name = if info.dlpi_name.is_null() {
        CString::default()
    } else {
        // SAFETY: a C string, says dl_iterate_phdr(3), that lives while the image is mapped.
        unsafe { CStr::from_ptr(info.dlpi_name) }.to_owned()
    };
    let base = info.dlpi_addr as usize;
    let mut image = MappedImage { base, name, segments: Vec::new(), notes: Vec::new() };
    if !info.dlpi_phdr.is_null() {
        // SAFETY: the image's table of program headers, says dl_iterate_phdr(3), which lives while it is mapped.
        let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
        for header in headers {
            let start = base.wrapping_add(header.p_vaddr as usize);
            match header.p_type {
                libc::PT_LOAD => image.segments.push((start, header.p_memsz as usize)),
                libc::PT_NOTE => image.notes.push((start, header.p_memsz as usize, header.p_align as usize)),
                _ => {}
            }
        }
    }
    images.push(image);
    0
}

impl MappedImage {
    /// The manifest as it stands in memory.
    ///
    /// # Safety
    ///
    /// 1. The image stays mapped for the call, and its notes are not written to.
    pub(crate) unsafe fn manifest(&self) -> Result<Manifest, Damaged> {
        let inside = self
            .notes
            .iter()
            .filter(|(start, len, _)| *len > 0 && self.contains(*start) && self.contains(start + len - 1));
        let runs = inside.map(|(start, len, align)| {
            // SAFETY: obligation 1; the bytes lie inside a loaded segment.
            let bytes = unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(*start), *len) };
            NoteBytes { bytes, align: *align, little_endian: cfg!(target_endian = "little") }
        });
        Manifest::read(runs)
    }
}

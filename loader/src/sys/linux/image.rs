//! The images that are mapped into this process, and their notes in memory.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// An image that is mapped into this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedImage {
    /// The name by which the system's loader knows the image; empty for the program itself, see dl_iterate_phdr(3).
    pub(crate) name: CString,
    segments: Vec<Segment>,
    /// The address, the size and the alignment of each note segment.
    notes: Vec<(usize, usize, usize)>,
}

/// A segment that is mapped into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: usize,
    len: usize,
    readable: bool,
}

impl Segment {
    /// Whether the segment contains `len` bytes from the address `start`.
    fn holds(self, start: usize, len: usize) -> bool {
        let end = start.checked_sub(self.start).and_then(|offset| offset.checked_add(len));
        end.is_some_and(|end| end <= self.len)
    }
}

/// The first fields of `struct link_map`, which dlinfo(3) returns for a handle.
#[repr(C)]
struct LinkMap {
    addr: usize,
    name: *const c_char,
    dynamic: *const c_void,
}

impl MappedImage {
    /// # Safety
    ///
    /// 1. `name` is null or a C string.
    unsafe fn new(base: usize, headers: &[ProgramHeader], name: *const c_char) -> Self {
        let name = match name.is_null() {
            true => CString::default(),
            // SAFETY: obligation 1.
            false => unsafe { CStr::from_ptr(name) }.to_owned(),
        };
        let notes = headers.iter().filter(|header| header.p_type == libc::PT_NOTE).map(|header| {
            (base.wrapping_add(header.p_vaddr as usize), header.p_memsz as usize, header.p_align as usize)
        });
        Self { name, segments: segments(base, headers).collect(), notes: notes.collect() }
    }

    /// Whether an address is inside one of the segments.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.segments.iter().any(|segment| segment.holds(address, 1))
    }

    /// The bytes of each note segment that is inside one readable segment, and the alignment of its notes.
    ///
    /// # Safety
    ///
    /// 1. As long as the bytes are used, the image stays mapped as its program headers say, and nobody writes to its
    ///    notes.
    pub(crate) unsafe fn notes(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let readable = |start, len| self.segments.iter().any(|segment| segment.readable && segment.holds(start, len));
        let inside = self.notes.iter().filter(move |(start, len, _)| *len > 0 && readable(*start, *len));
        inside.map(|(start, len, align)| {
            // SAFETY: obligation 1; the bytes are inside one segment, which is mapped and readable.
            let bytes = unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(*start), *len) };
            (bytes, *align)
        })
    }
}

/// The image to which a handle from dlopen(3) refers.
///
/// # Safety
///
/// 1. The handle is open.
pub(crate) unsafe fn image_of(handle: *mut c_void) -> Option<MappedImage> {
    let mut map: *const LinkMap = std::ptr::null();
    // SAFETY: obligation 1: the handle is open. For this request, dlinfo(3) stores the address of a `struct link_map`.
    if unsafe { libc::dlinfo(handle, libc::RTLD_DI_LINKMAP, (&raw mut map).cast()) } != 0 {
        return None;
    }
    // SAFETY: dlinfo(3) succeeded. The `struct link_map` begins with these fields, says dlinfo(3), and lives as long as
    // the handle is open (obligation 1).
    let map = unsafe { &*map };
    let mut headers: *const ProgramHeader = std::ptr::null();
    // SAFETY: obligation 1: the handle is open. For this request, dlinfo(3) stores the address of the program headers.
    let count = unsafe { libc::dlinfo(handle, RTLD_DI_PHDR, (&raw mut headers).cast()) };
    if count < 1 || headers.is_null() {
        // Before glibc 2.36, there is no such request.
        return image_at(map.dynamic.addr());
    }
    // SAFETY: dlinfo(3) returned address and number of the program headers, which live as long as the handle is open.
    let headers = unsafe { std::slice::from_raw_parts(headers, count as usize) };
    // SAFETY: the name is null or a C string, which lives as long as the handle is open.
    Some(unsafe { MappedImage::new(map.addr, headers, map.name) })
}

/// The request for the program headers of a handle, since glibc 2.36; see dlinfo(3).
const RTLD_DI_PHDR: c_int = 11;

#[cfg(target_pointer_width = "64")]
type ProgramHeader = libc::Elf64_Phdr;
#[cfg(target_pointer_width = "32")]
type ProgramHeader = libc::Elf32_Phdr;

/// Finds the mapped image that contains an address.
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
    search.found = Some(unsafe { MappedImage::new(base, headers, info.dlpi_name) });
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

#[cfg(test)]
impl MappedImage {
    /// An image that contains every address, for a test whose library is the test's own image.
    pub(crate) fn with_every_address() -> Self {
        let all = Segment { start: 0, len: usize::MAX, readable: true };
        Self { name: CString::default(), segments: vec![all], notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use plugbox::__private::BUILD;

    use super::*;

    /// The number of note segments found in an image of `BUILD` with these segments and this note segment.
    fn found(segments: &[(usize, usize, bool)], note: (usize, usize)) -> usize {
        let start = BUILD.as_ptr().expose_provenance();
        let image = MappedImage {
            name: CString::default(),
            segments: segments
                .iter()
                .map(|(offset, len, readable)| Segment {
                    start: start.wrapping_add(*offset),
                    len: *len,
                    readable: *readable,
                })
                .collect(),
            notes: vec![(start.wrapping_add(note.0), note.1, 4)],
        };
        // SAFETY: all bytes that can be returned are those of `BUILD`, an immutable static.
        unsafe { image.notes() }.inspect(|(bytes, align)| assert_eq!((*bytes, *align), (BUILD, 4))).count()
    }

    #[test]
    fn a_note_is_read_only_where_all_of_it_lies_in_one_readable_segment() {
        let len = BUILD.len();
        assert_eq!(found(&[(0, len, true)], (0, len)), 1);
        assert_eq!(found(&[(0, len, false)], (0, len)), 0, "the segment is not readable");
        assert_eq!(found(&[(0, 8, true), (len - 8, 8, true)], (0, len)), 0, "the segments leave a hole");
        assert_eq!(found(&[(0, len / 2, true), (len / 2, len - len / 2, true)], (0, len)), 0, "the note spans two");
        assert_eq!(found(&[(0, len - 1, true)], (0, len)), 0, "the note ends outside");
        assert_eq!(found(&[(1, len, true)], (0, len)), 0, "the note begins outside");
        let last = usize::MAX - BUILD.as_ptr().addr();
        assert_eq!(found(&[(0, len, true), (last, 1, true)], (last, usize::MAX)), 0, "the note's end overflows");
    }
}

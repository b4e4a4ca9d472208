//! Images in memory: which are mapped, and what their notes say there.

use std::ffi::{CStr, CString, c_int, c_void};

/// An image that is mapped into this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedImage {
    /// Where it lies: what its addresses in the file are relative to.
    pub(crate) base: usize,
    /// Its name, as the system's loader knows it; empty for the program itself, says dl_iterate_phdr(3).
    pub(crate) name: CString,
    segments: Vec<Segment>,
    /// Address, size and alignment of each note segment.
    notes: Vec<(usize, usize, usize)>,
}

/// A segment that is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: usize,
    len: usize,
    readable: bool,
}

impl Segment {
    /// Whether so many bytes from an address on lie inside it.
    fn holds(self, start: usize, len: usize) -> bool {
        let end = start.checked_sub(self.start).and_then(|offset| offset.checked_add(len));
        end.is_some_and(|end| end <= self.len)
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
    /// Whether an address lies inside one of its segments.
    pub(crate) fn contains(&self, address: usize) -> bool {
        self.segments.iter().any(|segment| segment.holds(address, 1))
    }

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

    /// The bytes of each note segment that lies in one readable segment, and to what its notes are padded.
    ///
    /// # Safety
    ///
    /// 1. The image stays mapped as its program headers say, and nobody writes to its notes, as long as the bytes are
    ///    used.
    pub(crate) unsafe fn notes(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let readable = |start, len| self.segments.iter().any(|segment| segment.readable && segment.holds(start, len));
        let inside = self.notes.iter().filter(move |(start, len, _)| *len > 0 && readable(*start, *len));
        inside.map(|(start, len, align)| {
            // SAFETY: obligation 1; the bytes lie inside one segment, which is loaded and can be read.
            let bytes = unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(*start), *len) };
            (bytes, *align)
        })
    }
}

/// All images that are mapped now.
pub(crate) fn images() -> Vec<MappedImage> {
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
                libc::PT_LOAD => {
                    let readable = header.p_flags & libc::PF_R != 0;
                    image.segments.push(Segment { start, len: header.p_memsz as usize, readable });
                }
                libc::PT_NOTE => image.notes.push((start, header.p_memsz as usize, header.p_align as usize)),
                _ => {}
            }
        }
    }
    images.push(image);
    0
}

#[cfg(test)]
impl MappedImage {
    /// One that has every address: the test's own, as far as it asks.
    pub(crate) fn with_every_address() -> Self {
        let all = Segment { start: 0, len: usize::MAX, readable: true };
        Self { base: 0, name: CString::default(), segments: vec![all], notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use plugbox::__private::BUILD;

    use super::*;

    /// How many runs of notes are found in an image that is `BUILD`, of these segments and this note.
    fn found(segments: &[(usize, usize, bool)], note: (usize, usize)) -> usize {
        let start = BUILD.as_ptr().expose_provenance();
        let image = MappedImage {
            base: start,
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
        // SAFETY: the bytes are a static's that nobody writes to.
        unsafe { image.notes() }.inspect(|(bytes, align)| assert_eq!((*bytes, *align), (BUILD, 4))).count()
    }

    #[test]
    fn a_note_is_read_only_where_all_of_it_lies_in_one_readable_segment() {
        let len = BUILD.len();
        assert_eq!(found(&[(0, len, true)], (0, len)), 1);
        assert_eq!(found(&[(0, len, false)], (0, len)), 0, "it cannot be read");
        assert_eq!(found(&[(0, 8, true), (len - 8, 8, true)], (0, len)), 0, "there is a hole between its ends");
        assert_eq!(found(&[(0, len / 2, true), (len / 2, len - len / 2, true)], (0, len)), 0, "there are two");
        assert_eq!(found(&[(0, len - 1, true)], (0, len)), 0, "it ends outside");
        assert_eq!(found(&[(1, len, true)], (0, len)), 0, "it begins outside");
        let last = usize::MAX - BUILD.as_ptr().addr();
        assert_eq!(found(&[(0, len, true), (last, 1, true)], (last, usize::MAX)), 0, "it has no end");
    }
}

//! Texts and paths of the other side.

use std::ffi::OsStr;
use std::path::Path;

/// Text of the other side, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawText {
    /// Address of UTF-8 bytes.
    pub bytes: *const u8,
    /// Their number.
    pub len: usize,
}

impl RawText {
    /// Borrows text for a call.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        Self { bytes: text.as_ptr(), len: text.len() }
    }

    /// The text.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), here or on the other side, from text that lives for `'a`.
    #[must_use]
    pub const unsafe fn get<'a>(self) -> &'a str {
        // SAFETY: the caller vouches that pointer and length came from a `&str` that lives for `'a`.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: they came from a `&str`, so they are UTF-8.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

/// A path of the other side, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawPath {
    /// Address of its encoded bytes; null where there is no path.
    pub bytes: *const u8,
    /// Their number.
    pub len: usize,
}

impl RawPath {
    /// Borrows a path for a call.
    #[must_use]
    pub fn new(path: Option<&Path>) -> Self {
        let bytes = path.map(|path| path.as_os_str().as_encoded_bytes());
        Self { bytes: bytes.map_or(std::ptr::null(), <[u8]>::as_ptr), len: bytes.map_or(0, <[u8]>::len) }
    }

    /// The path.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), here or on the other side, of a path that lives for `'a`.
    /// 2. The other side was built by the same compiler.
    #[must_use]
    pub unsafe fn get<'a>(self) -> Option<&'a Path> {
        if self.bytes.is_null() {
            return None;
        }
        // SAFETY: obligation 1.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: they came from an `OsStr`, in the encoding of the same std (obligations 1 and 2).
        Some(Path::new(unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }))
    }
}

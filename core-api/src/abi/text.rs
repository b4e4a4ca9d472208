//! Texts and paths that cross.

use std::ffi::OsStr;
use std::path::Path;

/// A text that crosses, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawText {
    /// The address of UTF-8 bytes.
    pub bytes: *const u8,
    /// The number of bytes.
    pub len: usize,
}

impl RawText {
    /// Borrows a text for a call.
    #[must_use]
    pub const fn new(text: &str) -> Self {
        Self { bytes: text.as_ptr(), len: text.len() }
    }

    /// Returns the text.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), on this side or the other, from a text that lives for `'a`.
    #[must_use]
    pub const unsafe fn get<'a>(self) -> &'a str {
        // SAFETY: *for the call*: address and length came from a `&str` that lives for `'a` (obligation 1).
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: the bytes came from a `&str` (obligation 1), so they are UTF-8.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

/// A path that crosses, valid for the call that passes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RawPath {
    /// The address of the path's encoded bytes; null if there is no path.
    pub bytes: *const u8,
    /// The number of bytes.
    pub len: usize,
}

impl RawPath {
    /// Borrows a path for a call.
    #[must_use]
    pub fn new(path: Option<&Path>) -> Self {
        let bytes = path.map(|path| path.as_os_str().as_encoded_bytes());
        Self { bytes: bytes.map_or(std::ptr::null(), <[u8]>::as_ptr), len: bytes.map_or(0, <[u8]>::len) }
    }

    /// Returns the path, if there is one.
    ///
    /// # Safety
    ///
    /// 1. `self` was made by [`new`](Self::new), on this side or the other, from a path that lives for `'a`.
    /// 2. The other side was built by the same compiler.
    #[must_use]
    pub unsafe fn get<'a>(self) -> Option<&'a Path> {
        if self.bytes.is_null() {
            return None;
        }
        // SAFETY: *for the call*: address and length came from a path that lives for `'a` (obligation 1).
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes, self.len) };
        // SAFETY: the bytes came from an `OsStr` (obligation 1), and both copies of std use one encoding (obligation
        // 2).
        Some(Path::new(unsafe { OsStr::from_encoded_bytes_unchecked(bytes) }))
    }
}

//! Texts from and to a plugin.

use std::fmt;
use std::slice;

use crate::abi::PluginText;

/// The maximum length of a text for people, such as a title or a message, in bytes.
pub(crate) const SHORT: usize = 4 << 10;

/// The maximum length of an inserted text, in bytes.
pub(crate) const LONG: usize = 64 << 20;

/// The problem with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadText {
    /// It is NULL, but not empty.
    Null { length: usize },
    /// It starts or ends outside mapped memory.
    Unmapped { start: usize, length: usize },
    /// It is too long.
    Long { length: usize, most: usize },
    /// It is not UTF-8. This is the first invalid byte.
    NotUtf8 { at: usize, byte: u8 },
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null { length } => write!(f, "is NULL, but has {length} bytes"),
            Self::Unmapped { start, length } => write!(f, "has {length} bytes at {start:#x}, which are not in memory"),
            Self::Long { length, most } => write!(f, "has {length} bytes, expected at most {most}"),
            Self::NotUtf8 { at, byte } => write!(f, "is not UTF-8: byte {at} is {byte:#04x}"),
        }
    }
}

impl PluginText {
    /// Lends a text to C.
    pub(crate) fn of(text: &str) -> Self {
        Self { start: text.as_ptr().cast(), length: text.len() }
    }

    /// Copies a plugin's text.
    ///
    /// # Errors
    ///
    /// The problem with the text, if it can be detected.
    ///
    /// # Safety
    ///
    /// 1. `start` is NULL, or `length` bytes are readable there until this returns.
    pub(crate) unsafe fn copied(self, most: usize) -> Result<String, BadText> {
        let Self { start, length } = self;
        if length == 0 {
            return Ok(String::new());
        }
        if start.is_null() {
            return Err(BadText::Null { length });
        }
        if length > most {
            return Err(BadText::Long { length, most });
        }
        // SAFETY: obligation 1; it is not NULL, and `most` is far below `isize::MAX`.
        let bytes = unsafe { slice::from_raw_parts(start.cast::<u8>(), length) };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            BadText::NotUtf8 { at, byte: bytes[at] }
        })?;
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr;

    fn copied(text: PluginText) -> Result<String, String> {
        // SAFETY: the texts in the tests are readable, or NULL.
        unsafe { text.copied(5) }.map_err(|error| error.to_string())
    }

    #[test]
    fn a_text_is_copied() {
        assert_eq!(copied(PluginText::of("zwö\0")), Ok("zwö\0".to_owned()));
        assert_eq!(copied(PluginText { start: ptr::null(), length: 0 }), Ok(String::new()));
    }

    #[test]
    fn a_text_that_is_none_is_refused() {
        let error = |text| copied(text).unwrap_err();
        assert_eq!(error(PluginText { start: ptr::null(), length: 3 }), "is NULL, but has 3 bytes");
        assert_eq!(error(PluginText::of("123456")), "has 6 bytes, expected at most 5");
        let bytes = [b'a', 0xff, b'b'];
        assert_eq!(error(PluginText { start: bytes.as_ptr().cast(), length: 3 }), "is not UTF-8: byte 1 is 0xff");
    }
}

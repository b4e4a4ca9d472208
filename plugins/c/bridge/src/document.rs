//! A document, lent to C for the length of a callback.

use edit_api::Document;

use crate::abi::{PluginDocument, PluginRange, PluginText};

/// What C sees of a document. It is valid as long as the borrow of `document` is.
pub(crate) fn lend(document: &&dyn Document) -> PluginDocument {
    let path = document.path().map_or(&[][..], |path| path.as_os_str().as_encoded_bytes());
    PluginDocument {
        size: size_of::<PluginDocument>(),
        host: (&raw const *document).cast(),
        path: PluginText { start: path.as_ptr().cast(), length: path.len() },
        text: PluginText::of(document.text()),
        version: document.version(),
        selection: document.selection().into(),
        scope: document.scope().into(),
        line_count: document.line_count(),
        line,
        line_at,
    }
}

impl From<std::ops::Range<usize>> for PluginRange {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

unsafe extern "C" fn line(document: *const PluginDocument, index: usize, line: *mut PluginRange) -> bool {
    // SAFETY: `plugin.h` asks for the document that the callback was given; its author keeps to it.
    let Some(document) = (unsafe { document.as_ref() }) else { return false };
    // SAFETY: `lend` wrote `host`, and what it points to is borrowed as long as the callback runs.
    let document = unsafe { *document.host.cast::<&dyn Document>() };
    // SAFETY: `plugin.h` asks for a range to write to; its author keeps to it.
    match (document.line(index), unsafe { line.as_mut() }) {
        (Some(found), Some(line)) => {
            *line = found.into();
            true
        }
        _ => false,
    }
}

unsafe extern "C" fn line_at(document: *const PluginDocument, place: usize) -> usize {
    // SAFETY: as in `line`.
    let Some(document) = (unsafe { document.as_ref() }) else { return 0 };
    // SAFETY: as in `line`.
    let document = unsafe { *document.host.cast::<&dyn Document>() };
    document.line_at(place)
}

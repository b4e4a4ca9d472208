//! A document, lent to C during a callback.

use edit_api::Document;

use crate::abi::{PluginDocument, PluginRange, PluginText};

/// The C struct for a document. It is valid as long as the borrow of `document`.
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
    // SAFETY: `plugin.h` requires the document that the callback received; the plugin's author obeys it.
    let Some(document) = (unsafe { document.as_ref() }) else { return false };
    // SAFETY: `lend` wrote `host`, and the document that it points to is borrowed while the callback runs.
    let document = unsafe { *document.host.cast::<&dyn Document>() };
    // SAFETY: `plugin.h` requires a writable range; the plugin's author obeys it.
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

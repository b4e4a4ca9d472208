//! Which lines a command works on.

use std::ops::Range;

use edit_api::Document;

/// The lines that the selection touches, or all lines where nothing is selected.
pub(crate) fn lines(document: &dyn Document) -> impl Iterator<Item = Range<usize>> {
    let scope = document.scope();
    let indices = match scope.is_empty() {
        true => 0..0,
        // The line that begins where the selection ends is not touched.
        false => document.line_at(scope.start)..document.line_at(scope.end - 1) + 1,
    };
    indices.filter_map(|index| document.line(index))
}

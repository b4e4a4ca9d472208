//! The lines that a command works on.

use std::ops::Range;

use edit_api::Document;

/// The lines that overlap the selection, or all lines if nothing is selected.
pub(crate) fn lines(document: &dyn Document) -> impl Iterator<Item = Range<usize>> {
    let scope = document.scope();
    let indices = match scope.is_empty() {
        true => 0..0,
        // A line that begins at the end of the selection does not overlap it.
        false => document.line_at(scope.start)..document.line_at(scope.end - 1) + 1,
    };
    indices.filter_map(|index| document.line(index))
}

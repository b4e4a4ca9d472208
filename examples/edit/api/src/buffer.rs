//! A document in memory.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::{BadEdits, Document, Edit};

/// A document in memory. The editor uses it, and so can the tests of plugins, without an editor.
///
/// # Examples
///
/// ```
/// use edit_api::{Buffer, Document, Edit};
///
/// let mut buffer = Buffer::new("one\ntwo\n").select(4..7);
/// assert_eq!((buffer.line_count(), buffer.line(1)), (2, Some(4..7)));
/// let applied = buffer.apply(&[Edit::replace(0..3, "first"), Edit::remove(4..8)])?;
/// assert_eq!(buffer.text(), "first\n");
/// // They are applied one after the other, so the first edit shifts the second.
/// assert_eq!(applied, [Edit::replace(0..3, "first"), Edit::remove(6..10)]);
/// # Ok::<(), edit_api::BadEdits>(())
/// ```
#[derive(Debug, Clone)]
pub struct Buffer {
    path: Option<PathBuf>,
    text: String,
    line_starts: Vec<usize>,
    selection: Range<usize>,
    version: u64,
}

impl Buffer {
    /// A document with this text, without a path, and with the cursor at the start.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { path: None, line_starts: line_starts(&text), text, selection: 0..0, version: 0 }
    }

    /// The same document, as the file at `path`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The same document, with this selection.
    ///
    /// # Panics
    ///
    /// The range is not inside the text, or does not start and end between characters.
    #[must_use]
    pub fn select(mut self, selection: Range<usize>) -> Self {
        assert!(self.text.get(selection.clone()).is_some(), "{selection:?} is not a range of the text");
        self.selection = selection;
        self
    }

    /// Checks whether these edits can be applied.
    ///
    /// # Errors
    ///
    /// The first problem, in the order of the edits' places.
    pub fn check(&self, edits: &[Edit]) -> Result<(), BadEdits> {
        self.ordered(edits).map(|_| ())
    }

    /// Applies edits. Their places refer to the current text; several insertions at one place keep their order. Returns
    /// the edits sorted by place, with the places that they have when they are made one after the other.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check). The text is then unchanged.
    pub fn apply(&mut self, edits: &[Edit]) -> Result<Vec<Edit>, BadEdits> {
        let mut applied: Vec<Edit> = Vec::with_capacity(edits.len());
        let mut text = String::with_capacity(self.text.len());
        let mut copied = 0;
        for edit in self.ordered(edits)? {
            text.push_str(&self.text[copied..edit.at]);
            applied.push(Edit { at: text.len(), ..edit.clone() });
            text.push_str(&edit.inserted);
            copied = edit.at + edit.removed;
        }
        text.push_str(&self.text[copied..]);
        self.text = text;
        self.line_starts = line_starts(&self.text);
        self.selection = moved_selection(self.selection.clone(), &applied);
        self.version += applied.len() as u64;
        Ok(applied)
    }

    /// Checks the edits, and sorts them by place.
    fn ordered<'a>(&self, edits: &'a [Edit]) -> Result<Vec<&'a Edit>, BadEdits> {
        let length = self.text.len();
        let mut ordered: Vec<&Edit> = edits.iter().collect();
        // The sort is stable. At one place, insertions come before removals.
        ordered.sort_by_key(|edit| (edit.at, edit.removed > 0));
        let mut before: Option<(&Edit, usize)> = None;
        for edit in &ordered {
            let Some(end) = edit.end().filter(|&end| end <= length) else {
                return Err(BadEdits::OutOfRange { edit: (*edit).clone(), length });
            };
            if let Some(at) = [edit.at, end].into_iter().find(|&at| !self.text.is_char_boundary(at)) {
                return Err(BadEdits::SplitsCharacter { edit: (*edit).clone(), at });
            }
            if let Some((first, _)) = before.filter(|&(_, ended)| edit.at < ended) {
                return Err(BadEdits::Overlap { first: first.clone(), second: (*edit).clone() });
            }
            before = Some((edit, end));
        }
        Ok(ordered)
    }
}

impl Document for Buffer {
    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn selection(&self) -> Range<usize> {
        self.selection.clone()
    }

    fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    fn line(&self, index: usize) -> Option<Range<usize>> {
        let start = *self.line_starts.get(index)?;
        let end = self.line_starts.get(index + 1).copied().unwrap_or(self.text.len());
        let line = &self.text[start..end];
        let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        Some(start..start + line.len())
    }

    fn line_at(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= at).saturating_sub(1)
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let first = (!text.is_empty()).then_some(0);
    let further = text.match_indices('\n').map(|(at, _)| at + 1).filter(|&start| start < text.len());
    first.into_iter().chain(further).collect()
}

/// The selection after edits. A text inserted at its start is outside the selection, unless it replaces something. A
/// cursor moves behind a text that is inserted at its place.
fn moved_selection(selection: Range<usize>, applied: &[Edit]) -> Range<usize> {
    applied.iter().fold(selection, |Range { start, end }, edit| {
        let moved = |place: usize, behind: bool| {
            if place >= edit.at + edit.removed && (place > edit.at || behind) {
                place - edit.removed + edit.inserted.len()
            } else {
                place.min(edit.at)
            }
        };
        let replaces_from_start = edit.at == start && edit.removed > 0;
        moved(start, !replaces_from_start)..moved(end, true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_applied_by_place_whatever_their_order() {
        let mut buffer = Buffer::new("abc");
        let edits = [Edit::remove(2..3), Edit::insert(0, "1"), Edit::insert(0, "2"), Edit::replace(0..1, "A")];
        let applied = buffer.apply(&edits).unwrap();
        assert_eq!(buffer.text(), "12Ab");
        let sequential = [Edit::insert(0, "1"), Edit::insert(1, "2"), Edit::replace(2..3, "A"), Edit::remove(4..5)];
        assert_eq!(applied, sequential);
        assert_eq!(buffer.version(), 4);
    }

    #[test]
    fn an_edit_behind_the_end_is_refused() {
        let mut buffer = Buffer::new("abc");
        let error = buffer.apply(&[Edit::insert(0, "x"), Edit::remove(2..7)]).unwrap_err();
        assert_eq!(error.to_string(), "an edit at 2 that removes 5 bytes extends beyond the end of the text at 3");
        assert_eq!(buffer.text(), "abc");
        let endless = Edit { at: 1, removed: usize::MAX, inserted: String::new() };
        assert!(matches!(buffer.check(&[endless]), Err(BadEdits::OutOfRange { .. })));
    }

    #[test]
    fn an_edit_inside_a_character_is_refused() {
        let error = Buffer::new("é").check(&[Edit::insert(1, "x")]).unwrap_err();
        assert_eq!(error.to_string(), "an edit at 1 that removes 0 bytes splits the character around 1");
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let error = Buffer::new("abcdef").check(&[Edit::remove(2..4), Edit::remove(0..3)]).unwrap_err();
        assert_eq!(error.to_string(), "an edit at 0 that removes 3 bytes overlaps an edit at 2 that removes 2 bytes");
        assert_eq!(
            Buffer::new("abcdef").check(&[Edit::remove(0..2), Edit::remove(2..4), Edit::insert(4, "x")]),
            Ok(())
        );
    }

    #[test]
    fn lines_end_at_breaks_of_either_kind() {
        let buffer = Buffer::new("one\r\n\ntwo");
        let lines: Vec<_> = (0..buffer.line_count()).filter_map(|index| buffer.line(index)).collect();
        assert_eq!(lines, [0..3, 5..5, 6..9]);
        assert_eq!([0, 4, 5, 6, 9].map(|at| buffer.line_at(at)), [0, 0, 1, 2, 2]);
        assert_eq!((Buffer::new("").line_count(), Buffer::new("a\n").line_count()), (0, 1));
    }

    #[test]
    fn the_selection_moves_with_its_text() {
        let after = |selection: Range<usize>, edit: Edit| {
            let mut buffer = Buffer::new("one two three").select(selection);
            buffer.apply(&[edit]).unwrap();
            buffer.selection()
        };
        assert_eq!(after(4..7, Edit::insert(0, "x")), 5..8);
        assert_eq!(after(4..7, Edit::insert(4, "x")), 5..8);
        assert_eq!(after(4..7, Edit::replace(4..7, "2")), 4..5);
        assert_eq!(after(4..7, Edit::remove(5..9)), 4..5);
        assert_eq!(after(4..4, Edit::insert(4, "x")), 5..5);
        assert_eq!(after(4..7, Edit::insert(9, "x")), 4..7);
        assert_eq!(after(0..0, Edit::insert(4, "x")), 0..0);
    }
}

//! Words, which are separated by blanks.

use std::ops::Range;

use edit_api::Edit;

const OPENING: [char; 5] = ['(', '[', '{', '"', '\''];
const CLOSING: [char; 11] = [')', ']', '}', '"', '\'', '.', ',', ';', ':', '!', '?'];

/// The words of a text, with their starts.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    let words = text.split_inclusive(char::is_whitespace).map(move |word| {
        let start = end;
        end += word.len();
        (start, word.trim_end())
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// A word without the punctuation before it, and where that begins.
pub(crate) fn opened(word: &str) -> (usize, &str) {
    let opened = word.trim_start_matches(OPENING);
    (word.len() - opened.len(), opened)
}

/// The ranges of a word without some or all of the punctuation around it, the longest first. Only the punctuation is
/// looked at.
pub(crate) fn candidates(word: &str) -> impl Iterator<Item = Range<usize>> {
    let (start, _) = opened(word);
    let shortest = word.trim_end_matches(CLOSING).len().max(start);
    // All punctuation marks have one byte.
    (shortest..=word.len()).rev().filter(move |&end| end > start).map(move |end| start..end)
}

/// The range of the words that an edit has completed: those that end inside the inserted text and are followed by a
/// blank.
pub(crate) fn completed(text: &str, edit: &Edit) -> Range<usize> {
    // Later edits may have changed the text.
    let end = edit.range().end.min(text.len());
    let end = text.get(..end).and_then(|before| before.rfind(char::is_whitespace)).unwrap_or(0);
    let start = edit.at.min(end);
    let start = text.get(..start).and_then(|before| before.rfind(char::is_whitespace)).unwrap_or(0);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_what_is_left_without_punctuation() {
        let found: Vec<&str> = candidates("(a.b).").map(|within| &"(a.b)."[within]).collect();
        assert_eq!(found, ["a.b).", "a.b)", "a.b"]);
        assert_eq!(candidates("...").count(), 3);
        assert_eq!(candidates("((").count(), 0);
    }
}

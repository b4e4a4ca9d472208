//! Counts words and lines, and estimates the reading time.

use std::fmt;

use edit_api::{Document, Edit, Plugin};

/// The number of words that people read per minute.
const WORDS_A_MINUTE: usize = 200;

/// The counts of the document that was opened or edited last; `None` after it is closed.
#[derive(Default)]
struct Count(Option<Counts>);

#[derive(Debug, PartialEq, Eq)]
struct Counts {
    words: usize,
    lines: usize,
}

impl Plugin for Count {
    fn opened(&mut self, document: &dyn Document) {
        let counts = Counts::of(document);
        tracing::debug!(words = counts.words, lines = counts.lines, "counted");
        self.0 = Some(counts);
    }

    fn edited(&mut self, _edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        self.0 = Some(Counts::of(document));
        Vec::new()
    }

    fn closed(&mut self, _document: &dyn Document) {
        self.0 = None;
    }

    fn status(&self) -> Option<String> {
        self.0.as_ref().map(ToString::to_string)
    }
}

plugbox::export!(Count as dyn Plugin);

impl Counts {
    fn of(document: &dyn Document) -> Self {
        // Dashes and table borders are not words.
        let is_word = |word: &&str| word.contains(char::is_alphanumeric);
        Self { words: document.text().split_whitespace().filter(is_word).count(), lines: document.line_count() }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.words.div_ceil(WORDS_A_MINUTE);
        write!(f, "{}, {}, {minutes} min to read", counted(self.words, "word"), counted(self.lines, "line"))
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    #[test]
    fn says_nothing_without_a_document() {
        let mut count = Count::default();
        assert_eq!(count.status(), None);
        let buffer = Buffer::new("text");
        count.opened(&buffer);
        count.closed(&buffer);
        assert_eq!(count.status(), None);
    }

    #[test]
    fn follows_the_document() {
        let mut count = Count::default();
        let mut buffer = Buffer::new("# One two\n\n- three\n");
        count.opened(&buffer);
        assert_eq!(count.status().unwrap(), "3 words, 3 lines, 1 min to read");
        let edits = buffer.apply(&[Edit::remove(3..19)]).unwrap();
        assert_eq!(count.edited(&edits, &buffer), []);
        assert_eq!(count.status().unwrap(), "1 word, 1 line, 1 min to read");
    }

    #[test]
    fn a_minute_that_has_begun_counts() {
        let read = |words: usize| Counts::of(&Buffer::new("word ".repeat(words))).to_string();
        assert!(read(200).ends_with(" 1 min to read"));
        assert!(read(201).ends_with(" 2 min to read"));
        assert_eq!(read(0), "0 words, 0 lines, 0 min to read");
    }
}

//! Counts words and lines, and estimates the reading time. A document that is opened again is compared with the time
//! before, also if the plugin was reloaded since.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use edit_api::{Document, Edit, Plugin};
use plugbox::{Error, State};
use serde::{Deserialize, Serialize};

/// The number of words that people read per minute.
const WORDS_A_MINUTE: usize = 200;

#[derive(Default, Serialize, Deserialize)]
struct Count {
    /// The counts of the document that was opened or edited last; `None` after it is closed.
    now: Option<Counts>,
    /// The words that the document had when it was closed last.
    before: Option<usize>,
    /// The words of all documents that were closed.
    closed: BTreeMap<PathBuf, usize>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    words: usize,
    lines: usize,
}

impl Plugin for Count {
    fn opened(&mut self, document: &dyn Document) {
        let counts = Counts::of(document);
        tracing::debug!(words = counts.words, lines = counts.lines, "counted");
        self.now = Some(counts);
        self.before = document.path().and_then(|path| self.closed.get(path)).copied();
    }

    fn edited(&mut self, _edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        self.now = Some(Counts::of(document));
        Vec::new()
    }

    fn closed(&mut self, document: &dyn Document) {
        if let (Some(path), Some(counts)) = (document.path(), self.now.take()) {
            self.closed.insert(path.to_owned(), counts.words);
        }
        (self.now, self.before) = (None, None);
    }

    fn status(&self) -> Option<String> {
        let now = self.now.as_ref()?;
        Some(match self.before {
            Some(before) if before < now.words => format!("{now}, {} more", counted(now.words - before, "word")),
            Some(before) if before > now.words => format!("{now}, {} fewer", counted(before - now.words, "word")),
            _ => now.to_string(),
        })
    }
}

/// The number of the format in which the state is saved. Fields that are added need a default instead of another number.
const SCHEMA: u32 = 1;

impl State for Count {
    fn schema(&self) -> u32 {
        SCHEMA
    }

    fn save(&self) -> Result<Vec<u8>, Error> {
        Ok(serde_json::to_vec(self)?)
    }

    fn restore(&mut self, schema: u32, bytes: &[u8]) -> Result<(), Error> {
        if schema != SCHEMA {
            return Err(Error::new(format!("the state has schema {schema}, and this version knows {SCHEMA}")));
        }
        *self = serde_json::from_slice(bytes)?;
        Ok(())
    }
}

plugbox::export!(Count as dyn Plugin + dyn State);

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
    fn a_document_that_is_opened_again_is_compared_also_after_a_reload() {
        let mut count = Count::default();
        let open = |count: &mut Count, text: &str| {
            let buffer = Buffer::new(text).with_path("a.txt");
            count.opened(&buffer);
            let status = count.status().unwrap();
            count.closed(&buffer);
            status
        };
        assert_eq!(open(&mut count, "one"), "1 word, 1 line, 1 min to read");
        let mut next = Count::default();
        next.restore(count.schema(), &count.save().unwrap()).unwrap();
        assert_eq!(open(&mut next, "one two three"), "3 words, 1 line, 1 min to read, 2 words more");
        assert_eq!(open(&mut next, "one two"), "2 words, 1 line, 1 min to read, 1 word fewer");
        assert_eq!(open(&mut next, "two one"), "2 words, 1 line, 1 min to read");
        assert!(next.restore(SCHEMA + 1, b"{}").is_err() && next.restore(SCHEMA, b"garbage").is_err());
    }

    #[test]
    fn a_minute_that_has_begun_counts() {
        let read = |words: usize| Counts::of(&Buffer::new("word ".repeat(words))).to_string();
        assert!(read(200).ends_with(" 1 min to read"));
        assert!(read(201).ends_with(" 2 min to read"));
        assert_eq!(read(0), "0 words, 0 lines, 0 min to read");
    }
}

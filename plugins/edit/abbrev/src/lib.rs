//! Expands abbreviations while they are typed, and the remaining ones before a document is saved.
//!
//! The configuration is a table (see `default.txt`). An abbreviation is expanded if it is between blanks or
//! punctuation: `:btw,` is expanded, but `x:btw` and `` `:btw` `` are not.

mod error;
mod table;
mod word;

use std::ops::Range;

use edit_api::{Document, Edit, Failure, Plugin};
use plugbox::Context;

use error::TableError;
use table::Table;

struct Abbrev(Table);

impl Abbrev {
    fn new(context: Context<'_>) -> Result<Self, TableError> {
        let config = context.config();
        let config = if config.trim().is_empty() { include_str!("default.txt") } else { config };
        let table: Table = config.parse()?;
        log::info!("{} abbreviations", table.len());
        Ok(Self(table))
    }

    /// The edits that expand the abbreviations in this part of the text.
    fn expand(&self, text: &str, part: Range<usize>) -> Vec<Edit> {
        let words = word::words(&text[part.clone()]);
        words
            .filter_map(|(at, word)| {
                let (within, expansion) = self.0.find(word)?;
                let start = part.start + at + within.start;
                Some(Edit::replace(start..start + within.len(), expansion))
            })
            .collect()
    }
}

impl Plugin for Abbrev {
    fn edited(&mut self, edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        let text = document.text();
        let typed = edits.iter().filter(|edit| !edit.inserted.is_empty());
        let mut expansions: Vec<Edit> = typed.flat_map(|edit| self.expand(text, word::completed(text, edit))).collect();
        // Two edits may have completed the same word.
        expansions.sort_by_key(|edit| edit.at);
        expansions.dedup();
        expansions
    }

    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        Ok(self.expand(document.text(), 0..document.text().len()))
    }
}

plugbox::export!(Abbrev::new as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn abbrev() -> Abbrev {
        Abbrev("teh = the\n:btw = by the way".parse().unwrap())
    }

    fn typed(before: &str, edits: &[Edit]) -> String {
        let mut buffer = Buffer::new(before);
        let edits = buffer.apply(edits).unwrap();
        let answer = abbrev().edited(&edits, &buffer);
        buffer.apply(&answer).unwrap();
        buffer.text().to_owned()
    }

    #[test]
    fn expands_the_whole_text_before_it_is_saved() {
        let mut buffer = Buffer::new("teh end, (:btw), lathteh `teh` teh.");
        let edits = abbrev().before_save(&buffer).unwrap();
        buffer.apply(&edits).unwrap();
        assert_eq!(buffer.text(), "the end, (by the way), lathteh `teh` the.");
    }

    #[test]
    fn expands_a_word_when_what_is_typed_ends_it() {
        assert_eq!(typed("see teh", &[Edit::insert(7, " ")]), "see the ");
        assert_eq!(typed("se teh", &[Edit::insert(2, "e")]), "see teh");
        assert_eq!(typed("x", &[Edit::insert(1, " :btw, teh")]), "x by the way, teh");
    }

    #[test]
    fn a_word_that_is_being_typed_is_left_alone() {
        assert_eq!(typed("te", &[Edit::insert(2, "h")]), "teh");
    }

    #[test]
    fn two_edits_at_one_word_expand_it_once() {
        assert_eq!(typed("teh", &[Edit::insert(0, " "), Edit::insert(3, " ")]), " the ");
    }

    #[test]
    fn the_default_table_is_in_order() {
        assert!(include_str!("default.txt").parse::<Table>().is_ok());
    }
}

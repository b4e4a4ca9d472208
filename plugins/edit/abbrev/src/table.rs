//! The table of abbreviations.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr;

use crate::error::TableError;
use crate::word::{candidates, opened};

/// The abbreviations.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Each with the number of its line and its expansion.
    expansions: BTreeMap<String, (usize, String)>,
    /// The bytes that they begin with. Most words of a text begin with another one, and need no further look.
    first_bytes: BTreeSet<u8>,
}

impl Table {
    /// The number of abbreviations.
    pub(crate) fn len(&self) -> usize {
        self.expansions.len()
    }

    /// Finds the abbreviation in a word, apart from punctuation around it. Returns its range and its expansion.
    pub(crate) fn find(&self, word: &str) -> Option<(Range<usize>, &str)> {
        let (_, opened) = opened(word);
        if !self.first_bytes.contains(opened.as_bytes().first()?) {
            return None;
        }
        candidates(word).find_map(|within| {
            let (_, expansion) = self.expansions.get(&word[within.clone()])?;
            Some((within, expansion.as_str()))
        })
    }
}

impl FromStr for Table {
    type Err = TableError;

    fn from_str(config: &str) -> Result<Self, TableError> {
        let mut table = BTreeMap::new();
        let lines = config.lines().map(str::trim).zip(1..);
        for (text, line) in lines.filter(|(text, _)| !text.is_empty() && !text.starts_with('#')) {
            let Some((abbreviation, expansion)) = text.split_once('=') else {
                return Err(TableError::NoEquals { line, text: text.to_owned() });
            };
            let (abbreviation, expansion) = (abbreviation.trim().to_owned(), expansion.trim().to_owned());
            if abbreviation.is_empty() {
                return Err(TableError::NoAbbreviation { line });
            }
            if expansion.is_empty() {
                return Err(TableError::NoExpansion { line, abbreviation });
            }
            if abbreviation.contains(char::is_whitespace) {
                return Err(TableError::SeveralWords { line, abbreviation });
            }
            if let Some(&(first, _)) = table.get(&abbreviation) {
                return Err(TableError::Twice { line, first, abbreviation });
            }
            table.insert(abbreviation, (line, expansion));
        }
        let first_bytes = table.keys().filter_map(|abbreviation| abbreviation.bytes().next()).collect();
        Ok(Self { expansions: table, first_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_abbreviations_in_punctuation() {
        let table: Table = "# marks\n\n:btw = by the way\n:) = smile\n".parse().unwrap();
        assert_eq!(table.find(":btw"), Some((0..4, "by the way")));
        assert_eq!(table.find("(:btw)."), Some((1..5, "by the way")));
        assert_eq!(table.find(":)"), Some((0..2, "smile")));
        assert_eq!(table.find("btw"), None);
        assert_eq!(table.find("..."), None);
    }

    #[test]
    fn errors_name_the_line() {
        let error = |config: &str| config.parse::<Table>().unwrap_err().to_string();
        assert_eq!(error("a = b\nteh the"), "line 2 of the table is `teh the`, expected `abbreviation = expansion`");
        assert_eq!(error(" = the"), "line 1 of the table has no abbreviation before the `=`");
        assert_eq!(error("\nteh ="), "line 2 of the table has no expansion for `teh`");
        assert_eq!(error("by way = x"), "line 1 of the table has an abbreviation of several words: `by way`");
        assert_eq!(error("a = b\n# c\na = d"), "line 3 of the table repeats `a` from line 1");
    }
}

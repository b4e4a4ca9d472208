//! Removes blanks at the ends of lines before a document is saved, and ends the text with exactly one line break.
//!
//! In Markdown, two or more blanks at the end of a line are a hard line break. In files with the extension `md` or
//! `markdown`, they become exactly two if the paragraph continues on the next line, and are removed otherwise.

use std::ops::Range;

use edit_api::{Document, Edit, Failure, Plugin};

#[derive(Default)]
struct Tidy;

impl Plugin for Tidy {
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let markdown = is_markdown(document);
        let end = end_of_text(document);
        let mut edits: Vec<Edit> = (0..document.line_count())
            .map_while(|index| document.line(index).filter(|line| line.end < end).map(|line| (index, line)))
            .filter_map(|(index, line)| {
                let keep = if markdown && breaks_line(document, index, &line) { "  " } else { "" };
                tidied(document, line, keep)
            })
            .collect();
        edits.extend(tidied_end(document, end));
        Ok(edits)
    }
}

plugbox::export!(Tidy as dyn Plugin);

/// The end of the text, without trailing blanks and line breaks.
fn end_of_text(document: &dyn Document) -> usize {
    document.text().trim_end_matches([' ', '\t', '\r', '\n']).len()
}

fn is_markdown(document: &dyn Document) -> bool {
    let extension = document.path().and_then(|path| path.extension());
    extension.is_some_and(|extension| extension == "md" || extension == "markdown")
}

/// A line without the blanks at its end.
fn trimmed(line: &str) -> &str {
    line.trim_end_matches([' ', '\t'])
}

/// Whether the blanks at the end of this line are a hard line break in Markdown.
fn breaks_line(document: &dyn Document, index: usize, line: &Range<usize>) -> bool {
    let text = &document.text()[line.clone()];
    let next = document.line(index + 1).map(|next| document.text()[next].trim());
    text.ends_with("  ") && !trimmed(text).is_empty() && !is_heading(text) && next.is_some_and(|next| !next.is_empty())
}

/// Whether a line is a Markdown heading, which ends with its line.
fn is_heading(line: &str) -> bool {
    line.trim_start_matches('#').starts_with([' ', '\t']) && line.starts_with('#')
}

/// The edit that replaces the blanks at the end of a line with `keep`.
fn tidied(document: &dyn Document, line: Range<usize>, keep: &str) -> Option<Edit> {
    let text = &document.text()[line.clone()];
    let blanks = line.start + trimmed(text).len()..line.end;
    (&document.text()[blanks.clone()] != keep).then(|| Edit::replace(blanks, keep))
}

/// The edit that replaces everything after the text with one line break, in the style of the document's first one.
fn tidied_end(document: &dyn Document, end: usize) -> Option<Edit> {
    let text = document.text();
    let line_break = match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    };
    let wanted = if end == 0 { "" } else { line_break };
    (&text[end..] != wanted).then(|| Edit::replace(end..text.len(), wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn tidy(path: &str, text: &str) -> String {
        let mut buffer = Buffer::new(text).with_path(path);
        let edits = Tidy.before_save(&buffer).unwrap();
        buffer.apply(&edits).unwrap();
        assert_eq!(Tidy.before_save(&buffer), Ok(Vec::new()), "tidy text does not change");
        buffer.text().to_owned()
    }

    #[test]
    fn blanks_at_the_ends_of_lines_go() {
        assert_eq!(tidy("a.txt", "one  \n \t\n  two\t\n"), "one\n\n  two\n");
    }

    #[test]
    fn the_text_ends_with_one_line_break() {
        assert_eq!(tidy("a.txt", "one"), "one\n");
        assert_eq!(tidy("a.txt", "one  "), "one\n");
        assert_eq!(tidy("a.txt", "one \n\n  \n\n"), "one\n");
    }

    #[test]
    fn nothing_is_left_of_blanks_alone() {
        assert_eq!(tidy("a.txt", ""), "");
        assert_eq!(tidy("a.txt", " \n\n "), "");
    }

    #[test]
    fn line_breaks_keep_their_style() {
        assert_eq!(tidy("a.txt", "one \r\ntwo"), "one\r\ntwo\r\n");
        assert_eq!(tidy("a.txt", "one\r\n\r\n"), "one\r\n");
    }

    #[test]
    fn hard_breaks_of_markdown_stay() {
        assert_eq!(tidy("a.md", "one    \ntwo  \n\nthree \nfour  "), "one  \ntwo\n\nthree\nfour\n");
        assert_eq!(tidy("a.md", "# one  \n#two  \nthree"), "# one\n#two  \nthree\n");
        assert_eq!(tidy("a.txt", "one  \ntwo\n"), "one\ntwo\n");
    }
}

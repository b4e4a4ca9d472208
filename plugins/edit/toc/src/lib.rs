//! Keeps a table of contents in a Markdown file.
//!
//! Before the document is saved, the text between `<!-- toc -->` and `<!-- /toc -->` is replaced by a list of the
//! headings that follow, with the links that GitHub uses. A command inserts the two comments.

mod contents;
mod outline;
mod slug;

use edit_api::{Command, Document, Edit, Failure, Plugin};

use contents::contents;
use outline::{CLOSING, OPENING, Outline};

#[derive(Default)]
struct Toc;

impl Plugin for Toc {
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        renew(document, &Outline::of(document.text())?)
    }

    fn commands(&self) -> Vec<Command> {
        let description = "Updates the tables of contents; if there is none, inserts one at the cursor.";
        vec![Command::new("insert", "Insert a table of contents", description)]
    }

    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        if command != "insert" {
            return Err(Failure::no_command(command));
        }
        let outline = Outline::of(document.text())?;
        if outline.places.is_empty() { Ok(vec![insert(document, &outline)]) } else { renew(document, &outline) }
    }
}

plugbox::export!(Toc as dyn Plugin);

/// The edits that update all tables of contents.
fn renew(document: &dyn Document, outline: &Outline) -> Result<Vec<Edit>, Failure> {
    let text = document.text();
    let renewed = outline.places.iter().map(|place| (place, contents(outline, place.end, line_break(text))));
    let changed = renewed.filter(|(place, contents)| text[(*place).clone()] != *contents);
    Ok(changed.map(|(place, contents)| Edit::replace(place.clone(), contents)).collect())
}

/// The edit that inserts a table of contents: after the heading at the cursor, or else before the cursor's line.
fn insert(document: &dyn Document, outline: &Outline) -> Edit {
    let text = document.text();
    let cursor = document.selection().start;
    let line = document.line(document.line_at(cursor)).map_or(0, |line| line.start);
    let heading = outline.headings.iter().find(|heading| heading.place.contains(&line));
    let at = heading.map_or(line, |heading| heading.place.end);
    let line_break = line_break(text);
    let before = match &text[..at] {
        "" => "",
        before if before.ends_with('\n') => line_break,
        _ => &line_break.repeat(2),
    };
    let after = if text[at..].starts_with(['\n', '\r']) { "" } else { line_break };
    let contents = contents(outline, at, line_break);
    Edit::insert(at, format!("{before}{OPENING}{contents}{CLOSING}{line_break}{after}"))
}

fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn saved(text: &str) -> String {
        let mut buffer = Buffer::new(text);
        let edits = Toc.before_save(&buffer).unwrap();
        buffer.apply(&edits).unwrap();
        assert_eq!(Toc.before_save(&buffer), Ok(Vec::new()), "a correct table does not change");
        buffer.text().to_owned()
    }

    fn inserted(mut buffer: Buffer) -> String {
        let edits = Toc.run("insert", &buffer).unwrap();
        buffer.apply(&edits).unwrap();
        buffer.text().to_owned()
    }

    #[test]
    fn a_table_is_renewed() {
        let text = "# Title\n\n<!-- toc -->\nold\n<!-- /toc -->\n\n## One\n### Deep\n## Two\n";
        let list = "- [One](#one)\n  - [Deep](#deep)\n- [Two](#two)";
        let expected = format!("# Title\n\n<!-- toc -->\n\n{list}\n\n<!-- /toc -->\n\n## One\n### Deep\n## Two\n");
        assert_eq!(saved(text), expected);
    }

    #[test]
    fn a_text_without_comments_is_left_alone() {
        assert_eq!(saved("# Title\n\n```\n<!-- toc -->\n```\n"), "# Title\n\n```\n<!-- toc -->\n```\n");
    }

    #[test]
    fn line_breaks_keep_their_style() {
        let expected = "<!-- toc -->\r\n\r\n- [A](#a)\r\n\r\n<!-- /toc -->\r\n# A\r\n";
        assert_eq!(saved("<!-- toc -->\r\n<!-- /toc -->\r\n# A\r\n"), expected);
    }

    #[test]
    fn a_table_is_inserted_behind_the_heading_at_the_cursor() {
        let expected = "# Title\n\n<!-- toc -->\n\n- [A](#a)\n\n<!-- /toc -->\n\n## A\n";
        assert_eq!(inserted(Buffer::new("# Title\n\n## A\n")), expected);
    }

    #[test]
    fn a_table_is_inserted_before_the_line_at_the_cursor() {
        let expected = "text\n\n<!-- toc -->\n\n- [A](#a)\n\n<!-- /toc -->\n\nmore\n# A\n";
        assert_eq!(inserted(Buffer::new("text\nmore\n# A\n").select(7..7)), expected);
    }

    #[test]
    fn a_comment_without_its_partner_is_a_failure() {
        let failure = Toc.before_save(&Buffer::new("a\n\n<!-- toc -->\n")).unwrap_err();
        assert_eq!(failure, Failure::at(3, "this `<!-- toc -->` has no `<!-- /toc -->` after it"));
        let failure = Toc.before_save(&Buffer::new("<!-- /toc -->\n")).unwrap_err();
        assert_eq!(failure, Failure::at(0, "this `<!-- /toc -->` has no `<!-- toc -->` before it"));
    }
}

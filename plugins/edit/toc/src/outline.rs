//! The parts of a Markdown text that concern a table of contents.

use std::ops::Range;

use edit_api::Failure;
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::slug::Slugs;

/// The comment before a table of contents.
pub(crate) const OPENING: &str = "<!-- toc -->";
/// The comment after a table of contents.
pub(crate) const CLOSING: &str = "<!-- /toc -->";

/// The headings of a text, and its places for tables of contents, which are between the comments.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) headings: Vec<Heading>,
    pub(crate) places: Vec<Range<usize>>,
}

/// A heading, with the facts that a table of contents needs.
#[derive(Debug)]
pub(crate) struct Heading {
    pub(crate) place: Range<usize>,
    pub(crate) level: HeadingLevel,
    /// The text, as Markdown without links and emphasis.
    pub(crate) title: String,
    /// The target that a link to it names.
    pub(crate) slug: String,
}

impl Outline {
    /// Reads a text. As in Markdown, a comment in a code block is not a comment.
    ///
    /// # Errors
    ///
    /// One of the two comments is missing.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let mut outline = Self::default();
        let mut slugs = Slugs::default();
        let mut opening: Option<Range<usize>> = None;
        let mut title: Option<Title> = None;
        for (event, place) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Html(html) if html.trim() == OPENING => {
                    if let Some(first) = opening.replace(place) {
                        return Err(alone(first.start));
                    }
                }
                Event::Html(html) if html.trim() == CLOSING => match opening.take() {
                    Some(opening) => outline.places.push(opening.start + opening_length(text, &opening)..place.start),
                    None => {
                        let message = format!("this `{CLOSING}` has no `{OPENING}` before it");
                        return Err(Failure::at(place.start, message));
                    }
                },
                Event::Start(Tag::Heading { .. }) => title = Some(Title::default()),
                Event::End(TagEnd::Heading(level)) => {
                    let Title { markdown, plain } = title.take().unwrap_or_default();
                    outline.headings.push(Heading { place, level, title: markdown, slug: slugs.of(&plain) });
                }
                event => {
                    if let Some(title) = &mut title {
                        title.push(&event);
                    }
                }
            }
        }
        match opening {
            Some(opening) => Err(alone(opening.start)),
            None => Ok(outline),
        }
    }
}

/// The length of the opening comment, from the beginning of its line.
fn opening_length(text: &str, line: &Range<usize>) -> usize {
    text[line.clone()].trim_end().len()
}

fn alone(at: usize) -> Failure {
    Failure::at(at, format!("this `{OPENING}` has no `{CLOSING}` after it"))
}

/// The text of a heading, while it is being read.
#[derive(Default)]
struct Title {
    markdown: String,
    plain: String,
}

impl Title {
    fn push(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) => {
                self.plain.push_str(text);
                for letter in text.chars() {
                    if matches!(letter, '[' | ']' | '\\' | '`' | '*' | '_' | '<') {
                        self.markdown.push('\\');
                    }
                    self.markdown.push(letter);
                }
            }
            Event::Code(code) => {
                self.plain.push_str(code);
                // The fence is longer than any run of backticks in the code. A blank separates it from a backtick.
                let longest = code.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat(longest + 1);
                let blank = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
                self.markdown.push_str(&format!("{fence}{blank}{code}{blank}{fence}"));
            }
            Event::SoftBreak | Event::HardBreak => {
                self.plain.push(' ');
                self.markdown.push(' ');
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<(String, String)> {
        let outline = Outline::of(text).unwrap();
        outline.headings.into_iter().map(|heading| (heading.title, heading.slug)).collect()
    }

    #[test]
    fn titles_lose_links_and_emphasis() {
        let expected = [("The `a_b` way \\[x\\]".to_owned(), "the-a_b-way-x".to_owned())];
        assert_eq!(headings("## The `a_b` *way* [\\[x\\]](https://example.org) ##\n"), expected);
    }

    #[test]
    fn code_in_titles_keeps_its_backticks() {
        assert_eq!(headings("# `` a`b `` c\n")[0].0, "``a`b`` c");
    }

    #[test]
    fn underlined_headings_count_and_code_does_not() {
        let titles: Vec<String> =
            headings("One\ntwo\n===\n\n```sh\n# none\n```\n").into_iter().map(|it| it.0).collect();
        assert_eq!(titles, ["One two"]);
    }

    #[test]
    fn an_opening_comment_may_not_follow_another() {
        let failure = Outline::of("<!-- toc -->\n\n<!-- toc -->\n<!-- /toc -->\n").unwrap_err();
        assert_eq!(failure.at, Some(0));
    }
}

//! Sorts lines.

use std::ops::Range;

use edit_api::{Command, Document, Edit, Failure, Plugin};

use crate::scope;

#[derive(Default)]
pub(crate) struct Sort;

impl Plugin for Sort {
    fn commands(&self) -> Vec<Command> {
        let of = "of the selected lines, or of all";
        vec![
            Command::new(
                "up",
                "Sort",
                &format!("Puts the lines in order, {of}; capitals and small letters are equal."),
            ),
            Command::new("down", "Sort, last first", &format!("Puts the lines in the opposite order, {of}.")),
        ]
    }

    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let text = document.text();
        let lines: Vec<Range<usize>> = scope::lines(document).collect();
        let mut sorted: Vec<&str> = lines.iter().map(|line| &text[line.clone()]).collect();
        sorted.sort_by_cached_key(|line| line.to_lowercase());
        match command {
            "up" => {}
            "down" => sorted.reverse(),
            _ => return Err(Failure::no_command(command)),
        }
        let pairs = lines.into_iter().zip(sorted);
        let moved = pairs.filter(|(line, sorted)| text[line.clone()] != **sorted);
        Ok(moved.map(|(line, sorted)| Edit::replace(line, sorted)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn sorted(command: &str, mut buffer: Buffer) -> String {
        let edits = Sort.run(command, &buffer).unwrap();
        buffer.apply(&edits).unwrap();
        buffer.text().to_owned()
    }

    #[test]
    fn sorts_all_lines() {
        assert_eq!(sorted("up", Buffer::new("pear\nApple\nfig")), "Apple\nfig\npear");
        assert_eq!(sorted("down", Buffer::new("pear\nApple\nfig\n")), "pear\nfig\nApple\n");
    }

    #[test]
    fn sorts_the_selected_lines_only() {
        let buffer = Buffer::new("d\nc\r\nb\na\n").select(3..6);
        assert_eq!(sorted("up", buffer), "d\nb\r\nc\na\n");
    }

    #[test]
    fn has_nothing_to_do_in_an_empty_text() {
        assert_eq!(sorted("up", Buffer::new("")), "");
    }
}

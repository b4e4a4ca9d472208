//! Removes repeated lines.

use std::collections::BTreeSet;

use edit_api::{Command, Document, Edit, Failure, Plugin};

use crate::scope;

#[derive(Default)]
pub(crate) struct Unique;

impl Plugin for Unique {
    fn commands(&self) -> Vec<Command> {
        let description = "Removes lines that repeat an earlier line, of the selected lines, or of all.";
        vec![Command::new("lines", "Remove repeated lines", description)]
    }

    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        if command != "lines" {
            return Err(Failure::no_command(command));
        }
        let text = document.text();
        let mut seen = BTreeSet::new();
        let repeated = scope::lines(document).filter(|line| !seen.insert(&text[line.clone()]));
        // Remove the line break before the line: the last line of the text may have none after it.
        let with_break = repeated.map(|line| {
            let before = &text[..line.start];
            let break_length = if before.ends_with("\r\n") { 2 } else { 1 };
            Edit::remove(line.start - break_length..line.end)
        });
        Ok(with_break.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn unique(mut buffer: Buffer) -> String {
        let edits = Unique.run("lines", &buffer).unwrap();
        buffer.apply(&edits).unwrap();
        buffer.text().to_owned()
    }

    #[test]
    fn the_first_of_equal_lines_stays() {
        assert_eq!(unique(Buffer::new("a\nb\na\na\nc\n")), "a\nb\nc\n");
        assert_eq!(unique(Buffer::new("a\r\nb\r\na")), "a\r\nb");
    }

    #[test]
    fn lines_outside_of_the_selection_stay() {
        assert_eq!(unique(Buffer::new("a\na\na\n").select(2..6)), "a\na\n");
    }
}

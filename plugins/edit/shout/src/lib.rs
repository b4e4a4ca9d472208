//! A command that writes a text in capitals.

use edit_api::{Command, Document, Edit, Failure, Plugin};

#[derive(Default)]
struct Shout;

impl Plugin for Shout {
    fn commands(&self) -> Vec<Command> {
        vec![Command::new("upper", "Shout", "Writes the selection, or the whole text, in capitals.")]
    }

    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        if command != "upper" {
            return Err(Failure::no_command(command));
        }
        let scope = document.scope();
        let text = &document.text()[scope.clone()];
        let loud = text.to_uppercase();
        Ok(if loud == text { Vec::new() } else { vec![Edit::replace(scope, loud)] })
    }
}

plugbox::export!(Shout as dyn Plugin);

#[cfg(test)]
mod tests {
    use super::*;
    use edit_api::Buffer;

    fn shouted(mut buffer: Buffer) -> String {
        let edits = Shout.run("upper", &buffer).unwrap();
        buffer.apply(&edits).unwrap();
        buffer.text().to_owned()
    }

    #[test]
    fn shouts_the_whole_text() {
        assert_eq!(shouted(Buffer::new("ahoi, Straße\n")), "AHOI, STRASSE\n");
    }

    #[test]
    fn shouts_the_selection_only() {
        assert_eq!(shouted(Buffer::new("one two three").select(4..7)), "one TWO three");
    }

    #[test]
    fn leaves_capitals_alone() {
        assert_eq!(Shout.run("upper", &Buffer::new("LOUD")), Ok(Vec::new()));
    }

    #[test]
    fn knows_no_other_command() {
        let failure = Shout.run("whisper", &Buffer::new("")).unwrap_err();
        assert_eq!(failure.to_string(), "there is no command `whisper`");
    }
}

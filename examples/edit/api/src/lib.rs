//! What the editor and its plugins agree on.
//!
//! A plugin implements [`Plugin`], of which every method has a default: it overrides those of the announcements that
//! it wants to hear. A document comes to it as [`Document`], to be read; what it wants changed it returns as [`Edit`]s,
//! and the editor, which has the last word, checks and applies them.
//!
//! # Examples
//!
//! ```
//! use edit_api::{Buffer, Document, Edit, Failure, Plugin};
//!
//! /// Puts a full stop at the end.
//! #[derive(Default)]
//! struct Stop;
//!
//! impl Plugin for Stop {
//!     fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
//!         let text = document.text();
//!         Ok(if text.ends_with('.') { Vec::new() } else { vec![Edit::insert(text.len(), ".")] })
//!     }
//! }
//!
//! // In a plugin's own crate: plugbox::export!(Stop as dyn Plugin);
//!
//! let mut buffer = Buffer::new("The end");
//! let edits = Stop.before_save(&buffer)?;
//! buffer.apply(&edits)?;
//! assert_eq!(buffer.text(), "The end.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod command;
mod edit;
mod failure;

use std::ops::Range;
use std::path::Path;

pub use buffer::Buffer;
pub use command::Command;
pub use edit::{BadEdits, Edit};
pub use failure::Failure;

/// What an editor's plugin may do; all of it is optional.
///
/// Edits that one call returns belong together: their places are those of the document that the call was given, they
/// do not overlap, and all of them are applied or none.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// A document was opened.
    fn opened(&mut self, document: &dyn Document) {
        let _ = document;
    }

    /// A document was edited, by the user or by a plugin, this one included; returns what to edit in answer.
    ///
    /// The edits are made one after the other, each in the text that the one before has left; `document` is what the
    /// last of them has left. Answer only to what still wants a change: the editor stops listening to plugins that
    /// answer each other without end.
    fn edited(&mut self, edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        let _ = (edits, document);
        Vec::new()
    }

    /// A document is about to be saved; returns what to edit before.
    ///
    /// # Errors
    ///
    /// Why the plugin could not do its part. The document is saved without it.
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let _ = document;
        Ok(Vec::new())
    }

    /// A document is being closed; nothing more will be heard of it.
    fn closed(&mut self, document: &dyn Document) {
        let _ = document;
    }

    /// The commands that this plugin offers to the user.
    fn commands(&self) -> Vec<Command> {
        Vec::new()
    }

    /// Runs one of [`commands`](Plugin::commands), by its name; returns what to edit.
    ///
    /// # Errors
    ///
    /// Why the command could not do its work.
    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let _ = document;
        Err(Failure::no_command(command))
    }

    /// What the editor shows in its status line, where the plugin has something to say.
    fn status(&self) -> Option<String> {
        None
    }
}

/// A document, as a plugin sees it for the length of a call.
///
/// Places are offsets in bytes, and lie between characters.
#[plugbox::interface]
pub trait Document {
    /// The file that it is saved in; none where it has not been saved yet.
    fn path(&self) -> Option<&Path>;

    /// The whole text.
    fn text(&self) -> &str;

    /// A number that grows with each edit.
    fn version(&self) -> u64;

    /// What is selected; an empty range is the place of the cursor.
    fn selection(&self) -> Range<usize>;

    /// How many lines there are. A line break at the end of the text begins no further line.
    fn line_count(&self) -> usize;

    /// Where a line lies in the text, without its line break; lines are counted from 0.
    fn line(&self, index: usize) -> Option<Range<usize>>;

    /// The line that a place lies in. The end of the text belongs to the last line.
    fn line_at(&self, at: usize) -> usize;

    /// What a command works on: the selection, or the whole text where nothing is selected.
    fn scope(&self) -> Range<usize> {
        let selection = self.selection();
        if selection.is_empty() { 0..self.text().len() } else { selection }
    }
}

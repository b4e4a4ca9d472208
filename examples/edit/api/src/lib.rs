//! The API between the editor and its plugins.
//!
//! A plugin implements [`Plugin`]. Every method has a default; the plugin overrides the methods that it needs. It reads
//! a document through [`Document`], and returns changes as [`Edit`]s. The editor checks the edits and applies them.
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

/// A plugin of the editor. All methods are optional.
///
/// The edits that one call returns belong together: their places refer to the document as the call received it, they
/// must not overlap, and either all of them are applied or none.
#[plugbox::interface]
pub trait Plugin: Send + Sync {
    /// A document was opened.
    fn opened(&mut self, document: &dyn Document) {
        let _ = document;
    }

    /// A document was edited by the user or by a plugin, possibly this one. Returns further edits.
    ///
    /// The edits were made one after the other, each in the text that resulted from the previous one; `document` is the
    /// final result. Answer only if the text still needs a change: the editor stops if plugins answer each other
    /// endlessly.
    fn edited(&mut self, edits: &[Edit], document: &dyn Document) -> Vec<Edit> {
        let _ = (edits, document);
        Vec::new()
    }

    /// A document is about to be saved. Returns the edits to make first.
    ///
    /// # Errors
    ///
    /// Why the plugin failed. The document is saved without its edits.
    fn before_save(&mut self, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let _ = document;
        Ok(Vec::new())
    }

    /// A document is being closed. No later call concerns it.
    fn closed(&mut self, document: &dyn Document) {
        let _ = document;
    }

    /// The commands that this plugin offers to the user.
    fn commands(&self) -> Vec<Command> {
        Vec::new()
    }

    /// Runs one of the plugin's [`commands`](Plugin::commands), by its name. Returns its edits.
    ///
    /// # Errors
    ///
    /// Why the command failed.
    fn run(&mut self, command: &str, document: &dyn Document) -> Result<Vec<Edit>, Failure> {
        let _ = document;
        Err(Failure::no_command(command))
    }

    /// The text for the editor's status line, if the plugin has one.
    fn status(&self) -> Option<String> {
        None
    }
}

/// A document, as a plugin sees it during a call.
///
/// Places are offsets in bytes. A place is always between two characters.
#[plugbox::interface]
pub trait Document {
    /// The path of the file; `None` if the document has not been saved yet.
    fn path(&self) -> Option<&Path>;

    /// The whole text.
    fn text(&self) -> &str;

    /// A number that grows with each edit.
    fn version(&self) -> u64;

    /// The selection. An empty range is the place of the cursor.
    fn selection(&self) -> Range<usize>;

    /// The number of lines. A line break at the end of the text does not start another line.
    fn line_count(&self) -> usize;

    /// The range of the line with this index, counted from 0, without its line break.
    fn line(&self, index: usize) -> Option<Range<usize>>;

    /// The index of the line that contains a place. The end of the text belongs to the last line.
    fn line_at(&self, at: usize) -> usize;

    /// The range that a command works on: the selection, or the whole text if nothing is selected.
    fn scope(&self) -> Range<usize> {
        let selection = self.selection();
        if selection.is_empty() { 0..self.text().len() } else { selection }
    }
}

//! The manifest: what the records of a file say.

mod build;
pub(crate) mod cache;
mod interface;
mod manifest;
mod notes;
mod plugin;
mod record;
mod shape;
mod text;

pub use build::Build;
pub use interface::{Below, InterfaceRecord};
pub use manifest::{MOST_BYTES, Manifest};
pub use notes::NoteBytes;
pub use plugin::{Exported, PluginRecord};
pub use shape::ShapeRecord;
pub use text::Damaged;

//! The manifest: what the records of a file say.

mod manifest;
mod cache;
mod record;
mod build;
mod plugin;
mod exported;
mod interface;
mod shape;
mod notes;
mod text;
mod error;

pub use build::Build;
pub use cache::RecordCache;
pub use error::Damaged;
pub use exported::Exported;
pub use interface::{Below, InterfaceRecord};
pub use manifest::{MOST_BYTES, Manifest};
pub use notes::NoteBytes;
pub use plugin::PluginRecord;
pub use shape::ShapeRecord;

//! The manifest: the parsed records of a file.

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
pub use error::ManifestError;
pub use exported::Exported;
pub use interface::{InterfaceRecord, InterfaceVersion};
pub use manifest::{MAX_BYTES, Manifest};
pub use notes::NoteBytes;
pub use plugin::{PluginRecord, PluginVersion};
pub use shape::ShapeRecord;

//! Records: the descriptions that the macros put into a library's file.

mod build;
mod bytes;
mod plugin;
mod canary;
mod features;
mod line;
mod writer;
mod fingerprint;

pub use build::BUILD;
pub(crate) use bytes::same_bytes;
pub use canary::{Canary, in_order};
pub use fingerprint::{Fingerprint, hash, words};
pub use line::Line;
pub use plugin::{PluginRecord, plugin_record};
pub(crate) use writer::Writer;
pub use writer::{Kind, NOTE_NAME, Notes};

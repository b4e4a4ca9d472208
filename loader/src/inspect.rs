//! Looking at libraries and hosts without loading anything: what the command `plugbox` is made of.
//!
//! It follows the file format and the gate closely, so it may change in any release; the rest of this crate follows
//! semver.
//!
//! # Examples
//!
//! ```
//! use plugbox_loader::inspect;
//! let image = inspect::image(&std::env::current_exe()?)?;
//! println!("{}: {} interfaces", image.container, image.manifest?.interfaces.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::compare::{Change, ImageDifference, Part, differences};
pub use crate::errors::printable;
pub use crate::manifest::{
    Build, Exported, InterfaceRecord, InterfaceVersion, MAX_BYTES, Manifest, ManifestError, NoteBytes, PluginRecord,
    RecordCache, ShapeRecord,
};
pub use crate::read::{Container, Image, ReadError, dependencies, dependencies_of, image, image_of, image_with};
pub use crate::verdict::{HostProfile, Processor, Requirements, Verdict, judge};
pub use plugbox::__private::Line;

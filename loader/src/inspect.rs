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
pub use crate::loader::{FileVerdict, judge_folder, refuse_unpinned};
pub use crate::manifest::{
    Build, Exported, InterfaceRecord, InterfaceVersion, MAX_BYTES, Manifest, ManifestError, NoteBytes, PluginRecord,
    RecordCache, ShapeRecord,
};
pub use crate::read::{
    Container, GlibcRelease, Image, Linkage, ReadError, image, image_of, image_with, linkage, linkage_of,
};
pub use crate::verdict::{HostProfile, Processor, Requirements, Verdict, judge, judge_linkage, judge_needed, warnings};
pub use plugbox::__private::Line;

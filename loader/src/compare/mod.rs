//! Comparing two images: what differs, and what to call it.

mod diff;

pub use diff::{Change, ImageDifference, Part, differences};
pub(crate) use diff::{lines, shape, shapes};

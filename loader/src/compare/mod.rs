//! The comparison of two images: the differences and their names.

mod diff;

pub use diff::{Change, ImageDifference, Part, differences};
pub(crate) use diff::{lines, shape, shapes};

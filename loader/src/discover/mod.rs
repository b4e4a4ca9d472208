//! Discovery: the choice of the files of a folder, and the way to a file.

mod folder;
mod way;

pub(crate) use folder::{is_library, libraries, rlibs};
pub(crate) use way::{Step, walk};

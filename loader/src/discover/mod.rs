//! Discovery: the choice of the files of a folder.

mod folder;

pub(crate) use folder::{is_library, libraries, rlibs};

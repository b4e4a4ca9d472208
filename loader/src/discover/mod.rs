//! Discovery: the choice of the files of a folder.

mod folder;

pub(crate) use folder::{libraries, rlibs};

//! Discovery: which files of a folder are looked at.

mod folder;

pub(crate) use folder::libraries;

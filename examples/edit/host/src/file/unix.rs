//! Unix: a file has an owner and a mode.

use std::fs::{File, Metadata};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use anyhow::Context;
use tempfile::NamedTempFile;

/// What a file keeps when its text is replaced.
pub(super) struct Kept(Metadata);

impl Kept {
    pub(super) fn of(file: &File, _path: &Path) -> anyhow::Result<Self> {
        file.metadata().map(Self).context("cannot read its permissions")
    }

    pub(super) fn give_to(&self, new: &NamedTempFile) -> anyhow::Result<()> {
        let Self(old) = self;
        fchown(new.as_file(), Some(old.uid()), Some(old.gid())).context("cannot keep its owner")?;
        new.as_file().set_permissions(old.permissions()).context("cannot keep its permissions")
    }

    pub(super) fn replace(self, new: NamedTempFile, target: &Path) -> anyhow::Result<()> {
        new.persist(target).map(drop).context("cannot replace it")
    }
}

//! Whose folder it is: a file in the folder of each process, for other processes to read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::sys::{self, Process};

/// The name of the file. It is locked, even by children of the process, until all of them have ended or closed it.
const FILE: &str = "lock";

/// Writes down that a folder is this process's.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    // Another process that sees the file sees it locked and whole.
    let new = folder.join("new");
    let mut file = sys::create_private(&new)?;
    sys::try_lock(&file)?;
    file.write_all(Process::this().map_or(String::new(), |process| process.to_text()).as_bytes())?;
    fs::rename(new, folder.join(FILE))?;
    // Closing it would release the lock. It is never closed, because a process that closes all its descriptors may have
    // reused the number.
    sys::keep_open(file);
    Ok(())
}

/// The name of the file that a process leaves in its folder when it ends as it should, if it cannot remove the folder.
const LEFT: &str = "left";

/// Leaves a folder to be removed by a later process.
pub(super) fn leave(folder: &Path) -> io::Result<()> {
    fs::write(folder.join(LEFT), "")
}

/// Whether the process of a folder has left it: nobody needs the copies to find out how it ended.
pub(super) fn has_left(folder: &Path) -> bool {
    folder.join(LEFT).exists()
}

/// Whether the process of a folder runs, as far as this process can see. It runs if the lock is held. But a free lock does
/// not mean that it has ended: it may have closed all its descriptors. Then its ID decides, if it is of our namespace.
pub(super) fn runs(folder: &Path) -> bool {
    let path = folder.join(FILE);
    let Ok(file) = File::open(&path) else { return false };
    let process = || Process::from_text(&fs::read_to_string(&path).ok()?);
    sys::try_lock(&file).is_err() || process().is_some_and(|process| process.has_ended() == Some(false))
}

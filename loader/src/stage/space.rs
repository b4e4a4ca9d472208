//! The space that copies occupy until the process ends: on a disk, or in memory.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys::{self, Space};

/// The number of files that a copy in memory leaves to be opened.
const FILES_LEFT_FREE: u64 = 64;

/// The bytes of all copies that are in memory.
static IN_MEMORY: AtomicU64 = AtomicU64::new(0);

/// Returns the bytes of this process's copies that are in memory.
pub(crate) fn in_memory() -> u64 {
    IN_MEMORY.load(Ordering::Relaxed)
}

/// Adds the numbers to the error of a copy that has no room in its folder.
pub(super) fn explain(error: io::Error, folder: &Path, size: u64) -> io::Error {
    match sys::space(folder).filter(|_| error.kind() == ErrorKind::StorageFull) {
        Some(Space { left, .. }) => io::Error::new(
            ErrorKind::StorageFull,
            format!("No space left on device: the copy has {size} bytes, and {left} bytes are free"),
        ),
        None => error,
    }
}

/// What the copies of one generation occupy. Dropping it gives back what was counted.
pub(super) struct Occupied {
    is_memory: bool,
    counted: u64,
    most_in_memory: u64,
}

impl Occupied {
    /// A file in a folder.
    ///
    /// # Errors
    ///
    /// Returns an error with the numbers if the copies in memory would be too large.
    pub(super) fn in_folder(is_memory: bool, size: u64, most_in_memory: u64) -> io::Result<Self> {
        Self { is_memory, counted: 0, most_in_memory }.and(size)
    }

    /// A file in memory, which stays open.
    ///
    /// # Errors
    ///
    /// Returns an error with the numbers if the copy has no room.
    pub(super) fn by_file(file: &File, size: u64, most_in_memory: u64) -> io::Result<Self> {
        let (open, most) = (sys::files_up_to(file), sys::most_files().unwrap_or(u64::MAX));
        if open.saturating_add(FILES_LEFT_FREE) > most {
            let why = format!("the copy would stay open, and {open} of {most} files are open (`ulimit -n`)");
            return Err(io::Error::other(why));
        }
        Self { is_memory: true, counted: 0, most_in_memory }.and(size)
    }

    fn and(mut self, size: u64) -> io::Result<Self> {
        self.add(size)?;
        Ok(self)
    }

    /// Adds a copy to the generation's.
    ///
    /// # Errors
    ///
    /// Returns an error with the numbers if the copies in memory would be too large.
    pub(super) fn add(&mut self, size: u64) -> io::Result<()> {
        if !self.is_memory {
            return Ok(());
        }
        let before = IN_MEMORY.fetch_add(size, Ordering::Relaxed);
        self.counted += size;
        if before.saturating_add(size) <= self.most_in_memory {
            return Ok(());
        }
        let (left, most) = (self.most_in_memory.saturating_sub(before), self.most_in_memory);
        Err(io::Error::other(format!(
            "it is memory, the copy has {size} bytes, and {left} of {most} bytes are left for copies in memory \
             (`Loader::limit_copies_in_memory`)"
        )))
    }

    /// Keeps what was counted until the process ends.
    pub(super) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        IN_MEMORY.fetch_sub(self.counted, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_is_removed_is_counted_no_longer() {
        // More than all other tests copy.
        let much = 1 << 40;
        let mut occupied = Occupied { is_memory: true, counted: 0, most_in_memory: much * 3 };
        occupied.add(much).unwrap();
        occupied.add(much).unwrap();
        assert!(in_memory() >= much * 2);
        let error = occupied.add(much * 2).unwrap_err().to_string();
        assert!(error.contains(&format!("of {} bytes are left", much * 3)), "{error}");
        drop(occupied);
        assert!(in_memory() < much);
    }
}

//! An open file with its own cursor: other users of the same file do not move the cursor, and a seek needs no system
//! call.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::ReadError;
use crate::sys::{self, Stat};

/// An open file, with its size at the time of opening.
pub(crate) struct Opened {
    pub(crate) file: File,
    size: u64,
    at: u64,
}

impl Opened {
    /// Opens a regular file, and returns what the system says about it too.
    pub(crate) fn regular(path: &Path) -> Result<(Self, Stat), ReadError> {
        let opened = Self::open(path)?;
        let found = regular(&opened.file)?;
        Ok((opened, found))
    }

    /// Opens a file that can be read at any offset: a regular file, or a device that allows it.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let file = sys::open(path)?;
        let size = size_of(&file).map_err(|error| regular(&file).err().unwrap_or(error.into()))?;
        Ok(Self { file, size, at: 0 })
    }

    /// Wraps a regular file that is open already.
    pub(crate) fn of(file: File) -> io::Result<Self> {
        Ok(Self { size: size_of(&file)?, file, at: 0 })
    }

    /// The size of the file when it was opened, in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Replaces an error by a better one if the file is not a regular file.
    pub(crate) fn or_irregular(&self, error: ReadError) -> ReadError {
        regular(&self.file).err().unwrap_or(error)
    }

    /// The canonical path of the file; `path` is the path by which it was opened.
    pub(crate) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        // One system call instead of one for each component, and its answer is about the file that is open.
        sys::path_of(&self.file).map_or_else(|| sys::canonicalize(path), Ok)
    }
}

/// The size of a file. A seek is cheaper for the system than all metadata.
fn size_of(mut file: &File) -> io::Result<u64> {
    file.seek(SeekFrom::End(0))
}

fn regular(file: &File) -> Result<Stat, ReadError> {
    let found = Stat::of(file)?;
    if found.is_file() {
        return Ok(found);
    }
    let what = if found.is_folder() { "the path is a directory" } else { "the path is not a regular file" };
    Err(ReadError::NotALibrary(what.to_owned()))
}

impl Read for Opened {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = sys::read_at(&self.file, bytes, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Opened {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::image;
    use super::*;

    #[test]
    fn a_file_is_found_where_it_lies_and_nowhere_once_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "text").unwrap();
        sys::link_to(&file, &link).unwrap();
        // Wine 8 says that it has made a link, and makes none.
        let link = if link.is_symlink() { link } else { file.clone() };
        let opened = Opened::open(&link).unwrap();
        assert_eq!(opened.canonical(&link).unwrap(), sys::canonicalize(&file).unwrap());
        fs::remove_file(&file).unwrap();
        // On Windows, the name is there as long as the file is open.
        if cfg!(unix) {
            assert_eq!(opened.canonical(&link).unwrap_err().kind(), io::ErrorKind::NotFound);
        }
    }

    fn error(path: &Path) -> String {
        let loaders = Opened::regular(path).err().unwrap();
        let readers = image(path).unwrap_err();
        assert_eq!(loaders.to_string(), readers.to_string());
        readers.to_string()
    }

    #[test]
    fn a_folder_is_said_to_be_one() {
        assert_eq!(error(&std::env::temp_dir()), "the path is a directory");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_said_to_be_none_and_nothing_is_read() {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        use std::process::Command;

        for device in ["/dev/null", "/dev/zero"] {
            assert_eq!(error(Path::new(device)), "the path is not a regular file");
        }
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
        let mut writer = fs::OpenOptions::new();
        // Without data in the pipe, the read below returns an error instead of blocking.
        let mut writer = writer.read(true).write(true).custom_flags(libc::O_NONBLOCK).open(&pipe).unwrap();
        writer.write_all(b"for somebody else").unwrap();
        assert_eq!(error(&pipe), "the path is not a regular file");
        let mut left = [0; 17];
        assert_eq!((writer.read(&mut left).unwrap(), &left), (17, b"for somebody else"));
    }
}

//! A file that was opened, read at places: nobody else's place in it matters, and finding a place asks nothing of the
//! system.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::ReadError;
use crate::sys;

/// A file, and how large it was when it was opened.
pub(crate) struct Opened {
    pub(crate) file: File,
    size: u64,
    at: u64,
}

impl Opened {
    /// Opens a regular file, and says what the system says of it.
    pub(crate) fn regular(path: &Path) -> Result<(Self, Metadata), ReadError> {
        let opened = Self::open(path)?;
        let found = regular(&opened.file)?;
        Ok((opened, found))
    }

    /// Opens a file in which one can read at places: a regular one, or some device.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let file = sys::open(path)?;
        let size = size_of(&file).map_err(|error| regular(&file).err().unwrap_or(error.into()))?;
        Ok(Self { file, size, at: 0 })
    }

    /// A regular file that was opened in another way.
    pub(crate) fn of(file: File) -> io::Result<Self> {
        Ok(Self { size: size_of(&file)?, file, at: 0 })
    }

    /// Why something else was read than a library, if it is that this is no regular file.
    pub(crate) fn or_irregular(&self, error: ReadError) -> ReadError {
        regular(&self.file).err().unwrap_or(error)
    }

    /// Where it lies, without links; `path` is where it was found.
    pub(crate) fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        // One question instead of one for each component, and about this very file.
        sys::path_of(&self.file).map_or_else(|| path.canonicalize(), Ok)
    }
}

/// The size alone is less work for the system than all that it knows of a file.
fn size_of(mut file: &File) -> io::Result<u64> {
    file.seek(SeekFrom::End(0))
}

fn regular(file: &File) -> Result<Metadata, ReadError> {
    let found = file.metadata()?;
    if found.is_file() {
        return Ok(found);
    }
    let what = if found.is_dir() { "it is a directory" } else { "it is no regular file" };
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
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::os::unix::fs::{OpenOptionsExt, symlink};

    use rustix::fs::{FileType, Mode};

    use super::super::image;
    use super::*;

    #[test]
    fn a_file_is_found_where_it_lies_and_nowhere_once_it_is_gone() {
        let folder = std::env::temp_dir().join(format!("plugbox-opened-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let (file, link) = (folder.join("file"), folder.join("link"));
        fs::write(&file, "text").unwrap();
        symlink(&file, &link).unwrap();
        let opened = Opened::open(&link).unwrap();
        assert_eq!(opened.canonical(&link).unwrap(), file.canonicalize().unwrap());
        fs::remove_file(&file).unwrap();
        let gone = opened.canonical(&link);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_regular_file_is_said_to_be_none() {
        let error = |path: &str| {
            let path = Path::new(path);
            let loaders = Opened::regular(path).err().unwrap();
            let readers = image(path).unwrap_err();
            assert_eq!(loaders.to_string(), readers.to_string());
            readers.to_string()
        };
        assert_eq!(error("/"), "it is a directory");
        assert_eq!(error("/dev/null"), "it is no regular file");
        assert_eq!(error("/dev/zero"), "it is no regular file");
        let pipe = std::env::temp_dir().join(format!("plugbox-pipe-{}", std::process::id()));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let mut writer = OpenOptions::new();
        // Whoever finds nothing in it does not wait.
        let mut writer = writer.read(true).write(true).custom_flags(libc::O_NONBLOCK).open(&pipe).unwrap();
        writer.write_all(b"for somebody else").unwrap();
        assert_eq!(error(pipe.to_str().unwrap()), "it is no regular file");
        let mut left = [0; 17];
        let read = writer.read(&mut left);
        fs::remove_file(&pipe).unwrap();
        assert_eq!((read.unwrap(), &left), (17, b"for somebody else"));
    }
}

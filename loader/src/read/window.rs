//! Bounded reading of a file in pieces: no number in a file can make the reader allocate more than the bound.

use std::cell::Cell;
use std::io::{self, Read, Seek};
use std::ops::Range;

use object::ReadRef;
use object::read::ReadCache;

/// The maximum number of bytes read from one file; bytes that are requested again count again. The headers and records
/// of real files take a few KiB.
const MAX_BYTES: u64 = 4 << 20;

/// The size of a window, in bytes. A small piece is read with the window around it, because the next piece is often
/// there.
const WINDOW: u64 = 4096;

/// The number of bytes at the beginning of a file that are read at once, because headers and names are there.
const HEAD: u64 = 2 * WINDOW;

/// The pieces of a file that have been read.
pub(crate) struct FileWindows<'f, F: Read + Seek> {
    head: Vec<u8>,
    cache: ReadCache<&'f mut F>,
    left: Cell<u64>,
    /// The offset of the window that was requested last.
    window: Cell<Option<u64>>,
    size: u64,
}

/// Reads until the buffer is full or the file ends.
pub(super) fn read_until_full<'a>(file: &mut impl Read, bytes: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let mut len = 0;
    while len < bytes.len() {
        match file.read(&mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&bytes[..len])
}

impl<'f, F: Read + Seek> FileWindows<'f, F> {
    pub(crate) fn of(file: &'f mut F) -> io::Result<Self> {
        let size = file.seek(io::SeekFrom::End(0))?;
        file.rewind()?;
        let mut head = vec![0; HEAD.min(size) as usize];
        let read = read_until_full(file, &mut head)?.len();
        head.truncate(read);
        Ok(Self { head, cache: ReadCache::new(file), left: Cell::new(MAX_BYTES), window: Cell::new(None), size })
    }

    /// The whole file.
    pub(crate) fn whole(&self) -> FilePart<'_, 'f, F> {
        FilePart { pieces: self, start: 0, len: self.size }
    }
}

/// The whole file, or a part of it that is a separate object file.
pub(crate) struct FilePart<'p, 'f, F: Read + Seek> {
    pieces: &'p FileWindows<'f, F>,
    start: u64,
    len: u64,
}

impl<F: Read + Seek> Clone for FilePart<'_, '_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F: Read + Seek> Copy for FilePart<'_, '_, F> {}

impl<F: Read + Seek> FilePart<'_, '_, F> {
    /// A part of this part; `None` if the range is not inside.
    pub(crate) fn part(self, offset: u64, len: u64) -> Option<Self> {
        let end = offset.checked_add(len).filter(|end| *end <= self.len)?;
        Some(Self { start: self.start.checked_add(end - len)?, len, ..self })
    }

    /// Deducts a range from the bytes left to read, and returns its offset in the file; fails if the range is not
    /// inside this part, or if too few bytes are left.
    fn spend(self, offset: u64, len: u64) -> Result<u64, ()> {
        let end = offset.checked_add(len).ok_or(())?;
        if end > self.len {
            return Err(());
        }
        self.pieces.spend(len)?;
        self.start.checked_add(offset).ok_or(())
    }
}

impl<F: Read + Seek> FileWindows<'_, F> {
    fn spend(&self, len: u64) -> Result<(), ()> {
        self.left.set(self.left.get().checked_sub(len).ok_or(())?);
        Ok(())
    }

    /// The bytes of the head from an offset; empty if it ends before.
    fn head_from(&self, at: u64) -> &[u8] {
        usize::try_from(at).ok().and_then(|at| self.head.get(at..)).unwrap_or_default()
    }

    /// The bytes from an offset to the end of its window.
    fn around(&self, at: u64) -> Result<&[u8], ()> {
        let start = at - at % WINDOW;
        let len = WINDOW.min(self.size.saturating_sub(start));
        if self.window.replace(Some(start)) != Some(start) {
            self.spend(len)?;
        }
        let window = (&self.cache).read_bytes_at(start, len)?;
        window.get((at - start) as usize..).ok_or(())
    }
}

impl<'p, F: Read + Seek> ReadRef<'p> for FilePart<'p, '_, F> {
    fn len(self) -> Result<u64, ()> {
        Ok(self.len)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'p [u8], ()> {
        let at = self.spend(offset, size)?;
        if let Some(bytes) = self.pieces.head_from(at).get(..size as usize) {
            return Ok(bytes);
        }
        if at % WINDOW + size <= WINDOW {
            return self.pieces.around(at)?.get(..size as usize).ok_or(());
        }
        (&self.pieces.cache).read_bytes_at(at, size)
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'p [u8], ()> {
        let len = range.end.checked_sub(range.start).ok_or(())?;
        let at = self.spend(range.start, len)?;
        let until = |bytes: &'p [u8]| {
            let end = bytes.iter().take(len as usize).position(|byte| *byte == delimiter)?;
            Some(&bytes[..end])
        };
        if let Some(found) = until(self.pieces.head_from(at)) {
            return Ok(found);
        }
        if let Some(found) = until(self.pieces.around(at)?) {
            return Ok(found);
        }
        (&self.pieces.cache).read_bytes_at_until(at..at + len, delimiter)
    }
}

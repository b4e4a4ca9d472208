//! Reading a library: its container and its manifest, from bytes, with bounds.
//!
//! One read of the first 4 KiB is enough for most libraries, because linkers put notes right behind the headers; a second
//! one gets the rest of longer ones. Nothing here maps or runs anything.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use object::{Endianness, FileKind};

use super::error::ReadError;
use super::file::Opened;
use super::image::Image;
use super::window::FileWindows;
use super::{elf, macho, pe};
use crate::manifest::RecordCache;

/// How much of a file the first look reads.
const FIRST_LOOK: usize = 4096;

/// Reads the image in the file at `path`: a plugin, a host, for any target.
///
/// # Errors
///
/// [`ReadError`] where there is no image to speak of; what is wrong with an image is said in the [`Image`].
///
/// # Examples
///
/// ```
/// let error = plugbox_loader::inspect::image(std::path::Path::new("Cargo.toml")).unwrap_err();
/// assert_eq!(error.to_string(), "its first bytes are those of no object file");
/// ```
pub fn image(path: &Path) -> Result<Image, ReadError> {
    image_with(path, &RecordCache::new())
}

/// As [`image`], without parsing a record again that is in the cache.
///
/// # Errors
///
/// As for [`image`].
pub fn image_with(path: &Path, cache: &RecordCache) -> Result<Image, ReadError> {
    let mut opened = Opened::open(path)?;
    image_of_with(&mut opened, cache).map_err(|error| opened.or_irregular(error))
}

/// Reads the image in an open file, or in bytes.
///
/// # Errors
///
/// As for [`image`].
pub fn image_of<F: Read + Seek>(file: &mut F) -> Result<Image, ReadError> {
    image_of_with(file, &RecordCache::new())
}

/// As [`image_of`], without parsing a record again that is in the cache.
pub(crate) fn image_of_with<F: Read + Seek>(file: &mut F, cache: &RecordCache) -> Result<Image, ReadError> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut first = [0; FIRST_LOOK];
    let first = first_of(file, &mut first)?;
    let kind = FileKind::parse(first)
        .map_err(|_| ReadError::NotALibrary("its first bytes are those of no object file".to_owned()))?;
    let look = |first: &[u8]| match kind {
        FileKind::Elf32 => elf::image::<object::elf::FileHeader32<Endianness>, _>(first, size, cache),
        FileKind::Elf64 => elf::image::<object::elf::FileHeader64<Endianness>, _>(first, size, cache),
        _ => Err(ReadError::NotWhole(String::new())),
    };
    let image = look(first);
    if !matches!(image, Err(ReadError::NotWhole(_))) {
        return image;
    }
    if let Some(end) = elf::records_end(kind, first) {
        let mut longer = vec![0; end.max(first.len())];
        longer[..first.len()].copy_from_slice(first);
        let rest = first_of(file, &mut longer[first.len()..])?.len();
        let image = look(&longer[..first.len() + rest]);
        if !matches!(image, Err(ReadError::NotWhole(_))) {
            return image;
        }
    }
    // What was asked for lies further back, or nowhere.
    let pieces = FileWindows::of(file)?;
    let whole = pieces.whole();
    match kind {
        FileKind::Elf32 => elf::image::<object::elf::FileHeader32<Endianness>, _>(whole, size, cache),
        FileKind::Elf64 => elf::image::<object::elf::FileHeader64<Endianness>, _>(whole, size, cache),
        FileKind::Pe32 => pe::image::<object::pe::ImageNtHeaders32, _>(whole, size, cache),
        FileKind::Pe64 => pe::image::<object::pe::ImageNtHeaders64, _>(whole, size, cache),
        FileKind::MachO32 | FileKind::MachO64 => macho::image(kind, whole, size, cache),
        FileKind::MachOFat32 => macho::fat_image::<object::macho::FatArch32, _>(whole, size, cache),
        FileKind::MachOFat64 => macho::fat_image::<object::macho::FatArch64, _>(whole, size, cache),
        other => Err(ReadError::NotALibrary(format!("it is a file of kind {other:?}, not a library"))),
    }
}

/// Reads as much as there is and fits.
fn first_of<'a>(file: &mut impl Read, bytes: &'a mut [u8]) -> io::Result<&'a [u8]> {
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

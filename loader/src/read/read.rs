//! The bounded reading of a library's container and manifest from its bytes.
//!
//! One read of the first 4 KiB is enough for most libraries, because linkers put the notes right after the headers. A
//! second read gets the rest of longer notes. No code here maps or runs a library.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use object::{Endianness, FileKind};

use super::error::ReadError;
use super::file::Opened;
use super::image::Image;
use super::window::{FileWindows, read_until_full};
use super::{elf, macho, other, pe};
use crate::manifest::RecordCache;

/// The size of the first read, in bytes.
const FIRST_LOOK: usize = 4096;

/// Reads the image of a plugin or a host, for any target, in the file at `path`.
///
/// # Errors
///
/// Returns a [`ReadError`] if the file has no readable image. Defects of a readable image are fields of the [`Image`].
///
/// # Examples
///
/// ```
/// let error = plugbox_loader::inspect::image(std::path::Path::new("Cargo.toml")).unwrap_err();
/// assert_eq!(error.to_string(), "the file is a text, not an object file");
/// ```
pub fn image(path: &Path) -> Result<Image, ReadError> {
    image_with(path, &RecordCache::new())
}

/// Reads an image like [`image`], and takes records that were parsed before from a cache.
///
/// # Errors
///
/// Returns the errors of [`image`].
pub fn image_with(path: &Path, cache: &RecordCache) -> Result<Image, ReadError> {
    let mut opened = Opened::open(path)?;
    image_of_with(&mut opened, cache).map_err(|error| opened.or_irregular(error))
}

/// Reads the image in an open file or in bytes.
///
/// # Errors
///
/// Returns the errors of [`image`].
pub fn image_of<F: Read + Seek>(file: &mut F) -> Result<Image, ReadError> {
    image_of_with(file, &RecordCache::new())
}

/// Reads an image like [`image_of`], and takes records that were parsed before from a cache.
pub(crate) fn image_of_with<F: Read + Seek>(file: &mut F, cache: &RecordCache) -> Result<Image, ReadError> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut first = [0; FIRST_LOOK];
    let first = read_until_full(file, &mut first)?;
    let kind = FileKind::parse(first).map_err(|_| ReadError::NotALibrary(other::describe(first).to_owned()))?;
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
        let rest = read_until_full(file, &mut longer[first.len()..])?.len();
        let image = look(&longer[..first.len() + rest]);
        if !matches!(image, Err(ReadError::NotWhole(_))) {
            return image;
        }
    }
    // The missing part is further back in the file, or nowhere.
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
        other => Err(ReadError::NotALibrary(format!("the file is of kind {other:?}, not a library"))),
    }
}

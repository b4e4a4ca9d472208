//! Reading a library: its container and its manifest, from bytes, with bounds.
//!
//! One read of the first 4 KiB is enough for most libraries, because linkers put notes right behind the headers.
//! Nothing here maps or runs anything.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use object::read::elf::{FileHeader, ProgramHeader};
use object::read::{ReadCache, ReadRef};
use object::{Architecture, BinaryFormat, Endianness, FileKind, Object, ObjectSection, elf};

use crate::manifest::{Damaged, MOST_BYTES, Manifest, NoteBytes};

/// How much of a file the first look reads.
const FIRST_LOOK: usize = 4096;

/// What a file is, as its bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The kind of object file, and for which machine.
    pub container: Container,
    /// Whether it can be loaded into a process; an executable at a fixed address can be a host, and no plugin.
    pub shared: bool,
    /// What its records say; an error where they cannot be read.
    pub manifest: Result<Manifest, Damaged>,
    /// Whether everything that would be mapped lies inside the file; if not, what does not.
    pub whole: Result<(), String>,
    /// The file's size, in bytes.
    pub size: u64,
}

/// The kind of an object file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// `elf`, `pe` or `mach-o`.
    pub format: String,
    /// The machine, named as in [`std::env::consts::ARCH`].
    pub machine: String,
    /// 32 or 64.
    pub bits: u8,
    /// Whether it is little-endian.
    pub little_endian: bool,
}

impl Container {
    /// The container of code that this process can run.
    #[must_use]
    pub fn of_this_process() -> Self {
        let format = if cfg!(windows) {
            "pe"
        } else if cfg!(target_vendor = "apple") {
            "mach-o"
        } else {
            "elf"
        };
        Self {
            format: format.to_owned(),
            machine: std::env::consts::ARCH.to_owned(),
            bits: usize::BITS as u8,
            little_endian: cfg!(target_endian = "little"),
        }
    }
}

impl std::fmt::Display for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endian = if self.little_endian { "little-endian" } else { "big-endian" };
        write!(f, "{}, {}, {}-bit, {endian}", self.format, self.machine, self.bits)
    }
}

/// Why a file could not be read as an image.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The system did not let us read it.
    Io(io::Error),
    /// It is no object file, or one that is never loaded; what it is instead.
    NotALibrary(String),
    /// It is the beginning of an object file; what is missing.
    NotWhole(String),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(_) => f.write_str("it cannot be read"),
            Self::NotALibrary(what) | Self::NotWhole(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotALibrary(_) | Self::NotWhole(_) => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the image in the file at `path`: a plugin, a host, for any target.
///
/// # Errors
///
/// [`ReadError`] where there is no image to speak of; what is wrong with an image is said in the [`Image`].
///
/// # Examples
///
/// ```
/// let error = plugbox_loader::read::image(std::path::Path::new("Cargo.toml")).unwrap_err();
/// assert_eq!(error.to_string(), "its first bytes are those of no object file");
/// ```
pub fn image(path: &Path) -> Result<Image, ReadError> {
    image_of(&mut open(path)?)
}

/// Opens a regular file.
pub(crate) fn open(path: &Path) -> Result<File, ReadError> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        // Opening a pipe would wait for somebody to write into it.
        let what = if metadata.is_dir() { "it is a directory" } else { "it is no regular file" };
        return Err(ReadError::NotALibrary(what.to_owned()));
    }
    Ok(File::open(path)?)
}

/// Reads the image in an open file.
///
/// # Errors
///
/// As [`image`].
pub fn image_of(file: &mut File) -> Result<Image, ReadError> {
    let size = file.metadata()?.len();
    let mut first = Vec::with_capacity(FIRST_LOOK);
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(FIRST_LOOK as u64).read_to_end(&mut first)?;
    let kind = FileKind::parse(&first[..])
        .map_err(|_| ReadError::NotALibrary("its first bytes are those of no object file".to_owned()))?;
    let from_first = match kind {
        FileKind::Elf32 => elf_image::<elf::FileHeader32<Endianness>, _>(&first[..], size),
        FileKind::Elf64 => elf_image::<elf::FileHeader64<Endianness>, _>(&first[..], size),
        _ => Err(ReadError::NotWhole(String::new())),
    };
    if !matches!(from_first, Err(ReadError::NotWhole(_))) {
        return from_first;
    }
    // What was asked for lies further back, or nowhere.
    let cache = ReadCache::new(file);
    match kind {
        FileKind::Elf32 => elf_image::<elf::FileHeader32<Endianness>, _>(&cache, size),
        FileKind::Elf64 => elf_image::<elf::FileHeader64<Endianness>, _>(&cache, size),
        FileKind::Pe32 | FileKind::Pe64 | FileKind::MachO32 | FileKind::MachO64 => section_image(&cache, size),
        other => Err(ReadError::NotALibrary(format!("it is a file of kind {other:?}, not a library"))),
    }
}

/// An ELF image: by program headers alone, because they are what the system's loader goes by, and survive stripping.
fn elf_image<'data, Elf, R>(data: R, size: u64) -> Result<Image, ReadError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let cut = |what: &str| ReadError::NotWhole(format!("{what} lies outside the file of {size} bytes"));
    let header = Elf::parse(data).map_err(|_| cut("the ELF header"))?;
    let endian = header.endian().map_err(|_| ReadError::NotALibrary("its ELF header is not valid".to_owned()))?;
    let shared = header.e_type(endian) == elf::ET_DYN;
    if !shared && header.e_type(endian) != elf::ET_EXEC {
        return Err(ReadError::NotALibrary("it is an ELF file, but neither a library nor an executable".to_owned()));
    }
    let segments = header.program_headers(endian, data).map_err(|_| cut("the table of program headers"))?;
    let mut whole = Ok(());
    let mut notes = Vec::new();
    let mut note_bytes = 0u64;
    let mut loads = 0;
    for segment in segments {
        let (offset, len): (u64, u64) = (segment.p_offset(endian).into(), segment.p_filesz(endian).into());
        let inside = offset.checked_add(len).is_some_and(|end| end <= size);
        match segment.p_type(endian) {
            elf::PT_LOAD => {
                loads += 1;
                if !inside && whole.is_ok() {
                    whole = Err(format!("a segment of {len} bytes at {offset} lies outside the file of {size} bytes"));
                }
            }
            elf::PT_NOTE if inside => {
                note_bytes = note_bytes.saturating_add(len);
                if note_bytes <= MOST_BYTES as u64 {
                    let bytes = segment.data(endian, data).map_err(|()| cut("a note"))?;
                    let align = if segment.p_align(endian).into() == 8 { 8 } else { 4 };
                    notes.push(NoteBytes { bytes, align, little_endian: endian == Endianness::Little });
                }
            }
            elf::PT_NOTE if whole.is_ok() => whole = Err("the notes lie outside the file".to_owned()),
            _ => {}
        }
    }
    if loads == 0 {
        return Err(ReadError::NotALibrary("it is an ELF file with nothing to load (debug information?)".to_owned()));
    }
    let manifest = if note_bytes > MOST_BYTES as u64 { Err(Damaged::too_large()) } else { Manifest::read(notes) };
    let bits = if header.is_class_64() { 64 } else { 32 };
    let machine = elf_machine(header.e_machine(endian), bits);
    let container = Container { format: "elf".into(), machine, bits, little_endian: endian == Endianness::Little };
    Ok(Image { container, shared, manifest, whole, size })
}

fn elf_machine(machine: elf::Machine, bits: u8) -> String {
    let name = match machine {
        elf::EM_X86_64 => "x86_64",
        elf::EM_386 => "x86",
        elf::EM_AARCH64 => "aarch64",
        elf::EM_ARM => "arm",
        elf::EM_RISCV if bits == 64 => "riscv64",
        elf::EM_RISCV => "riscv32",
        elf::EM_PPC64 => "powerpc64",
        elf::EM_PPC => "powerpc",
        elf::EM_S390 => "s390x",
        elf::EM_LOONGARCH => "loongarch64",
        elf::EM_MIPS if bits == 64 => "mips64",
        elf::EM_MIPS => "mips",
        other => return format!("machine {other:?}"),
    };
    name.to_owned()
}

/// A PE or Mach-O image: its records are in a section of their own.
fn section_image<'data, R: ReadRef<'data>>(data: R, size: u64) -> Result<Image, ReadError> {
    let file =
        object::File::parse(data).map_err(|error| ReadError::NotWhole(format!("its headers are cut: {error}")))?;
    let little_endian = file.endianness() == Endianness::Little;
    let mut whole = Ok(());
    let mut notes = Vec::new();
    for section in file.sections() {
        let name = section.name().unwrap_or_default();
        if let Some((offset, len)) = section.file_range() {
            if offset.checked_add(len).is_none_or(|end| end > size) {
                whole = Err(format!("section `{name}` lies outside the file of {size} bytes"));
                continue;
            }
        }
        if matches!(name, ".plugbox" | "__plugbox") {
            match section.data() {
                Ok(bytes) => notes.push(NoteBytes { bytes, align: 4, little_endian }),
                Err(error) => whole = Err(format!("section `{name}` cannot be read: {error}")),
            }
        }
    }
    let machine = match file.architecture() {
        Architecture::X86_64 | Architecture::X86_64_X32 => "x86_64".to_owned(),
        Architecture::I386 => "x86".to_owned(),
        Architecture::Aarch64 => "aarch64".to_owned(),
        Architecture::Arm => "arm".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    let format = if file.format() == BinaryFormat::MachO { "mach-o" } else { "pe" };
    let bits = if file.is_64() { 64 } else { 32 };
    let container = Container { format: format.into(), machine, bits, little_endian };
    Ok(Image { container, shared: true, manifest: Manifest::read(notes), whole, size })
}

//! Reading a library: its container and its manifest, from bytes, with bounds.
//!
//! One read of the first 4 KiB is enough for most libraries, because linkers put notes right behind the headers; a second
//! one gets the rest of longer ones. Nothing here maps or runs anything.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use object::read::ReadRef;
use object::read::elf::{FileHeader, ProgramHeader};
use object::read::macho::{FatArch, MachHeader, MachOFatFile, Section, Segment};
use object::read::pe::ImageNtHeaders;
use object::{BigEndian, Endianness, FileKind, LittleEndian, elf, macho, pe};

use crate::bounded::{Bounded, Pieces};

use crate::manifest::{Damaged, MOST_BYTES, Manifest, NoteBytes};
use crate::opened::Opened;

/// How much of a file the first look reads.
const FIRST_LOOK: usize = 4096;

/// How much it reads at most, where records lie behind that.
const LONGEST_LOOK: usize = 48 << 10;

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
    /// The machines of a Mach-O file for several, of which this is the image for one; empty otherwise.
    pub slices: Vec<String>,
}

/// The kind of an object file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// `elf`, `pe` or `mach-o`.
    pub format: &'static str,
    /// The machine, named as in [`std::env::consts::ARCH`].
    pub machine: Cow<'static, str>,
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
            format,
            machine: std::env::consts::ARCH.into(),
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
    let mut opened = Opened::open(path)?;
    image_of(&mut opened).map_err(|error| opened.or_irregular(error))
}

/// Reads the image in an open file, or in bytes.
///
/// # Errors
///
/// As [`image`].
pub fn image_of<F: Read + Seek>(file: &mut F) -> Result<Image, ReadError> {
    let size = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut first = [0; FIRST_LOOK];
    let first = first_of(file, &mut first)?;
    let kind = FileKind::parse(first)
        .map_err(|_| ReadError::NotALibrary("its first bytes are those of no object file".to_owned()))?;
    let look = |first: &[u8]| match kind {
        FileKind::Elf32 => elf_image::<elf::FileHeader32<Endianness>, _>(first, size),
        FileKind::Elf64 => elf_image::<elf::FileHeader64<Endianness>, _>(first, size),
        _ => Err(ReadError::NotWhole(String::new())),
    };
    let image = look(first);
    if !matches!(image, Err(ReadError::NotWhole(_))) {
        return image;
    }
    if let Some(end) = records_end(kind, first) {
        let mut longer = vec![0; end.max(first.len())];
        longer[..first.len()].copy_from_slice(first);
        let rest = first_of(file, &mut longer[first.len()..])?.len();
        let image = look(&longer[..first.len() + rest]);
        if !matches!(image, Err(ReadError::NotWhole(_))) {
            return image;
        }
    }
    // What was asked for lies further back, or nowhere.
    let pieces = Pieces::of(file)?;
    let whole = pieces.whole();
    match kind {
        FileKind::Elf32 => elf_image::<elf::FileHeader32<Endianness>, _>(whole, size),
        FileKind::Elf64 => elf_image::<elf::FileHeader64<Endianness>, _>(whole, size),
        FileKind::Pe32 => pe_image::<pe::ImageNtHeaders32, _>(whole, size),
        FileKind::Pe64 => pe_image::<pe::ImageNtHeaders64, _>(whole, size),
        FileKind::MachO32 | FileKind::MachO64 => macho_image(kind, whole, size),
        FileKind::MachOFat32 => fat_image::<macho::FatArch32, _>(whole, size),
        FileKind::MachOFat64 => fat_image::<macho::FatArch64, _>(whole, size),
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

/// Where the last note ends, if that is near.
fn records_end(kind: FileKind, first: &[u8]) -> Option<usize> {
    fn last<Elf: FileHeader<Endian = Endianness>>(first: &[u8]) -> Option<u64> {
        let header = Elf::parse(first).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, first).ok()?;
        let notes = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_NOTE);
        notes.map(|note| note.p_offset(endian).into().checked_add(note.p_filesz(endian).into())).max()?
    }
    let end = match kind {
        FileKind::Elf32 => last::<elf::FileHeader32<Endianness>>(first),
        FileKind::Elf64 => last::<elf::FileHeader64<Endianness>>(first),
        _ => None,
    };
    end.and_then(|end| usize::try_from(end).ok()).filter(|end| *end <= LONGEST_LOOK)
}

fn headers_are_cut(error: object::read::Error) -> ReadError {
    ReadError::NotWhole(format!("its headers are cut: {error}"))
}

/// An ELF image: by program headers alone, because they are what the system's loader goes by, and survive stripping.
fn elf_image<'data, Elf, R>(data: R, size: u64) -> Result<Image, ReadError>
where
    Elf: FileHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let cut = |what: &str| ReadError::NotWhole(format!("{what} lies outside the file of {size} bytes"));
    let invalid = |what: &str| ReadError::NotALibrary(format!("its ELF header is not valid: {what}"));
    if data.read_bytes_at(0, size_of::<Elf>() as u64).is_err() {
        return Err(cut("the ELF header"));
    }
    let header = Elf::parse(data).map_err(|_| invalid("its class, byte order or version"))?;
    let endian = header.endian().map_err(|_| invalid("its byte order"))?;
    let shared = header.e_type(endian) == elf::ET_DYN;
    if !shared && header.e_type(endian) != elf::ET_EXEC {
        return Err(ReadError::NotALibrary("it is an ELF file, but neither a library nor an executable".to_owned()));
    }
    if header.e_phnum(endian) > 0 && usize::from(header.e_phentsize(endian)) != size_of::<Elf::ProgramHeader>() {
        return Err(invalid("the size of its program headers"));
    }
    let segments = header.program_headers(endian, data).map_err(|_| cut("the table of program headers"))?;
    let mut whole = Ok(());
    let mut note_bytes = 0u64;
    let mut loads = 0;
    let mut linked = false;
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
            elf::PT_DYNAMIC => {
                linked = len > 0;
                if !inside && whole.is_ok() {
                    whole = Err("what the system's loader goes by lies outside the file".to_owned());
                }
            }
            elf::PT_NOTE if inside => {
                note_bytes = note_bytes.saturating_add(len);
                if note_bytes <= MOST_BYTES as u64 {
                    segment.data(endian, data).map_err(|()| cut("a note"))?;
                }
            }
            elf::PT_NOTE if whole.is_ok() => whole = Err("the notes lie outside the file".to_owned()),
            _ => {}
        }
    }
    // A file of debug information has the headers of its library, and nothing behind them.
    if loads == 0 || shared && !linked {
        return Err(ReadError::NotALibrary("it is an ELF file with nothing to load (debug information?)".to_owned()));
    }
    let notes = segments.iter().filter(|segment| segment.p_type(endian) == elf::PT_NOTE);
    let notes = notes.filter_map(|segment| {
        let align = if segment.p_align(endian).into() == 8 { 8 } else { 4 };
        let little_endian = endian == Endianness::Little;
        Some(NoteBytes { bytes: segment.data(endian, data).ok()?, align, little_endian })
    });
    let manifest = if note_bytes > MOST_BYTES as u64 { Err(Damaged::too_large()) } else { Manifest::read(notes) };
    let bits = if header.is_class_64() { 64 } else { 32 };
    let machine = elf_machine(header.e_machine(endian), bits);
    let container = Container { format: "elf", machine, bits, little_endian: endian == Endianness::Little };
    Ok(Image { container, shared, manifest, whole, size, slices: Vec::new() })
}

fn elf_machine(machine: elf::Machine, bits: u8) -> Cow<'static, str> {
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
        other => return format!("machine {other:?}").into(),
    };
    name.into()
}

/// The sections of a PE or Mach-O image: which hold records, and whether all of them lie inside the file.
struct Sections<'data> {
    notes: Vec<NoteBytes<'data>>,
    note_bytes: u64,
    whole: Result<(), String>,
    size: u64,
}

impl<'data> Sections<'data> {
    fn new(size: u64) -> Self {
        Self { notes: Vec::new(), note_bytes: 0, whole: Ok(()), size }
    }

    fn add<R: ReadRef<'data>>(&mut self, data: R, name: &[u8], (offset, len): (u64, u64), little_endian: bool) {
        let name = String::from_utf8_lossy(name);
        if offset.checked_add(len).is_none_or(|end| end > self.size) {
            let outside = || format!("section `{name}` lies outside the file of {} bytes", self.size);
            self.whole = std::mem::replace(&mut self.whole, Ok(())).and_then(|()| Err(outside()));
            return;
        }
        if !matches!(&*name, ".plugbox" | "__plugbox") {
            return;
        }
        self.note_bytes = self.note_bytes.saturating_add(len);
        if self.note_bytes <= MOST_BYTES as u64 {
            if let Ok(bytes) = data.read_bytes_at(offset, len) {
                self.notes.push(NoteBytes { bytes, align: 4, little_endian });
            } else {
                self.whole = Err(format!("section `{name}` cannot be read"));
            }
        }
    }

    fn image(self, container: Container, shared: bool) -> Image {
        let large = self.note_bytes > MOST_BYTES as u64;
        let manifest = if large { Err(Damaged::too_large()) } else { Manifest::read(self.notes) };
        Image { container, shared, manifest, whole: self.whole, size: self.size, slices: Vec::new() }
    }
}

/// A PE image.
fn pe_image<'data, Pe: ImageNtHeaders, R: ReadRef<'data>>(data: R, size: u64) -> Result<Image, ReadError> {
    let dos = pe::ImageDosHeader::parse(data).map_err(headers_are_cut)?;
    let mut offset = dos.nt_headers_offset().into();
    let (headers, _) = Pe::parse(data, &mut offset).map_err(headers_are_cut)?;
    let table = headers.sections(data, offset).map_err(headers_are_cut)?;
    let mut sections = Sections::new(size);
    for section in table.iter() {
        let (offset, len) = section.pe_file_range();
        sections.add(data, section.raw_name(), (offset.into(), len.into()), true);
    }
    let file = headers.file_header();
    let machine: Cow<'_, str> = match file.machine.get(LittleEndian) {
        pe::IMAGE_FILE_MACHINE_AMD64 => "x86_64".into(),
        pe::IMAGE_FILE_MACHINE_I386 => "x86".into(),
        pe::IMAGE_FILE_MACHINE_ARM64 => "aarch64".into(),
        pe::IMAGE_FILE_MACHINE_ARMNT => "arm".into(),
        other => format!("machine {other:?}").into(),
    };
    let bits = if Pe::is_type_64(headers) { 64 } else { 32 };
    let shared = file.characteristics.get(LittleEndian).contains(pe::IMAGE_FILE_DLL);
    Ok(sections.image(Container { format: "pe", machine, bits, little_endian: true }, shared))
}

fn macho_image<'data, R: ReadRef<'data>>(kind: FileKind, data: R, size: u64) -> Result<Image, ReadError> {
    match kind {
        FileKind::MachO32 => thin_image::<macho::MachHeader32<Endianness>, _>(data, size),
        FileKind::MachO64 => thin_image::<macho::MachHeader64<Endianness>, _>(data, size),
        other => Err(ReadError::NotALibrary(format!("it holds a file of kind {other:?}"))),
    }
}

/// A Mach-O image for one machine.
fn thin_image<'data, Mach, R>(data: R, size: u64) -> Result<Image, ReadError>
where
    Mach: MachHeader<Endian = Endianness>,
    R: ReadRef<'data>,
{
    let header = Mach::parse(data, 0).map_err(headers_are_cut)?;
    let endian = header.endian().map_err(headers_are_cut)?;
    let shared = match header.filetype(endian) {
        macho::MH_DYLIB | macho::MH_BUNDLE => true,
        macho::MH_EXECUTE => false,
        _ => {
            let what = "it is a Mach-O file, but neither a library nor an executable";
            return Err(ReadError::NotALibrary(what.to_owned()));
        }
    };
    let little_endian = endian == Endianness::Little;
    let mut sections = Sections::new(size);
    let mut commands = header.load_commands(endian, data, 0).map_err(headers_are_cut)?;
    while let Some(command) = commands.next().map_err(headers_are_cut)? {
        let Some((segment, rest)) = Mach::Segment::from_command(command).map_err(headers_are_cut)? else { continue };
        sections.add(data, segment.name(), segment.file_range(endian), little_endian);
        for section in segment.sections(endian, rest).map_err(headers_are_cut)? {
            let len = section.file_size(endian).unwrap_or(0);
            sections.add(data, section.name(), (section.offset(endian).into(), len), little_endian);
        }
    }
    let machine: Cow<'_, str> = match header.cputype(endian) {
        macho::CPU_TYPE_X86_64 => "x86_64".into(),
        macho::CPU_TYPE_X86 => "x86".into(),
        macho::CPU_TYPE_ARM64 => "aarch64".into(),
        macho::CPU_TYPE_ARM => "arm".into(),
        other => format!("machine {other:?}").into(),
    };
    let bits = if header.is_type_64() { 64 } else { 32 };
    Ok(sections.image(Container { format: "mach-o", machine, bits, little_endian }, shared))
}

/// A Mach-O file with images for several machines: the one for this machine, or the first.
fn fat_image<Fat: FatArch, F: Read + Seek>(data: Bounded<'_, '_, F>, size: u64) -> Result<Image, ReadError> {
    let count = data.read_at::<macho::FatHeader>(0).map_or(0, |header| header.nfat_arch.get(BigEndian));
    if count > MOST_SLICES {
        return Err(ReadError::NotALibrary(format!("it is a Mach-O file for {count} machines (a Java class?)")));
    }
    let file = MachOFatFile::<Fat>::parse(data).map_err(headers_are_cut)?;
    let mut slices = Vec::new();
    for arch in file.arches() {
        let (offset, len) = arch.file_range();
        let Some(slice) = data.part(offset, len) else {
            let what = format!("an image for one of its machines lies outside the file of {size} bytes");
            return Err(ReadError::NotWhole(what));
        };
        let kind = FileKind::parse(slice).map_err(headers_are_cut)?;
        slices.push(macho_image(kind, slice, len)?);
    }
    let machines: Vec<String> = slices.iter().map(|slice| slice.container.machine.to_string()).collect();
    let ours = slices.iter().position(|slice| slice.container.machine == std::env::consts::ARCH).unwrap_or(0);
    if slices.is_empty() {
        return Err(ReadError::NotALibrary("it is a Mach-O file for no machine".to_owned()));
    }
    Ok(Image { slices: machines, size, ..slices.swap_remove(ours) })
}

/// The most machines that one Mach-O file is for; the classes of Java have the same first bytes, and versions from 45 on.
const MOST_SLICES: u32 = 16;

//! A library with the C interface: first its bytes, then its code.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use object::read::{ExportTarget, NameOrOrdinal};
use object::{BinaryFormat, Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use plugbox_loader::inspect::{self, Container};

use crate::abi::Plugin;
use crate::error::{LoadError, Problem};
use crate::plugin::CPlugin;
use crate::sys;
use crate::table::Table;

/// The maximum size of a library, in bytes.
const MOST: u64 = 256 << 20;

/// The function that a library with the C interface exports.
const REGISTER: &str = "plugin_register";

/// How the names of the folders of copies begin.
const COPIES: &str = "plugin.h-";

/// A file whose symbols include the function `plugin_register`. None of its code has run.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Library {
    /// Reads the bytes of a file. Returns `None` if it does not export a function `plugin_register`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not a library that this process can load.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = c_bridge::Library::look("Cargo.toml").unwrap_err();
    /// let expected = "Cargo.toml: this process cannot load it: the file is a text, not an object file";
    /// assert_eq!(error.to_string(), expected);
    /// ```
    pub fn look(path: impl AsRef<Path>) -> Result<Option<Self>, LoadError> {
        let path = path.as_ref();
        let look = || {
            let bytes = bytes(path)?;
            refuse_unloadable(&bytes)?;
            Ok(exports_register(&bytes)?.then_some(bytes))
        };
        let bytes = look().map_err(|problem| LoadError::new(path, problem))?;
        Ok(bytes.map(|bytes| Self { path: path.to_owned(), bytes }))
    }

    /// The file's size, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Maps the library, which runs its constructors, and calls `plugin_register`. The mapped file is a private copy of
    /// the bytes that were read, and each call maps a new image. It is never unmapped.
    ///
    /// # Errors
    ///
    /// The system cannot map the library, or the plugin that it registers does not obey `plugin.h`.
    ///
    /// # Safety
    ///
    /// Most of the C interface cannot be checked, so you have to trust the author. You vouch that, until the process
    /// ends:
    ///
    /// 1. The library obeys `plugin.h`, and has none of the errors that it lists as undetectable: the functions have
    ///    the right parameters, the pointers point to the right memory, and nothing unwinds out of the library.
    /// 2. The library, and each library that it needs (`DT_NEEDED`), may do anything to this process: when it is
    ///    mapped, when it is called, and when the process ends.
    ///
    /// These checks are made for you: the file is a whole library for this machine, and exports the function; the
    /// pointer is aligned, and points to as much memory as the struct's `size`; version and size are right; callbacks
    /// point to code, and have the callbacks that they require; each text is UTF-8, and not too long.
    pub unsafe fn register(self) -> Result<CPlugin, LoadError> {
        let register = || {
            // SAFETY: obligation 2.
            let register = unsafe { self.map() }?;
            // SAFETY: obligation 1: the function has no parameters and returns this pointer.
            let plugin = unsafe { register() };
            // SAFETY: obligation 1: the registered struct is readable.
            unsafe { Table::read(plugin) }
        };
        match register() {
            Ok(table) => Ok(CPlugin::new(self.path, table)),
            Err(problem) => Err(LoadError::new(&self.path, problem)),
        }
    }

    /// Maps a private copy of the bytes, and finds the function.
    ///
    /// # Safety
    ///
    /// 1. The initializers of the library, and of the libraries that it needs, may do anything to this process.
    unsafe fn map(&self) -> Result<unsafe extern "C" fn() -> *const Plugin, Problem> {
        let failed = |source| Problem::Io { doing: "make a private copy", source };
        sys::remove_left(COPIES);
        // The folder is removed once the copy is mapped, by this process or by a later one; the mapping stays.
        let folder = tempfile::Builder::new().prefix(COPIES).tempdir().map_err(failed)?;
        // With the name of a library of the system, such as `version.dll`, Windows or Wine may take that one.
        let mut name = OsString::from("c-");
        name.push(self.path.file_name().unwrap_or_default());
        let copy = folder.path().join(name);
        fs::write(&copy, &self.bytes).map_err(failed)?;
        // SAFETY: obligation 1.
        let library = unsafe { sys::open(&copy) }.map_err(Problem::Map)?;
        // Never unmapped: nobody can prove that nothing of the library is in use.
        let library = ManuallyDrop::new(library);
        // SAFETY: the type is the one in `plugin.h`, and the symbol table says that this name is a function.
        let register = unsafe { library.get(REGISTER.as_bytes()) }.map_err(Problem::Map)?;
        Ok(*register)
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |source| Problem::Io { doing: "read it", source };
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > MOST {
        return Err(Problem::Large { size, most: MOST });
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

fn refuse_unloadable(bytes: &[u8]) -> Result<(), Problem> {
    let image = inspect::image_of(&mut Cursor::new(bytes)).map_err(|error| Problem::NotLoadable(error.to_string()))?;
    let here = Container::of_this_process();
    if image.container != here {
        return Err(Problem::NotLoadable(format!("it is {}, expected {here}", image.container)));
    }
    if !image.shared {
        return Err(Problem::NotLoadable("it is an executable; link it with `-shared`".to_owned()));
    }
    image.whole.map_err(Problem::NotLoadable)
}

fn exports_register(bytes: &[u8]) -> Result<bool, Problem> {
    let unreadable = |error: object::Error| Problem::NotLoadable(error.to_string());
    let file = object::File::parse(bytes).map_err(unreadable)?;
    if file.format() == BinaryFormat::Elf {
        let is_register = |name: object::Result<&str>| name == Ok(REGISTER);
        let mut symbols = file.dynamic_symbols().filter(|symbol| is_register(symbol.name()));
        return Ok(symbols.any(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text));
    }
    // The other formats do not say which exports are functions, but which sections are code.
    for export in file.exports().map_err(unreadable)? {
        let export = export.map_err(unreadable)?;
        let NameOrOrdinal::Name(name) = export.name() else { continue };
        // In Mach-O files, the names of C begin with an underscore.
        let name = if file.format() == BinaryFormat::MachO { name.strip_prefix(b"_").unwrap_or(name) } else { name };
        if let (true, ExportTarget::Address { address }) = (name == REGISTER.as_bytes(), export.target()) {
            let mut code = file.sections().filter(|section| section.kind() == SectionKind::Text);
            return Ok(code.any(|section| address.checked_sub(section.address()).is_some_and(|at| at < section.size())));
        }
    }
    Ok(false)
}

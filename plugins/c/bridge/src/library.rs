//! A library of the C interface: its bytes, and then its code.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use libloading::os::unix::{self, RTLD_LOCAL, RTLD_NOW};
use object::{Object, ObjectSymbol, SymbolKind};
use plugbox_loader::inspect::{self, Container};

use crate::abi::Plugin;
use crate::error::{LoadError, Problem};
use crate::plugin::CPlugin;
use crate::table::Table;

/// The most bytes of a library.
const MOST: u64 = 256 << 20;

/// The function that a library of the C interface exports.
const REGISTER: &str = "plugin_register";

/// A file that exports `plugin_register`, as its bytes say. Nothing of it has run.
#[derive(Debug)]
pub struct Library {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Library {
    /// Looks at the bytes of a file; none where it does not export a function `plugin_register`.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no library that this process can load.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = c_bridge::Library::look("Cargo.toml").unwrap_err();
    /// let expected = "Cargo.toml: it is no library that this process can load: its first bytes are those of no object file";
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

    /// Maps the library, whose constructors run then, and has it register its plugin. What is mapped is what was looked
    /// at: a private copy, and an image of its own however often the file is loaded. It is never unmapped.
    ///
    /// # Errors
    ///
    /// The system cannot map it, or what it registers is not what `plugin.h` asks for.
    ///
    /// # Safety
    ///
    /// C promises nothing that could be checked, so this is trust in its author. You vouch that, until the process ends:
    ///
    /// 1. The library keeps to what `plugin.h` says, and what it says that nobody finds is not in it: its functions have
    ///    the parameters that they should have, its pointers lead to what they should lead to, nothing unwinds out of it.
    /// 2. It, and each library that it needs (`DT_NEEDED`), may do to this process whatever it does: when it is mapped,
    ///    when it is called, when the process ends.
    ///
    /// What is checked for you: that the file is a whole library for this machine and exports the function; that the
    /// pointer is aligned and leads to memory as large as the struct says; version and size; that callbacks lead to
    /// code, and come in pairs; and each text, whose length is bounded and whose bytes are UTF-8.
    pub unsafe fn register(self) -> Result<CPlugin, LoadError> {
        let register = || {
            // SAFETY: obligation 2.
            let register = unsafe { self.map() }?;
            // SAFETY: obligation 1: the function has no parameters and returns this pointer.
            let plugin = unsafe { register() };
            // SAFETY: obligation 1: what a library has registered is there for it to be read.
            unsafe { Table::read(plugin) }
        };
        match register() {
            Ok(table) => Ok(CPlugin::new(self.path, table)),
            Err(problem) => Err(LoadError::new(&self.path, problem)),
        }
    }

    /// Maps a private copy of the bytes, and finds the function in it.
    ///
    /// # Safety
    ///
    /// 1. The library and those that it needs may do whatever their initializers do.
    unsafe fn map(&self) -> Result<unsafe extern "C" fn() -> *const Plugin, Problem> {
        let failed = |source| Problem::Io { doing: "make a private copy", source };
        // The folder goes when the copy is mapped; what is mapped stays.
        let folder = tempfile::tempdir().map_err(failed)?;
        let copy = folder.path().join(self.path.file_name().unwrap_or_default());
        fs::write(&copy, &self.bytes).map_err(failed)?;
        // SAFETY: obligation 1.
        let library = unsafe { unix::Library::open(Some(&copy), RTLD_NOW | RTLD_LOCAL) }.map_err(Problem::Map)?;
        // Nobody can prove that nothing of it is in use.
        let library = ManuallyDrop::new(library);
        // SAFETY: the type is that of `plugin.h`; the library exports this name as a function, says its symbol table.
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
    let file = object::File::parse(bytes).map_err(|error| Problem::NotLoadable(error.to_string()))?;
    let exports = file
        .dynamic_symbols()
        .any(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text && symbol.name() == Ok(REGISTER));
    Ok(exports)
}

//! Mapping: libraries that stay mapped until the process ends.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::generation::Generation;
use super::mappings;
use crate::errors::LoadError;
use crate::manifest::{Manifest, NoteBytes, PluginRecord, RecordCache};
use crate::stage::StagedFile;
use crate::sys::{self, Cause, Library, MappedImage};

/// A mapped library. It holds a count of its generation, because code in the library keeps the generation's address
/// (see `bind`), and may use it when no handle is left: one of the plugin's threads may panic.
pub(crate) struct Mapping {
    library: Library,
    /// The address of its image.
    start: usize,
    _generation: Arc<Generation>,
}

impl Mapping {
    /// Maps the library at `path`, and thereby runs its initializers. Returns its image, too.
    ///
    /// # Errors
    ///
    /// Returns the error of the system's loader.
    ///
    /// # Safety
    ///
    /// 1. The file is a library that the host trusts, and its verdict is `Fits`.
    unsafe fn open(path: &Path, own_folder: bool, generation: Arc<Generation>) -> Result<(Self, MappedImage), Cause> {
        // SAFETY: *trust*: the host has promised that the library's initializers are sound (obligation 1).
        let (library, image) = unsafe { Library::open(path, own_folder) }?;
        Ok((Self { library, start: image.start(), _generation: generation }, image))
    }
}

/// All mapped libraries. None is ever taken out, because nobody can prove that none of its code or data is in use. The
/// lock also lets one thread at a time map a library.
static MAPPED: Mutex<Vec<&Mapping>> = Mutex::new(Vec::new());

/// Maps a staged library whose verdict is `Fits`, and checks that the mapped library is the judged one. Returns the
/// library's image, and the address of each plugin's entry table. The mapping then holds a count of the generation.
pub(crate) fn map(
    generation: &Arc<Generation>,
    file: StagedFile,
    judged: &Manifest,
    plugins: &[Arc<PluginRecord>],
) -> Result<(MappedImage, Vec<*const ()>), LoadError> {
    let path = &generation.path;
    let other = |found: String| LoadError::OtherImage { path: path.clone(), found };
    let cannot = |source| LoadError::Map { path: path.clone(), source };

    mappings::check(path)?;
    let (mapping, image) = {
        // One at a time: of two threads that map one file, the second must find it mapped. Nothing that could load a
        // plugin may run under the lock, such as a subscriber of the host.
        let mut mapped = MAPPED.lock().unwrap_or_else(PoisonError::into_inner);
        // The path of a copy is new to the system's loader, and so is its inode.
        if !file.is_copy() && sys::is_loaded(file.path.as_os_str()) {
            return Err(other(mapped_before(&file.path)));
        }
        // SAFETY: *same bytes*: the file is the one that was judged as `Fits`: the staged copy, in a folder that only
        // this user may access, or the original if the host has chosen `Loader::without_staging`. *trust*: the host
        // trusts its origin.
        let opened = unsafe { Mapping::open(&file.path, file.has_own_folder(), generation.clone()) };
        let (mapping, image) = opened.or_else(|error| mappings::used_and_left(path).and(Err(cannot(error))))?;
        // Some systems know a file by more than its path.
        let is_known = !file.is_copy() && mapped.iter().any(|known| known.start == mapping.start);
        let mapping: &Mapping = Box::leak(Box::new(mapping));
        mapped.push(mapping);
        if is_known {
            return Err(other(mapped_before(&file.path)));
        }
        (mapping, image)
    };
    let copy = file.keep();
    tracing::debug!(path = %path.display(), copy = %copy.display(), "mapped");
    // SAFETY: *mapped*: the image was mapped just now, and stays. *trust*: nobody writes to the notes of a library that
    // is the unmodified output of rustc and plugbox's macros (`Trust::directory`, 2).
    let notes = unsafe { image.notes() }.map(|(bytes, align)| NoteBytes::in_memory(bytes, align));
    if Manifest::read_with(notes, RecordCache::of_this_process()).as_ref() != Ok(judged) {
        return Err(other("the records in memory differ from the records that were judged".to_owned()));
    }
    let entries = plugins.iter().map(|plugin| match mapping.library.symbol(&plugin.entry).map_err(cannot)? {
        entry if image.contains(entry.addr()) => Ok(entry),
        _ => Err(other(format!("the entry table of plugin {} is in a library that it needs", plugin.name))),
    });
    let entries = entries.collect::<Result<_, _>>()?;
    Ok((image, entries))
}

fn mapped_before(path: &Path) -> String {
    format!(
        "it would be `{}`, which was mapped before; only a private copy of a file is always mapped as a new image",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_generation_lives_as_long_as_its_mapping() {
        let generation = Arc::new(Generation::new(1, PathBuf::new(), Vec::new()));
        let (weak, address) = (Arc::downgrade(&generation), Arc::as_ptr(&generation));
        let name = match std::env::consts::OS {
            "windows" => r"C:\windows\system32\msvcrt.dll",
            "macos" => "/usr/lib/libSystem.B.dylib",
            _ => "libc.so.6",
        };
        // SAFETY: std has loaded the C library already, so no initializer runs.
        let (mapping, image) = unsafe { Mapping::open(Path::new(name), false, generation) }.unwrap();
        let malloc = mapping.library.symbol("malloc").unwrap();
        // The control: two ways to find an image.
        assert!(image.contains(malloc.addr()) && sys::image_at(malloc.addr()) == Some(image));
        MAPPED.lock().unwrap().push(Box::leak(Box::new(mapping)));
        assert_eq!(
            weak.upgrade().map(|kept| Arc::as_ptr(&kept)),
            Some(address),
            "code in the library keeps the address"
        );
    }
}

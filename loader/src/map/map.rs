//! Mapping: the only module that names `libloading`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL, RTLD_NOW};

use super::generation::{Generation, Slot};
use crate::errors::LoadError;
use crate::manifest::{Manifest, NoteBytes, PluginRecord, RecordCache};
use crate::stage::StagedFile;
use crate::sys::{self, MappedImage};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A library that is mapped. It holds a count of its generation, because code in the library keeps the generation's
/// address (`bind`) and uses it when no handle is left: a thread of the plugin's may panic.
pub(crate) struct Mapping {
    library: Library,
    _generation: Arc<Generation>,
}

impl Mapping {
    /// Maps the library at `path`: its initializers run now.
    ///
    /// # Errors
    ///
    /// What the system's loader says.
    ///
    /// # Safety
    ///
    /// 1. The file is a library that the host trusts, and its verdict is `Fits`.
    unsafe fn open(path: &Path, generation: Arc<Generation>) -> Result<Self, Cause> {
        // SAFETY: obligation 1: that its initializers are sound is what the host vouched for with `Trust`.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }?;
        Ok(Self { library, _generation: generation })
    }

    /// The address of a symbol.
    ///
    /// # Errors
    ///
    /// What the system's loader says.
    fn symbol(&self, name: &str) -> Result<*const (), Cause> {
        // SAFETY: a raw pointer is right for a symbol of whatever type; nothing is read through it here.
        let symbol = unsafe { self.library.get::<*const ()>(name.as_bytes()) }?;
        Ok(*symbol)
    }

    /// Keeps the library mapped until the process ends, because nobody can prove that nothing of it is in use.
    fn keep(self) -> &'static Self {
        Box::leak(Box::new(self))
    }
}

/// Whether the system's loader would answer with a library that is mapped already, and map nothing.
pub(crate) fn is_loaded(name: &str) -> bool {
    // SAFETY: with RTLD_NOLOAD nothing is mapped and no initializer runs, says dlopen(3).
    unsafe { Library::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD) }.is_ok()
}

/// Sees to it that the image with this address, of a host, is never unmapped. A host may be a library, which whoever has
/// opened it may close; its plugins stay, and call it.
///
/// # Errors
///
/// Why nothing would keep it.
pub(crate) fn pin(address: usize) -> Result<(), Cause> {
    let images = sys::images();
    let own = images.iter().find(|image| image.contains(address)).ok_or("the host's table lies in no image")?;
    if own.name.is_empty() {
        // The program itself, which is never unmapped.
        return Ok(());
    }
    // By the name that the system's loader has for it, which it compares as text before it looks for a file: wherever the
    // file is now, and whatever folder a relative name was relative to.
    let name = OsStr::from_bytes(own.name.to_bytes());
    // SAFETY: with RTLD_NOLOAD nothing is mapped and no initializer runs, says dlopen(3).
    let opened = unsafe { Library::open(Some(name), RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) }?;
    // The handle stays open.
    // SAFETY: it is open.
    if unsafe { own.is_of(opened.into_raw()) } {
        return Ok(());
    }
    Err(format!("`{}` is the name of another image", own.name.to_string_lossy()).into())
}

/// Maps a staged library whose verdict is `Fits`, makes sure that what was mapped is what was judged, and returns the
/// addresses of the plugins' entry tables and the image that they lie in. From then on the mapping holds a count of the
/// generation.
pub(crate) fn map(
    generation: &Arc<Generation>,
    slot: Slot,
    file: &mut StagedFile,
    judged: &Manifest,
    plugins: &[Arc<PluginRecord>],
) -> Result<Vec<(*const (), MappedImage)>, LoadError> {
    // One at a time: which image is new can be said only while nobody of ours maps another.
    static MAPPING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = MAPPING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = &generation.path;
    let other = |found: String| LoadError::OtherImage { path: path.clone(), found };
    let cannot = |source| LoadError::Map { path: path.clone(), source };

    // None of ours is ever unmapped, so these are all that ever were.
    let before = sys::images();
    // SAFETY: what was judged as `Fits` is the staged copy, in a folder that only this user may enter, or the file in its
    // place, where `Loader::without_staging` says so; the host vouched for where it came from.
    let mapping = unsafe { Mapping::open(&file.path, generation.clone()) }.map_err(cannot)?.keep();
    file.keep();
    tracing::debug!(path = %path.display(), copy = %file.path.display(), "mapped");
    let images = sys::images();
    let was_mapped_before = |image: &MappedImage| before.iter().any(|earlier| earlier.base == image.base);
    if !images.iter().all(was_mapped_before) {
        slot.keep();
    }
    let mut entries = Vec::new();
    for plugin in plugins {
        let entry = mapping.symbol(&plugin.entry).map_err(cannot)?;
        let Some(image) = images.iter().find(|image| image.contains(entry.addr())) else {
            return Err(other(format!("the entry of plugin {} lies in no image", plugin.name)));
        };
        if was_mapped_before(image) {
            return Err(other(format!(
                "the entry of plugin {} lies in `{}`, which was mapped before; only a private copy of a file is an image of \
                 its own",
                plugin.name,
                image.name.to_string_lossy()
            )));
        }
        // SAFETY: the image was mapped just now and is never unmapped; nobody writes to the notes of a library that is the
        // output of rustc and plugbox's macros (`Trust::directory`, 2).
        let notes = unsafe { image.notes() }.map(|(bytes, align)| NoteBytes::in_memory(bytes, align));
        if Manifest::read_with(notes, RecordCache::of_this_process()).as_ref() != Ok(judged) {
            return Err(other("its records in memory are not those that were judged".to_owned()));
        }
        entries.push((entry, image.clone()));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_generation_lives_as_long_as_its_mapping() {
        let generation = Arc::new(Generation { number: 1, path: PathBuf::new(), plugins: Vec::new() });
        let (weak, address) = (Arc::downgrade(&generation), Arc::as_ptr(&generation));
        // SAFETY: std has loaded it already, so no initializer runs.
        let mapping = unsafe { Mapping::open(Path::new("libc.so.6"), generation) }.unwrap().keep();
        assert!(mapping.symbol("malloc").is_ok());
        assert_eq!(weak.upgrade().map(|kept| Arc::as_ptr(&kept)), Some(address), "code in the library has the address");
    }
}

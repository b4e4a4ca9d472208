//! Mapping: the only module that names `libloading`.

use std::path::Path;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A library that is mapped, and stays so: it is never closed, because nobody can prove that nothing of it is in use.
pub(crate) struct Mapped(std::mem::ManuallyDrop<libloading::os::unix::Library>);

impl Mapped {
    /// Maps the library at `path`: its initialisers run now.
    ///
    /// # Errors
    ///
    /// What the system's loader says.
    ///
    /// # Safety
    ///
    /// 1. The file is a library that the host trusts, and its verdict is `Fits`.
    pub(crate) unsafe fn open(path: &Path) -> Result<Self, Cause> {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        // SAFETY: obligation 1: that its initialisers are sound is what the host vouched for with `Trust`.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }?;
        Ok(Self(std::mem::ManuallyDrop::new(library)))
    }

    /// The address of a symbol.
    ///
    /// # Errors
    ///
    /// What the system's loader says.
    pub(crate) fn symbol(&self, name: &str) -> Result<*const (), Cause> {
        // SAFETY: a raw pointer is right for a symbol of whatever type; nothing is read through it here.
        let symbol = unsafe { self.0.get::<*const ()>(name.as_bytes()) }?;
        Ok(*symbol)
    }
}

//! Trust: the one thing that a host vouches for.

use std::io;
use std::path::{Path, PathBuf};

use crate::reason::{Code, Reason};

/// Where plugins may come from. Making one is the only `unsafe` step of a host.
#[derive(Clone, Debug)]
pub struct Trust {
    directory: PathBuf,
}

impl Trust {
    /// Vouches for the libraries in a directory and below it. Loading, calling and dropping them are then safe.
    ///
    /// # Errors
    ///
    /// The system's, where the directory is not there: its canonical path is what is trusted.
    ///
    /// # Safety
    ///
    /// Native code can do whatever the process can, so this is trust in people. You vouch that, until the process ends:
    ///
    /// 1. Whoever can write to the directory, or to one above it, is trusted with this process.
    /// 2. Each file in it that carries records of plugbox is the unmodified output of rustc and plugbox's macros
    ///    (tools that strip or sign it are fine).
    /// 3. Its initialisers, its C code and the libraries that it needs (`DT_NEEDED`) are sound when they are loaded, on
    ///    any thread, and when the process ends; initialisers start no thread that uses memory of Rust's.
    /// 4. Nobody changes the environment (`std::env::set_var`) after the first load: host and plugin each have a lock of
    ///    their own for it, and neither keeps the other out.
    /// 5. No type that crosses relies on a static, a thread-local, a `TypeId` or a `ThreadId` being one in the process;
    ///    each side has its own copy (the guide's chapter "Two copies of everything" shows what happens). An API author's `#[shape(revision = N)]` keeps its promise.
    /// 6. Signal handlers and callbacks that a plugin leaves in C libraries stay sound. (Nothing is unmapped, so their
    ///    code stays.)
    ///
    /// What is checked for you, before any code of a library runs: that the file is whole and for this machine, that it
    /// was built by the same compiler for the same target and a processor like this one, that its flags and its panic
    /// strategy fit, that the API's version is compatible and that the interface and every type that it reaches are
    /// laid out as in the host. What is judged is a private copy, and the copy is what is mapped.
    ///
    /// It is sound, for example, when the directory belongs to the user or to root, nobody else may write there, and
    /// what is put there was built by you or by somebody whose programs you would run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use plugbox_loader::{Loader, Trust};
    /// // SAFETY: the installer alone writes to this directory, and it puts our own builds there.
    /// let trust = unsafe { Trust::directory("/usr/lib/edit/plugins")? };
    /// let loader = Loader::new(trust);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub unsafe fn directory(path: impl AsRef<Path>) -> io::Result<Self> {
        let directory = path.as_ref().canonicalize()?;
        if !directory.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "plugins are trusted by directory"));
        }
        Ok(Self { directory })
    }

    /// Why a file is not trusted, by its canonical path.
    pub(crate) fn refuse(&self, canonical: &Path) -> Option<Reason> {
        (!canonical.starts_with(&self.directory)).then(|| {
            Reason::new(
                Code::NotTrusted,
                format!("trusts {} and what is below it", self.directory.display()),
                format!("it lies at {}", canonical.display()),
                "move the library there, or make a `Trust` for its directory",
            )
        })
    }
}

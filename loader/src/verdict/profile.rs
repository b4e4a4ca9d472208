//! The host's profile: the values with which a library is compared.

use once_cell::sync::OnceCell;
use plugbox::__private::BUILD;
use plugbox::Interface;

use super::processor::Processor;
use crate::errors::HostError;
use crate::manifest::{Build, Manifest, NoteBytes, RecordCache};
use crate::read::{Container, GlibcRelease, Image};
use crate::sys;

/// The values with which a library is compared: the host's records, its container and its processor.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HostProfile {
    /// The host's records: its build and the interfaces that it knows.
    pub manifest: Manifest,
    /// The kind of object file that the host can map.
    pub container: Container,
    /// The processor on which libraries will run.
    pub processor: Processor,
    /// The release of the GNU C library in the host's process; `None` if it is not known, or if there is another C library.
    pub glibc: Option<GlibcRelease>,
}

impl HostProfile {
    /// Reads the profile of this process, for one interface. The profile comes from statics in memory and never from
    /// the executable's file, so a host may itself be a library.
    ///
    /// # Errors
    ///
    /// Returns a [`HostError`] if this process cannot load plugins soundly.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
    /// let profile = plugbox_loader::inspect::HostProfile::of_this_process::<dyn Plugin>()?;
    /// assert_eq!(profile.manifest.builds.len(), 1);
    /// # Ok::<(), plugbox_loader::HostError>(())
    /// ```
    pub fn of_this_process<I: ?Sized + Interface>() -> Result<Self, HostError> {
        Ok(Self { processor: Processor::running(), ..Self::knowing(&[I::RECORDS])? })
    }

    /// Reads the profile of this process, for the interfaces of these records, without the processor.
    pub(crate) fn knowing(records: &[&'static [u8]]) -> Result<Self, HostError> {
        static PROCESS: OnceCell<HostProfile> = OnceCell::new();
        let cache = RecordCache::of_this_process();
        let read = |records: &[&'static [u8]]| {
            cache.learn(records)?;
            Manifest::read_with(records.iter().map(|bytes| NoteBytes::of_memory(bytes)), cache)
        };
        let process = PROCESS.get_or_try_init(|| {
            let manifest = read(&[BUILD])?;
            let profile = Self::new(manifest, Container::of_this_process(), Processor::unknown());
            Self { glibc: running_glibc(), ..profile }.fit()
        })?;
        let mut profile = process.clone();
        let own = read(records)?;
        profile.manifest.interfaces = own.interfaces;
        profile.manifest.shapes = own.shapes;
        Ok(profile)
    }

    /// Creates the profile of a host with these records, and with an unknown C library.
    #[must_use]
    pub const fn new(manifest: Manifest, container: Container, processor: Processor) -> Self {
        Self { manifest, container, processor, glibc: None }
    }

    /// Reads the profile of a host from its file. The processor and the C library are those of this machine, or
    /// [unknown](Processor::unknown) if the host is for a different kind of machine.
    ///
    /// # Errors
    ///
    /// Returns a [`HostError`] if the file has no readable records of a host, or if the host cannot load plugins
    /// soundly.
    pub fn of_image(image: Image) -> Result<Self, HostError> {
        let manifest = image.manifest?;
        if manifest.builds.is_empty() {
            let other = manifest.foreign_contracts.first();
            return Err(other.map_or(HostError::NoRecords, |contract| HostError::Contract(*contract)));
        }
        let container = image.container;
        let is_ours = container.machine == std::env::consts::ARCH;
        let processor = if is_ours { Processor::running() } else { Processor::unknown() };
        let glibc = if is_ours && container.format == "elf" { running_glibc() } else { None };
        Self { glibc, ..Self::new(manifest, container, processor) }.fit()
    }

    fn fit(self) -> Result<Self, HostError> {
        // On Windows each image may have a C library of its own: the host's allocator serves all, and no value of the C
        // library crosses.
        let is_static = |build: &Build| build.libc == "static-libc" && !build.target.contains("-windows-");
        if self.manifest.builds.iter().any(|build| is_static(build)) {
            return Err(HostError::StaticLibc);
        }
        Ok(self)
    }
}

fn running_glibc() -> Option<GlibcRelease> {
    sys::glibc().as_deref().and_then(GlibcRelease::parse)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_static_c_library_makes_a_host_unfit_except_on_windows() {
        let host = |target: &str, libc: &str| {
            let build = Build { target: target.to_owned(), libc: libc.to_owned(), ..Build::default() };
            let manifest = Manifest { builds: vec![Arc::new(build)], ..Manifest::default() };
            HostProfile::of_image(Image::of_records(Container::new("pe", "x86_64", 64, true), manifest)).err()
        };
        for target in ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "aarch64-apple-darwin"] {
            assert!(matches!(host(target, "static-libc"), Some(HostError::StaticLibc)), "{target}");
            assert!(host(target, "dynamic-libc").is_none(), "{target}");
        }
        for target in ["x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc", "x86_64-pc-windows-gnu"] {
            assert!(host(target, "static-libc").is_none(), "{target}");
        }
    }
}

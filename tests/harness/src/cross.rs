//! Compilers for targets other than that of the tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compilers::second_compilers;

/// A compiler for another target, with a linker for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cross {
    /// The target.
    pub target: &'static str,
    /// The compiler.
    pub rustc: PathBuf,
    linker: &'static str,
    /// Cargo of the compiler's release, if std has to be built from source: its unstable options depend on the release.
    cargo: Option<PathBuf>,
    /// The system libraries of that cargo.
    libraries: PathBuf,
}

impl Cross {
    /// Finds a compiler for `target` among the [other compilers](second_compilers). It needs std for the target, or the
    /// source of std and its own cargo, and this linker.
    ///
    /// # Errors
    ///
    /// Returns what is missing.
    pub fn find(target: &'static str, linker: &'static str) -> Result<Self, String> {
        if Command::new(linker).arg("--version").output().is_err() {
            return Err(format!("`{linker}` is not installed"));
        }
        let found = second_compilers().into_iter().find_map(|rustc| {
            let output = Command::new(&rustc).args(["--print", "sysroot"]).output().ok()?;
            let sysroot = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
            let rustlib = sysroot.join("lib/rustlib");
            let cargo = Some(sysroot.join("bin/cargo")).filter(|cargo| cargo.is_file());
            let cargo = match (rustlib.join(target).is_dir(), cargo) {
                (true, _) => None,
                (false, Some(cargo)) if is_source(&rustlib.join("src/rust/library")) => Some(cargo),
                _ => return None,
            };
            Some(Self { target, rustc, linker, cargo, libraries: sysroot.join("lib/x86_64-linux-gnu") })
        });
        found.ok_or_else(|| {
            format!("no compiler in `PLUGBOX_OTHER_RUSTC` has std for {target}, or its source and its own cargo")
        })
    }

    /// The cargo that builds for the target.
    pub(crate) fn cargo(&self) -> Command {
        match &self.cargo {
            Some(cargo) => Command::new(cargo),
            None => Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        }
    }

    /// Makes cargo build for the target.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        let linker = format!("CARGO_TARGET_{}_LINKER", self.target.to_uppercase().replace('-', "_"));
        cargo.env("RUSTC", &self.rustc).env_remove("RUSTUP_TOOLCHAIN").env(linker, self.linker);
        if self.cargo.is_some() {
            cargo.args(["-Z", "build-std=std,panic_unwind"]).env("RUSTC_BOOTSTRAP", "1");
            cargo.env("LD_LIBRARY_PATH", &self.libraries);
        }
    }
}

/// Whether this is the folder of std's source, with all that it depends on.
fn is_source(library: &Path) -> bool {
    library.join("std/Cargo.toml").is_file() && library.join("Cargo.lock").is_file()
}

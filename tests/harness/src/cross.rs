//! Compilers for targets other than that of the tests.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::compilers::second_compilers;

/// A compiler for another target, with a linker for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cross {
    /// The target.
    pub target: String,
    /// The compiler.
    pub rustc: PathBuf,
    linker: String,
}

impl Cross {
    /// Finds a compiler for `target` among the [other compilers](second_compilers). It needs std for the target, and this
    /// linker.
    ///
    /// # Errors
    ///
    /// Returns what is missing.
    pub fn find(target: &str, linker: &str) -> Result<Self, String> {
        if Command::new(linker).arg("--version").output().is_err() {
            return Err(format!("`{linker}` is not installed"));
        }
        let found = second_compilers().into_iter().find(|rustc| {
            let output = Command::new(rustc).args(["--print", "sysroot"]).output();
            let sysroot = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
            sysroot.is_some_and(|sysroot| PathBuf::from(sysroot.trim()).join("lib/rustlib").join(target).is_dir())
        });
        match found {
            Some(rustc) => Ok(Self { target: target.to_owned(), rustc, linker: linker.to_owned() }),
            None => Err(format!("no compiler in `PLUGBOX_OTHER_RUSTC` has std for {target}")),
        }
    }

    /// Makes cargo build for the target.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        let linker = format!("CARGO_TARGET_{}_LINKER", self.target.to_uppercase().replace('-', "_"));
        cargo.env("RUSTC", &self.rustc).env_remove("RUSTUP_TOOLCHAIN").env(linker, &self.linker);
    }
}

//! Compilers for targets other than that of the tests.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::compilers::second_compilers;
use crate::folders::scratch;
use crate::target::compiler;

/// A compiler for another target, with a linker for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cross {
    /// The target.
    pub target: String,
    /// The compiler.
    pub rustc: PathBuf,
    linker: String,
}

/// What [`Cross::link`] makes.
#[derive(Clone, Copy, Debug)]
pub enum Linked {
    /// A shared library that exports the symbol.
    Library,
    /// A program that begins with the symbol.
    Program,
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

    /// Finds a compiler as [`find`](Self::find) does, with the linker that the toolchain of the tests has for the target.
    ///
    /// # Errors
    ///
    /// Returns what is missing.
    pub fn with_own_linker(target: &str) -> Result<Self, String> {
        let sysroot = compiler().args(["--print", "sysroot"]).output().map_err(|error| error.to_string())?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
        let name = if target.contains("apple") { "ld64.lld" } else { "lld-link" };
        let linker = sysroot.join("lib/rustlib").join(env!("HARNESS_HOST")).join("bin/gcc-ld").join(name);
        Self::find(target, linker.to_str().ok_or("the toolchain's path is not text")?)
    }

    /// Links the rlibs of crates to a library or a program, with what rustc asks of a linker: nothing is left that nobody
    /// refers to. Functions of std and of the system stay undefined, so the file can be read, and cannot be run. The file
    /// is named after the first crate, and has all of it.
    ///
    /// # Panics
    ///
    /// If the linker fails.
    #[must_use]
    pub fn link(&self, kind: Linked, symbol: &str, folder: &Path, crates: &[&str], more: &[&str]) -> PathBuf {
        let is_mac = self.target.contains("apple");
        let (library, program) = if is_mac { ("dylib", "program") } else { ("dll", "exe") };
        let output = scratch("linked").join(crates[0]).with_extension(match kind {
            Linked::Library => library,
            Linked::Program => program,
        });
        let mut linker = Command::new(&self.linker);
        if is_mac {
            let arch = if self.target.starts_with("aarch64") { "arm64" } else { "x86_64" };
            linker.args(["-arch", arch, "-platform_version", "macos", "11.0", "11.0", "-dead_strip"]);
            linker.args(["-undefined", "dynamic_lookup", "-o"]).arg(&output);
            match kind {
                Linked::Library => linker.args(["-dylib", "-exported_symbol", &format!("_{symbol}")]),
                Linked::Program => linker.args(["-e", &format!("_{symbol}")]),
            };
        } else {
            linker.args(["/NOLOGO", "/OPT:REF,ICF", "/FORCE:UNRESOLVED", &format!("/OUT:{}", output.display())]);
            match kind {
                Linked::Library => linker.args(["/DLL", "/NOENTRY", &format!("/EXPORT:{symbol}")]),
                Linked::Program => linker.args(["/SUBSYSTEM:CONSOLE", &format!("/ENTRY:{symbol}")]),
            };
        }
        let mut rlibs = crates.iter().map(|name| folder.join(format!("lib{name}.rlib")));
        let own = rlibs.next().expect("a crate").into_os_string();
        if is_mac {
            linker.arg("-force_load").arg(own);
        } else {
            let mut all = OsString::from("/WHOLEARCHIVE:");
            all.push(own);
            linker.arg(all);
        }
        linker.args(rlibs).args(more);
        let ended = linker.output().expect("the linker can be run");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        output
    }

    /// Makes the import library of a library that exports the symbol, with the linker of MSVC.
    ///
    /// # Panics
    ///
    /// If the linker fails.
    #[must_use]
    pub fn import_library(&self, name: &str, symbol: &str) -> PathBuf {
        let folder = scratch("imported");
        let (exports, library) = (folder.join("exports.def"), folder.join(format!("{name}.lib")));
        fs::write(&exports, format!("LIBRARY {name}.dll\nEXPORTS\n  {symbol}\n")).expect("a file can be written");
        let (exports, output) = (exports.display(), library.display());
        let arguments = ["/LIB", "/MACHINE:X64", &format!("/DEF:{exports}"), &format!("/OUT:{output}")];
        let ended = Command::new(&self.linker).args(arguments).output().expect("the linker can be run");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        library
    }

    /// Makes cargo build for the target.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        let linker = format!("CARGO_TARGET_{}_LINKER", self.target.to_uppercase().replace('-', "_"));
        cargo.env("RUSTC", &self.rustc).env_remove("RUSTUP_TOOLCHAIN").env(linker, &self.linker);
    }
}

//! Runs the editor in a test's own folder.

#[path = "../../../../shared/testing/desk.rs"]
mod desk;

use std::env::consts::DLL_SUFFIX;
use std::path::Path;
use std::process::Command;

pub(crate) use desk::{Desk, Outcome, installed};

/// The packages whose libraries tests install.
const PACKAGES: &[&str] = &["abbrev", "count", "hello", "lines", "reverse", "rude", "shout", "tidy"];

impl Desk {
    /// Creates a desk with these C or C++ samples and no other plugins. Compiles them with the strictest warnings.
    pub(crate) fn with_c_plugins(samples: &[&str]) -> Self {
        let desk = Self::with_plugins(&[]);
        samples.iter().for_each(|sample| desk.compile(sample));
        desk
    }

    /// Compiles a sample, such as `broken/null.c`, to `plugins/null.so`.
    pub(crate) fn compile(&self, sample: &str) {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/c");
        let (compiler, standard) = if sample.ends_with("cpp") { ("c++", "c++11") } else { ("cc", "c99") };
        let stem = Path::new(sample).file_stem().unwrap().to_str().unwrap();
        let mut compile = Command::new(compiler);
        compile.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]);
        compile.arg(format!("-std={standard}")).arg("-I").arg(sources.join("include"));
        let library = self.path(&format!("plugins/{stem}{DLL_SUFFIX}"));
        compile.arg(sources.join("samples").join(sample)).arg("-o").arg(&library);
        assert!(compile.status().unwrap().success(), "the error of {compiler} in {sample} is above");
        installed(&library);
    }

    /// Runs the editor with all plugins in the desk's folder, including those in C.
    pub(crate) fn edit_in_c(&self, arguments: &[&str]) -> Outcome {
        self.edit(&[&["--c-plugins"], arguments].concat())
    }

    /// Runs the editor with the plugins in the desk's folder.
    pub(crate) fn edit(&self, arguments: &[&str]) -> Outcome {
        self.edit_with_samples(&[&["--plugins", "plugins"], arguments].concat())
    }

    /// Runs the editor with the sample plugins that it builds itself.
    pub(crate) fn edit_with_samples(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(env!("CARGO_BIN_EXE_edit"), arguments))
    }
}

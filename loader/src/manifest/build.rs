//! The record of an image's build.

use super::error::ManifestError;
use super::text::{Parts, fields};

/// The compiler, the target and the flags that built an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Build {
    /// The version of the `plugbox` crate.
    pub plugbox: String,
    /// The first line of `rustc -vV`.
    pub rustc: String,
    /// The compiler's release, such as `1.95.0`.
    pub release: String,
    /// The compiler's commit, or `unknown`.
    pub commit: String,
    /// The date of that commit, or `unknown`.
    pub date: String,
    /// The version of LLVM, or `unknown`.
    pub llvm: String,
    /// The platform on which the compiler itself runs.
    pub builder: String,
    /// The target triple.
    pub target: String,
    /// The target features that were enabled for the whole build.
    pub features: Vec<String>,
    /// The flags that may change layouts or calling conventions, as far as the build script could see them.
    pub flags: Vec<String>,
    /// The panic strategy: `unwind` or `abort`.
    pub panic: String,
    /// The linkage of the C library: `dynamic-libc` or `static-libc`.
    pub libc: String,
    /// Whether the compiler randomizes layouts in the crate that wrote the record.
    pub randomized: bool,
}

impl Build {
    pub(super) fn parse(body: &str, parts: &mut Parts) -> Result<Self, ManifestError> {
        let keys = [
            "plugbox", "rustc", "release", "commit", "date", "llvm", "builder", "target", "features", "flags", "panic",
            "libc", "layout",
        ];
        let [plugbox, rustc, release, commit, date, llvm, builder, target, features, flags, panic, libc, layout] =
            fields("build", keys, body, parts, |_| Ok(false))?;
        Ok(Self {
            plugbox: plugbox.text()?,
            rustc: rustc.text()?,
            release: release.text()?,
            commit: commit.text()?,
            date: date.text()?,
            llvm: llvm.text()?,
            builder: builder.text()?,
            target: target.text()?,
            features: features.list(b',', parts)?,
            flags: flags.list(b',', parts)?,
            panic: panic.text()?,
            libc: libc.text()?,
            randomized: layout.is("randomized"),
        })
    }
}

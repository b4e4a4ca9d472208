//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::path::Path;

use super::trust::Trust;
use crate::errors::{Code, LoadError, Reason};
use crate::map;
use crate::read::{Opened, dependencies_of};
use crate::stage::StagedFile;

/// The libraries that std itself links. Most programs with glibc have loaded them from the start.
const PLATFORM: [&str; 8] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libc.so",
];

/// Checks the libraries that a staged library needs, and stages those that the host allows and that are beside the
/// original.
///
/// Returns a reason for each needed library that the host does not allow, or whose location or bytes it does not trust.
///
/// # Errors
///
/// Returns a [`LoadError`] if a needed library cannot be copied or read.
pub(crate) fn admit(
    original: &Path,
    staged: &mut StagedFile,
    allowed: &BTreeSet<String>,
    trust: &Trust,
) -> Result<Vec<Reason>, LoadError> {
    let mut reasons = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = needed(&mut staged.file, &mut reasons);
    while let Some(name) = open.pop() {
        if name.starts_with("libstd-") {
            reasons.push(Reason::shared_std(&format!(": it needs {name}")));
            continue;
        }
        if !seen.insert(name.clone()) || PLATFORM.contains(&name.as_str()) || is_linker(&name) || map::is_loaded(&name)
        {
            continue;
        }
        if !allowed.contains(&name) {
            reasons.push(not_allowed(&name));
            continue;
        }
        let beside = original.with_file_name(&name);
        if !name.contains('/') && beside.is_file() {
            let failed = |source| LoadError::Io { path: beside.clone(), doing: "read this file", source };
            let canonical = beside.canonicalize().map_err(failed)?;
            let (mut copy, found) = staged.beside(&beside)?;
            reasons.extend(trust.refuse(&canonical, &found));
            reasons.extend(trust.pinned(&canonical, &mut copy.file).map_err(failed)?.err());
            open.extend(needed(&mut copy, &mut reasons));
        }
    }
    Ok(reasons)
}

fn needed(file: &mut Opened, reasons: &mut Vec<Reason>) -> Vec<String> {
    dependencies_of(file).unwrap_or_else(|error| {
        let whole = "a readable dynamic section";
        reasons.push(Reason::new(Code::NotWhole, whole, error.to_string(), "copy or build the library again"));
        Vec::new()
    })
}

fn is_linker(name: &str) -> bool {
    ["ld-linux", "ld-musl", "ld64.", "ld.so"].iter().any(|linker| name.starts_with(linker))
}

fn not_allowed(name: &str) -> Reason {
    Reason::new(
        Code::NotTrusted,
        "a plugin may need only libraries that std links, that this process has loaded, or that the host has allowed",
        format!("the plugin needs {name}, and the initializers of {name} would run without a verdict"),
        format!(
            "call `Loader::allow_library(\"{name}\")` if you trust that library, or link it statically into the plugin \
             (many `-sys` crates have a feature `vendored` or `bundled` for this)"
        ),
    )
    .at(name)
}

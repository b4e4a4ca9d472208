//! Libraries that a library needs (`DT_NEEDED`): the system's loader maps them and runs their initializers with no
//! verdict, so each is a part of the platform, loaded already, or one that the host has allowed.

use std::collections::BTreeSet;
use std::path::Path;

use super::trust::Trust;
use crate::errors::{Code, LoadError, Reason};
use crate::map;
use crate::read::{Opened, dependencies_of};
use crate::stage::StagedFile;

/// What std itself links; glibc's programs have most of it loaded from the start.
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

/// Sees to what a staged library needs: what the host has allowed and lies beside the original is staged beside the copy.
///
/// # Errors
///
/// A reason for each library that nobody has vouched for, or that is not trusted where it lies; [`LoadError`] where one cannot be copied.
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
            let failed = |source| LoadError::Io { path: beside.clone(), doing: "look at it", source };
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
        let whole = "a dynamic section that can be read";
        reasons.push(Reason::new(Code::NotWhole, whole, error.to_string(), "copy or build it again"));
        Vec::new()
    })
}

fn is_linker(name: &str) -> bool {
    ["ld-linux", "ld-musl", "ld64.", "ld.so"].iter().any(|linker| name.starts_with(linker))
}

fn not_allowed(name: &str) -> Reason {
    Reason::new(
        Code::NotTrusted,
        "a plugin needs what std links, what this process has loaded, and what the host has allowed",
        format!("it needs {name}, whose initializers would run with no verdict"),
        format!(
            "`Loader::allow_library(\"{name}\")` if you trust it, or have the plugin link it statically (for many `-sys` \
             crates a feature `vendored` or `bundled`)"
        ),
    )
    .at(name)
}

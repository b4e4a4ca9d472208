//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::path::Path;

use super::trust::Trust;
use crate::errors::{LoadError, Reason};
use crate::map;
use crate::read::{Opened, linkage_of};
use crate::stage::StagedFile;
use crate::verdict::{HostProfile, is_platform, judge_linkage, judge_needed, warnings};

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
    host: &HostProfile,
    allowed: &BTreeSet<String>,
    trust: &Trust,
) -> Result<Vec<Reason>, LoadError> {
    let mut reasons = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = needed(original, &mut staged.file, host, &mut reasons);
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let is_there = is_platform(&name) || map::is_loaded(&name);
        if let Some(reason) = judge_needed(&name, |name| is_there || allowed.contains(name)) {
            reasons.push(reason);
            continue;
        }
        if is_there {
            continue;
        }
        let beside = original.with_file_name(&name);
        if !name.contains('/') && beside.is_file() {
            let failed = |source| LoadError::Io { path: beside.clone(), doing: "read this file", source };
            let canonical = beside.canonicalize().map_err(failed)?;
            let (mut copy, found) = staged.beside(&beside)?;
            reasons.extend(trust.refuse(&canonical, &found));
            reasons.extend(trust.pinned(&canonical, &mut copy.file).map_err(failed)?.err());
            let mut theirs = Vec::new();
            open.extend(needed(&beside, &mut copy, host, &mut theirs));
            reasons.extend(theirs.into_iter().map(|reason| reason.at(&*name)));
        }
    }
    reasons.sort_by_key(|reason| reason.code);
    Ok(reasons)
}

/// Judges what a library asks of the system's loader, and returns the names of the libraries that it needs.
fn needed(path: &Path, file: &mut Opened, host: &HostProfile, reasons: &mut Vec<Reason>) -> Vec<String> {
    let linkage = linkage_of(file);
    reasons.extend(judge_linkage(host, linkage.as_ref()));
    let linkage = linkage.unwrap_or_default();
    warnings(&linkage).iter().for_each(|warning| tracing::warn!(path = %path.display(), "{warning}"));
    linkage.needed
}

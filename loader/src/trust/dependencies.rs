//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::trust::Trust;
use crate::errors::{Code, LoadError, Reason};
use crate::read::{Linkage, Opened, linkage_of};
use crate::stage::{StagedFile, reopen};
use crate::sys;
use crate::verdict::{HostProfile, is_platform, judge_linkage, judge_needed, warnings};

/// Checks the libraries that a staged library needs, and stages those that the host allows and that the system's loader
/// would find by their place relative to the library that needs them.
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
    let (mut seen, mut copied) = (BTreeSet::new(), BTreeSet::new());
    let copy = staged.path.clone();
    let mut open = vec![Searched::new(original, &copy, &mut staged.file, host, &mut reasons)];
    while let Some(by) = open.last_mut() {
        let Some(name) = by.linkage.needed.pop() else {
            open.pop();
            continue;
        };
        if !seen.insert(by.linkage.same_name(&name)) {
            continue;
        }
        let is_of_the_system = is_platform(&by.linkage, &name) || sys::is_of_the_system(&name);
        // The system looks for such a name beside whoever asks, which is this program here, and the plugin later.
        let is_relative = name.starts_with('@') || name.contains('$');
        let is_there = is_of_the_system || !is_relative && sys::is_loaded(name.as_ref());
        if let Some(reason) = judge_needed(&by.linkage, &name, |name| {
            is_there || by.linkage.lists(allowed.iter().map(String::as_str), name)
        }) {
            reasons.push(reason);
            continue;
        }
        if is_there {
            continue;
        }
        let Some(place) = by.linkage.find(&by.folder, &name) else { continue };
        let found = by.folder.join(&place);
        let failed = |source| LoadError::Io { path: found.clone(), doing: "read this file", source };
        let canonical = sys::canonicalize(&found).map_err(failed)?;
        let copy = by.copies.join(&place);
        if !copied.insert(copy.clone()) {
            // It was found by another name.
            continue;
        }
        if place.is_absolute() && leads_away(&found) {
            reasons.push(
                Reason::new(
                    Code::NotTrusted,
                    "the path of a needed library has no link to another folder, because the system follows it again later",
                    format!("{} leads by a link to {}", found.display(), canonical.display()),
                    format!(
                        "link the plugin with the path {}, or put its folder in the run path",
                        canonical.display()
                    ),
                )
                .at(&*name),
            );
            continue;
        }
        let (mut file, stat) = if place.is_relative() { staged.beside(&found, &copy)? } else { reopen(&found)? };
        reasons.extend(trust.refuse(&canonical, &stat.access()));
        reasons.extend(trust.pinned(&canonical, &mut file.file).map_err(failed)?.err());
        let mut theirs = Vec::new();
        open.push(Searched::new(&found, &copy, &mut file, host, &mut theirs));
        reasons.extend(theirs.into_iter().map(|reason| reason.at(&*name)));
    }
    reasons.sort_by_key(|reason| reason.code);
    Ok(reasons)
}

/// Whether the system's loader, which opens the path again later, could be led to a file that was not judged. The folders
/// above the file were checked. A link in its own folder is as safe as the file; any other link may lead elsewhere by then.
fn leads_away(path: &Path) -> bool {
    let Some(folder) = path.parent() else { return true };
    if !sys::canonicalize(folder).is_ok_and(|canonical| canonical == folder) {
        return true;
    }
    let (mut path, mut links) = (path.to_owned(), 0);
    while let Ok(target) = path.read_link() {
        links += 1;
        if links > 40 || target.file_name() != Some(target.as_os_str()) {
            return true;
        }
        path = folder.join(target);
    }
    false
}

/// A library whose needed libraries are searched.
struct Searched {
    linkage: Linkage,
    /// The folder of the library.
    folder: PathBuf,
    /// The folder of its copy.
    copies: PathBuf,
}

impl Searched {
    /// Reads and judges what the library asks of the system's loader.
    fn new(path: &Path, copy: &Path, file: &mut Opened, host: &HostProfile, reasons: &mut Vec<Reason>) -> Self {
        let linkage = linkage_of(file);
        reasons.extend(judge_linkage(host, linkage.as_ref()));
        let linkage = linkage.unwrap_or_default();
        warnings(&linkage).iter().for_each(|warning| tracing::warn!(path = %path.display(), "{warning}"));
        let folder = |path: &Path| path.parent().unwrap_or(path).to_owned();
        Self { linkage, folder: folder(path), copies: folder(copy) }
    }
}

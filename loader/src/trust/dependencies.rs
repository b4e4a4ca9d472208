//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::trust::Trust;
use crate::errors::{LoadError, Reason};
use crate::read::{Linkage, Opened, linkage_of};
use crate::stage::{self, StagedFile};
use crate::sys;
use crate::verdict::{HostProfile, is_platform, judge_linkage, judge_needed, warnings};

/// Checks the libraries that a staged library needs, and stages those that the host allows and that the system's loader
/// would find by their place relative to a library that was staged.
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
    let (mut reasons, mut failure, mut refused) = (Vec::new(), None, BTreeSet::new());
    let (path, private) = (staged.path.clone(), staged.private_folder().to_owned());
    let copies = staged.is_copy().then(|| parent(&path));
    let mut judged = BTreeSet::from([path.into_os_string()]);
    let mut open = vec![Searched::new(original, copies, &mut staged.file, host, &mut reasons)];
    while let Some(by) = open.last_mut() {
        let Some(name) = by.linkage.needed.pop() else {
            open.pop();
            continue;
        };
        // The system looks for such a name beside whoever asks, which is this program here, and the plugin later.
        let is_relative = name.starts_with('@') || name.contains('$');
        let is_loaded = || !is_relative && sys::is_loaded(name.as_ref());
        let is_of_the_system = is_platform(&by.linkage, &name) || sys::is_of_the_system(&name);
        let is_allowed = by.linkage.lists(allowed.iter().map(String::as_str), &name);
        if let Some(reason) = judge_needed(&by.linkage, &name, |_| is_of_the_system || is_allowed || is_loaded()) {
            if refused.insert(by.linkage.same_name(&name)) {
                reasons.push(reason);
            }
            continue;
        }
        // An ELF file's run path is searched for libraries of the system, too.
        let is_searched = by.linkage.format == "elf" && !by.linkage.run_path.is_empty();
        if is_of_the_system && !is_searched || is_loaded() {
            continue;
        }
        let mut found = None;
        for place in by.linkage.places(&name) {
            let original = by.folder.join(&place);
            let copy = by.copies.as_ref().filter(|_| place.is_relative()).map(|copies| copies.join(&place));
            let is_private = copy.as_ref().is_some_and(|copy| stage::plain(copy).starts_with(&private));
            // What the host did not allow is not copied, so the system goes on.
            if original.is_file() && (is_allowed || copy.is_none()) {
                found = Some((original, copy));
                break;
            }
            // Nobody else writes to a private folder. Windows searches for nothing beside an original.
            if !is_private && by.linkage.format != "pe" {
                let way = trust.refuse_way(copy.as_ref().unwrap_or(&original)).map_or(Vec::new(), |(way, _)| way);
                let folder = parent(copy.as_ref().unwrap_or(&original));
                way.into_iter().for_each(|reason| {
                    let remedy = format!(
                        "take {} out of the run path by which {name} is searched (`patchelf --set-rpath`), or {}",
                        folder.display(),
                        reason.remedy
                    );
                    add(&mut reasons, Reason { remedy, ..reason });
                });
            }
        }
        let Some((asked, copy)) = found else { continue };
        let failed = |source| LoadError::Io { path: asked.clone(), doing: "read this file", source };
        let opened = if let Some(copy) = &copy {
            // Whatever its name, and whoever needs it.
            if !judged.insert(by.linkage.same_path(&stage::plain(copy))) {
                continue;
            }
            staged.beside(&asked, copy).map(|(file, stat, canonical)| (file, stat, canonical, asked.clone()))
        } else {
            // Before the look at the file, to which another way may lead that nobody can change.
            let (way, end) = trust.refuse_way(&asked).map_err(failed)?;
            way.into_iter().for_each(|reason| add(&mut reasons, reason));
            // Without `..`, so that libraries that need each other have one path each.
            let folder = sys::canonicalize(&parent(&asked)).map_err(failed)?;
            let found = folder.join(asked.file_name().unwrap_or_default());
            if !judged.insert(by.linkage.same_path(&found)) {
                continue;
            }
            stage::reopen(&found).and_then(|(file, stat)| {
                let canonical = file.canonical(&found).map_err(failed)?;
                // Two folders may be one, by the way in which the system mounts them.
                let end = end.and_then(|end| sys::canonicalize(&end).ok());
                if end.as_ref() != Some(&canonical) {
                    return Err(failed(io::Error::other("the path leads elsewhere than a moment ago")));
                }
                Ok((file, stat, canonical, found))
            })
        };
        let (mut file, stat, canonical, found) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                failure.get_or_insert(error);
                continue;
            }
        };
        // Libraries of the system need not lie in the trusted folder, and have no pins.
        if is_allowed {
            trust.refuse(&canonical, &stat.access()).into_iter().for_each(|reason| add(&mut reasons, reason));
            let pinned = trust.pinned(&canonical, &mut file.file).map_err(failed)?;
            pinned.err().into_iter().for_each(|reason| add(&mut reasons, reason));
        } else {
            let writers = trust.refuse_writers(&canonical, Some(&stat.access()));
            writers.into_iter().for_each(|reason| add(&mut reasons, reason));
        }
        let mut theirs = Vec::new();
        open.push(Searched::new(&found, copy.as_deref().map(parent), &mut file, host, &mut theirs));
        theirs.into_iter().for_each(|reason| add(&mut reasons, reason.at(&*name)));
    }
    // An error says less than the reasons.
    if let Some(error) = failure.filter(|_| reasons.is_empty()) {
        return Err(error);
    }
    reasons.sort_by_key(|reason| reason.code);
    Ok(reasons)
}

/// Adds a reason, unless it is known.
fn add(reasons: &mut Vec<Reason>, reason: Reason) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}

/// A library whose needed libraries are searched.
struct Searched {
    linkage: Linkage,
    /// The folder of the library.
    folder: PathBuf,
    /// The folder of its copy, if it has one.
    copies: Option<PathBuf>,
}

impl Searched {
    /// Reads and judges what the library asks of the system's loader.
    fn new(
        path: &Path,
        copies: Option<PathBuf>,
        file: &mut Opened,
        host: &HostProfile,
        reasons: &mut Vec<Reason>,
    ) -> Self {
        let linkage = linkage_of(file);
        reasons.extend(judge_linkage(host, linkage.as_ref()));
        let linkage = linkage.unwrap_or_default();
        warnings(&linkage).iter().for_each(|warning| tracing::warn!(path = %path.display(), "{warning}"));
        Self { linkage, folder: parent(path), copies }
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}

//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::trust::Trust;
use crate::errors::{LoadError, Reason};
use crate::read::{Linkage, Opened, linkage_of};
use crate::stage::{self, StagedFile};
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
    let (mut reasons, mut refused, mut judged) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let copies = staged.is_copy().then(|| parent(&staged.path));
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
        if let Some(reason) = judge_needed(&by.linkage, &name, |name| {
            is_of_the_system || is_loaded() || by.linkage.lists(allowed.iter().map(String::as_str), name)
        }) {
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
        let (earlier, place) = by.linkage.search(&by.folder, &name);
        // Nobody else writes to the folders of copies.
        let earlier = earlier.iter().filter(|place| by.copies.is_none() || place.is_absolute());
        let mut theirs: Vec<Reason> = earlier.filter_map(|place| trust.refuse_new(&by.folder.join(place))).collect();
        theirs.retain(|reason| !reasons.contains(reason));
        reasons.append(&mut theirs);
        let Some(place) = place else { continue };
        let asked = by.folder.join(&place);
        let failed = |source| LoadError::Io { path: asked.clone(), doing: "read this file", source };
        let copy = by.copies.as_ref().filter(|_| place.is_relative()).map(|copies| stage::plain(&copies.join(&place)));
        // Without `..`, so that libraries that need each other have one path each.
        let found = match (&copy, asked.parent(), asked.file_name()) {
            (None, Some(folder), Some(name)) => sys::canonicalize(folder).map_err(failed)?.join(name),
            _ => asked.clone(),
        };
        // Whatever its name, and whoever needs it.
        if !judged.insert(copy.clone().unwrap_or_else(|| found.clone())) {
            continue;
        }
        let (mut file, stat, canonical) = match &copy {
            Some(copy) => staged.beside(&found, copy)?,
            None => {
                let (file, stat) = stage::reopen(&found)?;
                let canonical = file.canonical(&found).map_err(failed)?;
                // The system follows the path again, after the verdict.
                theirs.extend(trust.refuse_links(&asked, &canonical).map_err(failed)?);
                (file, stat, canonical)
            }
        };
        theirs.extend(trust.refuse(&canonical, &stat.access()));
        theirs.extend(trust.pinned(&canonical, &mut file.file).map_err(failed)?.err());
        theirs.retain(|reason| !reasons.contains(reason));
        reasons.append(&mut theirs);
        let mut theirs = Vec::new();
        open.push(Searched::new(&found, copy.as_deref().map(parent), &mut file, host, &mut theirs));
        reasons.extend(theirs.into_iter().map(|reason| reason.at(&*name)));
    }
    reasons.sort_by_key(|reason| reason.code);
    Ok(reasons)
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

//! The libraries that a library needs (`DT_NEEDED`). The system's loader maps them and runs their initializers without
//! a verdict. Therefore each of them must be part of the platform, loaded already, or allowed by the host.

use std::collections::BTreeSet;
use std::ffi::OsString;
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
    let mut open = vec![Searched::new(original, copies, &mut staged.file, host, &mut reasons)];
    let judged = BTreeSet::from([path.into_os_string()]);
    let mut search = Search { staged, trust, private, judged, reasons };
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
                search.reasons.push(reason);
            }
            continue;
        }
        // An ELF file's run path is searched for libraries of the system, too.
        let is_searched = by.linkage.format == "elf" && !by.linkage.run_path.is_empty();
        if is_of_the_system && !is_searched || is_loaded() {
            continue;
        }
        let Some(found) = search.find(by, &name, is_allowed) else { continue };
        match search.judge(by, found, is_allowed) {
            Ok(None) => {}
            Ok(Some(mut needed)) => {
                let mut theirs = Vec::new();
                let copies = needed.copy.as_deref().map(parent);
                open.push(Searched::new(&needed.path, copies, &mut needed.file, host, &mut theirs));
                search.add(theirs.into_iter().map(|reason| reason.at(&*name)));
            }
            Err(error) => drop(failure.get_or_insert(error)),
        }
    }
    let mut reasons = search.reasons;
    // An error says less than the reasons.
    if let Some(error) = failure.filter(|_| reasons.is_empty()) {
        return Err(error);
    }
    reasons.sort_by_key(|reason| reason.code);
    Ok(reasons)
}

/// The search for all libraries that a staged library needs.
struct Search<'a> {
    staged: &'a mut StagedFile,
    trust: &'a Trust,
    /// The folder for copies to which nobody else writes.
    private: PathBuf,
    /// The files that were judged, whatever their names are, and whoever needs them.
    judged: BTreeSet<OsString>,
    reasons: Vec<Reason>,
}

/// Where the system will find a library.
struct Found {
    original: PathBuf,
    /// Where its copy will be, if it will be copied.
    copy: Option<PathBuf>,
}

/// A library that was judged.
struct Needed {
    path: PathBuf,
    file: Opened,
    copy: Option<PathBuf>,
}

impl Search<'_> {
    /// Finds a library, and judges the places at which the system looks before.
    fn find(&mut self, by: &Searched, name: &str, is_allowed: bool) -> Option<Found> {
        for place in by.linkage.places(name) {
            let original = by.folder.join(&place);
            let copy = by.copies.as_ref().filter(|_| place.is_relative()).map(|copies| copies.join(&place));
            // What the host did not allow is not copied, so the system goes on.
            if original.is_file() && (is_allowed || copy.is_none()) {
                return Some(Found { original, copy });
            }
            let searched = copy.unwrap_or(original);
            // Windows searches for nothing beside an original.
            if stage::plain(&searched).starts_with(&self.private) && by.copies.is_some() || by.linkage.format == "pe" {
                continue;
            }
            let way = self.trust.refuse_way(&searched).map_or(Vec::new(), |(way, _)| way);
            let tool =
                if by.linkage.format == "elf" { "patchelf --set-rpath" } else { "install_name_tool -delete_rpath" };
            let folder = parent(&searched);
            let avoid = match name.contains('/') && !name.starts_with("@rpath/") {
                true => format!("link {name} by another path"),
                false => {
                    format!("take {} out of the run path by which {name} is searched (`{tool}`)", folder.display())
                }
            };
            self.add(
                way.into_iter().map(|reason| Reason { remedy: format!("{avoid}, or {}", reason.remedy), ..reason }),
            );
        }
        None
    }

    /// Judges who could have written a library, and copies it if it will be copied. `None` if it was judged before.
    fn judge(&mut self, by: &Searched, found: Found, is_allowed: bool) -> Result<Option<Needed>, LoadError> {
        let Found { original, copy } = found;
        let failed = |source| LoadError::Io { path: original.clone(), doing: "read this file", source };
        let (mut file, stat, canonical, path) = if let Some(copy) = &copy {
            if !self.judged.insert(by.linkage.same_path(&stage::plain(copy))) {
                return Ok(None);
            }
            let (file, stat, canonical) = self.staged.beside(&original, copy)?;
            (file, stat, canonical, original.clone())
        } else {
            // Before the look at the file, to which another way may lead that nobody can change.
            let (way, end) = self.trust.refuse_way(&original).map_err(failed)?;
            self.add(way);
            // Without `..`, so that libraries that need each other have one path each.
            let folder = sys::canonicalize(&parent(&original)).map_err(failed)?;
            let path = folder.join(original.file_name().unwrap_or_default());
            if !self.judged.insert(by.linkage.same_path(&path)) {
                return Ok(None);
            }
            let (file, stat) = stage::reopen(&path)?;
            let canonical = file.canonical(&path).map_err(failed)?;
            // Two folders may be one, by the way in which the system mounts them.
            let end = end.and_then(|end| sys::canonicalize(&end).ok());
            if end.as_ref() != Some(&canonical) {
                return Err(failed(io::Error::other("the path leads elsewhere than a moment ago")));
            }
            (file, stat, canonical, path)
        };
        // Libraries of the system need not lie in the trusted folder, and have no pins.
        if is_allowed {
            self.add(self.trust.refuse(&canonical, &stat.access()));
            self.add(self.trust.pinned(&canonical, &mut file.file).map_err(failed)?.err());
        } else {
            self.add(self.trust.refuse_writers(&canonical, Some(&stat.access())));
        }
        Ok(Some(Needed { path, file, copy }))
    }

    /// Adds reasons, unless they are known.
    fn add(&mut self, reasons: impl IntoIterator<Item = Reason>) {
        for reason in reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
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

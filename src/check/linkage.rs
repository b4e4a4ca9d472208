//! What libraries ask of the system's loader, judged from files alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plugbox_loader::Reason;
use plugbox_loader::inspect::{self, HostProfile};

/// What the system's loader can give to the host's plugins.
pub(super) struct Linkages<'a> {
    host: &'a HostProfile,
    /// The libraries that the host's process has loaded when it starts, as far as its file names them.
    loaded: BTreeSet<String>,
    /// The libraries that the host allows.
    allowed: BTreeSet<&'a str>,
}

/// What was found about a library and those that are loaded with it.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) reasons: Vec<Reason>,
    pub(super) warnings: Vec<String>,
    /// The allowed libraries that are loaded with it.
    pub(super) needed: Vec<PathBuf>,
}

impl<'a> Linkages<'a> {
    pub(super) fn new(host: &'a HostProfile, file: &Path, allowed: &'a [String]) -> Self {
        let loaded = inspect::linkage(file).unwrap_or_default().needed.into_iter().collect();
        Self { host, loaded, allowed: allowed.iter().map(String::as_str).collect() }
    }

    /// Judges a library, and the allowed libraries that it finds, which are loaded with it.
    pub(super) fn judge(&self, file: &Path) -> Judged {
        let (mut reasons, mut warnings, mut judged) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut needed = Vec::new();
        // Each with the name by which it is needed, which is empty for the library itself.
        let mut open = vec![(file.to_owned(), String::new())];
        while let Some((path, at)) = open.pop() {
            let linkage = inspect::linkage(&path);
            let found = inspect::judge_linkage(self.host, linkage.as_ref());
            reasons.extend(found.into_iter().map(|reason| reason.at(&*at)));
            let linkage = linkage.unwrap_or_default();
            let found = inspect::warnings(&linkage).into_iter();
            warnings.extend(found.map(|warning| if at.is_empty() { warning } else { format!("{at}: {warning}") }));
            for name in &linkage.needed {
                // The system looks for such a name beside whoever asks, so the host's is not the plugin's.
                let is_relative = name.starts_with('@') || name.contains('$');
                let is_loaded = !is_relative && linkage.lists(self.loaded.iter().map(String::as_str), name);
                let is_allowed = linkage.lists(self.allowed.iter().copied(), name);
                let reason = inspect::judge_needed(&linkage, name, |_| is_loaded || is_allowed);
                reasons.extend(reason.filter(|reason| !reasons.contains(reason)));
                let folder = path.parent().unwrap_or(&path);
                let found = linkage.find(folder, name).filter(|_| is_allowed && !is_loaded);
                // Two libraries may find different files by one name, or one file by different names.
                let found = found.map(|found| folder.join(found));
                let is_new = |found: &PathBuf| judged.insert(found.canonicalize().unwrap_or_else(|_| found.clone()));
                if let Some(found) = found.filter(is_new) {
                    needed.push(found.clone());
                    open.push((found, name.clone()));
                }
            }
        }
        Judged { reasons, warnings, needed }
    }
}

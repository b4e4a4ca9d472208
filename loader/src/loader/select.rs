//! Selection: the best of several builds of one plugin in a folder, that is, the highest version that fits.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;

use super::report::{FileOutcome, PassedOver};
use crate::errors::{Code, LoadError};
use crate::loaded::Loaded;
use crate::manifest::{PluginRecord, PluginVersion};

/// A file after the first look.
pub(crate) struct Candidate<Looked> {
    pub(crate) path: PathBuf,
    /// The library's plugins; empty if its records cannot be read.
    pub(crate) plugins: Vec<Arc<PluginRecord>>,
    pub(crate) looked: Result<Looked, LoadError>,
}

/// The outcome for a candidate.
pub(super) enum Selected<T> {
    Chosen { path: PathBuf, loaded: T },
    Failed(LoadError),
    PassedOver(PassedOver),
    Foreign { path: PathBuf },
}

impl<I: ?Sized> From<Selected<Vec<Loaded<I>>>> for FileOutcome<I> {
    fn from(selected: Selected<Vec<Loaded<I>>>) -> Self {
        match selected {
            Selected::Chosen { path, loaded } => Self::Loaded { path, plugins: loaded },
            Selected::Failed(error) => Self::Failed(error),
            Selected::PassedOver(passed_over) => Self::PassedOver(passed_over),
            Selected::Foreign { path } => Self::Foreign { path },
        }
    }
}

/// The names of all plugins in these files, loaded or not.
pub(super) fn names<Looked>(candidates: &[Candidate<Looked>]) -> BTreeSet<String> {
    candidates.iter().flat_map(|candidate| &candidate.plugins).map(|plugin| plugin.name.clone()).collect()
}

impl<Looked> Candidate<Looked> {
    /// The names and versions of the plugins, sorted.
    pub(crate) fn build(&self) -> Vec<PluginVersion> {
        let plugins = self.plugins.iter();
        let mut names: Vec<_> = plugins.map(|plugin| PluginVersion::new(&plugin.name, &plugin.version)).collect();
        names.sort();
        names
    }

    /// The rank of a build among builds of the same plugins: the versions of the plugins, then those of the APIs.
    fn rank(&self) -> (Vec<Version>, Vec<Version>) {
        let interfaces = self.plugins.iter().flat_map(|plugin| &plugin.interfaces);
        let apis = interfaces.map(|exported| exported.version.clone()).collect();
        (self.build().into_iter().map(|plugin| plugin.version).collect(), apis)
    }
}

/// Whether a library was refused because it was built for other hosts, and not because it is defective or not trusted.
pub(crate) fn is_for_others(error: &LoadError) -> bool {
    let codes = || error.reasons().iter().map(|reason| reason.code);
    let for_others = |code| {
        matches!(
            code,
            Code::CompilerDiffers
                | Code::VersionNotAccepted
                | Code::OtherTarget
                | Code::TargetDiffers
                | Code::CpuLacks
                | Code::LibcTooOld
        )
    };
    codes().any(for_others) && !codes().any(|code| matches!(code, Code::NotWhole | Code::NotTrusted))
}

/// The builds of each plugin, the best one first, with their places among the candidates.
pub(crate) fn groups<Looked>(
    candidates: impl IntoIterator<Item = Candidate<Looked>>,
) -> Vec<Vec<(usize, Candidate<Looked>)>> {
    let mut groups: Vec<Vec<(usize, Candidate<Looked>)>> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        let names: Vec<String> = candidate.build().into_iter().map(|plugin| plugin.name).collect();
        // A file without records of plugins has no other builds, so it is a group of its own.
        let group = if names.is_empty() { groups.len() } else { *known.entry(names).or_insert(groups.len()) };
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push((index, candidate));
    }
    for group in &mut groups {
        // The sort is stable: of equal builds, the first file by name comes first.
        group.sort_by_cached_key(|(_, candidate)| (candidate.looked.is_err(), Reverse(candidate.rank())));
    }
    groups
}

/// Loads the best candidate of each plugin, and returns the outcome for every candidate, in their order.
///
/// If the best candidate is refused after all, the next one is tried.
pub(super) fn best_of_each<Looked, T>(
    candidates: Vec<Candidate<Looked>>,
    mut load: impl FnMut(Looked) -> Result<T, LoadError>,
    announce: impl Fn(&Path, &Result<T, LoadError>),
) -> Vec<Selected<T>> {
    let mut selected: Vec<Option<Selected<T>>> = candidates.iter().map(|_| None).collect();
    for group in groups(candidates) {
        let mut chosen: Option<PathBuf> = None;
        // Builds that were refused after the first look, before another one was chosen.
        let mut refused = Vec::new();
        for (index, candidate) in group {
            let plugins = candidate.build();
            let Candidate { path, looked, .. } = candidate;
            let passed_over = |chosen: &PathBuf, reasons| {
                let passed_over = PassedOver::new(&path, plugins.clone(), chosen, reasons);
                tracing::info!("{passed_over}");
                Selected::PassedOver(passed_over)
            };
            selected[index] = Some(match (&chosen, looked) {
                (Some(chosen), Ok(_)) => passed_over(chosen, Vec::new()),
                (Some(chosen), Err(error)) if is_for_others(&error) => passed_over(chosen, error.reasons().to_vec()),
                (_, looked) => {
                    let outcome = looked.and_then(&mut load);
                    announce(&path, &outcome);
                    match outcome {
                        Ok(loaded) => {
                            chosen = Some(path.clone());
                            Selected::Chosen { path, loaded }
                        }
                        Err(error) if error.is_foreign() => Selected::Foreign { path },
                        Err(error) => {
                            // A build that fits stays the chosen one, even if loading it fails.
                            if error.reasons().is_empty() {
                                chosen.get_or_insert(path);
                            } else if is_for_others(&error) {
                                refused.push((index, PassedOver::new(path, plugins, "", error.reasons().to_vec())));
                            }
                            Selected::Failed(error)
                        }
                    }
                }
            });
        }
        if let Some(chosen) = chosen {
            let passed_over = |build| Selected::PassedOver(PassedOver { chosen: chosen.clone(), ..build });
            refused.into_iter().for_each(|(index, build)| selected[index] = Some(passed_over(build)));
        }
    }
    selected.into_iter().flatten().collect()
}

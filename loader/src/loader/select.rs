//! Selection: the best of several builds of one plugin in a folder, that is, the highest version that fits.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;

use super::pipeline::{Peeked, Rejected};
use super::report::{FileOutcome, PassedOver};
use crate::errors::{Code, LoadError};
use crate::loaded::Loaded;
use crate::manifest::{PluginRecord, PluginVersion};

/// A file after the first look.
pub(super) type Candidate = Result<Peeked, Rejected>;

fn path(candidate: &Candidate) -> &Path {
    candidate.as_ref().map_or_else(|rejected| &*rejected.path, Peeked::path)
}

fn plugins(candidate: &Candidate) -> &[Arc<PluginRecord>] {
    candidate.as_ref().map_or_else(|rejected| &*rejected.plugins, Peeked::plugins)
}

/// The names and versions of a candidate's plugins, sorted.
fn build(candidate: &Candidate) -> Vec<PluginVersion> {
    let plugins = plugins(candidate).iter();
    let mut names: Vec<_> = plugins.map(|plugin| PluginVersion::new(&plugin.name, &plugin.version)).collect();
    names.sort();
    names
}

/// The names of all plugins in these files, loaded or not.
pub(super) fn names(candidates: &[Candidate]) -> BTreeSet<String> {
    candidates.iter().flat_map(plugins).map(|plugin| plugin.name.clone()).collect()
}

/// The rank of a build among builds of the same plugins: the versions of the plugins, then those of the APIs.
fn rank(candidate: &Candidate) -> (Vec<Version>, Vec<Version>) {
    let interfaces = plugins(candidate).iter().flat_map(|plugin| &plugin.interfaces);
    let apis = interfaces.map(|exported| exported.version.clone()).collect();
    (build(candidate).into_iter().map(|plugin| plugin.version).collect(), apis)
}

/// Whether a library was refused because it was built for other hosts, and not because it is defective or not trusted.
fn is_for_others(error: &LoadError) -> bool {
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

/// Loads the best candidate of each plugin, and returns the outcome for every candidate, in their order.
///
/// If the best candidate is refused after all, the next one is tried.
pub(super) fn best_of_each<I: ?Sized>(
    candidates: Vec<Candidate>,
    mut load: impl FnMut(Peeked) -> Result<Vec<Loaded<I>>, LoadError>,
    announce: impl Fn(&Path, &Result<Vec<Loaded<I>>, LoadError>),
) -> Vec<FileOutcome<I>> {
    let mut verdicts: Vec<Option<FileOutcome<I>>> = candidates.iter().map(|_| None).collect();
    let mut groups: Vec<Vec<(usize, Candidate)>> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        let names: Vec<String> = build(&candidate).into_iter().map(|plugin| plugin.name).collect();
        // A file without records of plugins has no other builds, so it is a group of its own.
        let group = if names.is_empty() { groups.len() } else { *known.entry(names).or_insert(groups.len()) };
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push((index, candidate));
    }
    for mut group in groups {
        // The sort is stable: of equal builds, the first file by name comes first.
        group.sort_by_cached_key(|(_, candidate)| (candidate.is_err(), Reverse(rank(candidate))));
        let mut chosen: Option<PathBuf> = None;
        // Builds that were refused after the first look, before another one was chosen.
        let mut refused = Vec::new();
        for (index, candidate) in group {
            let path = path(&candidate).to_owned();
            let plugins = build(&candidate);
            let passed_over = |chosen: &PathBuf, reasons| {
                let passed_over = PassedOver::new(&path, plugins.clone(), chosen, reasons);
                tracing::info!("{passed_over}");
                FileOutcome::PassedOver(passed_over)
            };
            verdicts[index] = Some(match (&chosen, candidate) {
                (Some(chosen), Ok(_)) => passed_over(chosen, Vec::new()),
                (Some(chosen), Err(Rejected { error, .. })) if is_for_others(&error) => {
                    passed_over(chosen, error.reasons().to_vec())
                }
                (_, candidate) => {
                    let outcome = candidate.map_err(|rejected| rejected.error).and_then(&mut load);
                    announce(&path, &outcome);
                    match outcome {
                        Ok(plugins) => {
                            chosen = Some(path.clone());
                            FileOutcome::Loaded { path, plugins }
                        }
                        Err(error) if error.is_foreign() => FileOutcome::Foreign { path },
                        Err(error) => {
                            // A build that fits stays the chosen one, even if loading it fails.
                            if error.reasons().is_empty() {
                                chosen.get_or_insert(path);
                            } else if is_for_others(&error) {
                                refused.push((index, PassedOver::new(path, plugins, "", error.reasons().to_vec())));
                            }
                            FileOutcome::Failed(error)
                        }
                    }
                }
            });
        }
        if let Some(chosen) = chosen {
            let passed_over = |build| FileOutcome::PassedOver(PassedOver { chosen: chosen.clone(), ..build });
            refused.into_iter().for_each(|(index, build)| verdicts[index] = Some(passed_over(build)));
        }
    }
    verdicts.into_iter().flatten().collect()
}

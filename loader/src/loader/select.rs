//! Selection: of several builds of one plugin in a folder, the one that fits and has the highest version.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use semver::Version;

use super::report::{PassedOver, Verdicts};
use crate::errors::{Code, LoadError};
use crate::loaded::Loaded;
use crate::manifest::PluginRecord;
use crate::read::Image;
use crate::read::Opened;

/// A file after the first look.
pub(crate) struct Candidate {
    /// As the host named it.
    pub(crate) path: PathBuf,
    /// What it is called without links.
    pub(crate) canonical: PathBuf,
    /// It, where it was not closed since.
    pub(crate) opened: Option<Opened>,
    /// What its bytes say, where they say anything.
    pub(crate) image: Option<Image>,
    /// Why it is not to be loaded; without an error it seems to fit.
    pub(crate) error: Option<LoadError>,
    /// How long the look took.
    pub(crate) look_time: Duration,
}

impl Candidate {
    fn plugins(&self) -> &[Arc<PluginRecord>] {
        match &self.image {
            Some(Image { manifest: Ok(manifest), .. }) => &manifest.plugins,
            _ => &[],
        }
    }

    /// The names and versions of its plugins, sorted.
    fn build(&self) -> Vec<(String, Version)> {
        let mut names: Vec<_> =
            self.plugins().iter().map(|plugin| (plugin.name.clone(), plugin.version.clone())).collect();
        names.sort();
        names
    }

    /// What makes it a higher build than another one of the same plugins: their versions, then those of the APIs.
    fn rank(&self) -> (Vec<Version>, Vec<Version>) {
        let interfaces = self.plugins().iter().flat_map(|plugin| &plugin.interfaces);
        let apis = interfaces.map(|exported| exported.version.clone()).collect();
        (self.build().into_iter().map(|(_, version)| version).collect(), apis)
    }

    /// Whether it was refused for being a build for others, and not for being a bad one.
    fn is_for_others(&self) -> bool {
        let codes = || self.error.iter().flat_map(LoadError::reasons).map(|reason| reason.code);
        let for_others = |code| {
            matches!(
                code,
                Code::CompilerDiffers
                    | Code::VersionNotAccepted
                    | Code::OtherTarget
                    | Code::TargetDiffers
                    | Code::CpuLacks
            )
        };
        codes().any(for_others) && !codes().any(|code| matches!(code, Code::NotWhole | Code::NotTrusted))
    }
}

/// Loads the best candidate of each plugin, and says what became of every one, in their order.
///
/// Where the best turns out to be refused after all, the next one is tried.
pub(crate) fn best_of_each<I: ?Sized>(
    candidates: Vec<Candidate>,
    mut load: impl FnMut(Candidate) -> Result<Vec<Loaded<I>>, LoadError>,
) -> Vec<Verdicts<I>> {
    let mut verdicts: Vec<Option<Verdicts<I>>> = candidates.iter().map(|_| None).collect();
    let mut groups: Vec<Vec<(usize, Candidate)>> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (index, candidate) in candidates.into_iter().enumerate() {
        let names: Vec<String> = candidate.build().into_iter().map(|(name, _)| name).collect();
        // A file without records of plugins is no build of anything.
        let group = if names.is_empty() { groups.len() } else { *known.entry(names).or_insert(groups.len()) };
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push((index, candidate));
    }
    for mut group in groups {
        // Stable: of equals, the first by name.
        group.sort_by_cached_key(|(_, candidate)| (candidate.error.is_some(), std::cmp::Reverse(candidate.rank())));
        let mut chosen: Option<PathBuf> = None;
        for (index, mut candidate) in group {
            let path = candidate.path.clone();
            verdicts[index] = Some(match &chosen {
                Some(chosen) if candidate.error.is_none() || candidate.is_for_others() => {
                    let (plugins, error) = (candidate.build(), candidate.error.take());
                    let reasons = error.as_ref().map(LoadError::reasons).unwrap_or_default().to_vec();
                    let passed_over = PassedOver { path, plugins, chosen: chosen.clone(), reasons };
                    tracing::info!("{passed_over}");
                    Verdicts::PassedOver(passed_over)
                }
                _ => match load(candidate) {
                    Ok(plugins) => {
                        chosen = Some(path.clone());
                        Verdicts::Loaded(path, plugins)
                    }
                    Err(error) if error.is_foreign() => Verdicts::Foreign(path),
                    Err(error) => {
                        // What failed for another reason than a refusal is the one that was chosen, nevertheless.
                        if error.reasons().is_empty() {
                            chosen.get_or_insert(path);
                        }
                        Verdicts::Refused(error)
                    }
                },
            });
        }
    }
    verdicts.into_iter().flatten().collect()
}

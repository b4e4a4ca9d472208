//! The comparison of the interfaces as which plugins are exported, and of their versions.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::changes::{Compared, MAX_DIFFERENCES, interface_changed};
use super::profile::HostProfile;
use super::requirements::Requirements;
use super::versions::{compatible, differing_versions, versions_fit};
use crate::errors::{Code, Reason};
use crate::manifest::{Exported, InterfaceRecord, InterfaceVersion, Manifest, PluginRecord};

pub(super) fn judge_plugins(
    host: &HostProfile,
    library: &Manifest,
    requirements: &Requirements,
    reasons: &mut Vec<Reason>,
) {
    let own = host.manifest.interfaces.iter().map(|interface| &interface.name);
    let own = own.filter(|_| requirements.interfaces.is_empty());
    let known = || requirements.interfaces.iter().chain(own.clone());
    let several = library.plugins.len() > 1;
    let mut compared = Compared::default();
    let mut any = false;
    for plugin in &library.plugins {
        let offered = plugin.interfaces.iter().filter(|exported| known().any(|name| *name == exported.name));
        let is_offered = offered.clone().next().is_some();
        any |= is_offered;
        if !is_offered && requirements.interfaces.is_empty() {
            reasons.push(interface_missing(known(), std::slice::from_ref(plugin)));
        }
        for exported in not_fitting(offered.map(|exported| Offered::new(host, exported, requirements)), requirements) {
            for mut reason in judge_interface(host, library, exported, requirements, &mut compared) {
                if several {
                    let at = join(&format!("plugin {}", plugin.name), &reason.at);
                    reason = reason.at(at);
                }
                reasons.push(reason);
            }
        }
    }
    if !any && !requirements.interfaces.is_empty() && !library.plugins.is_empty() {
        reasons.push(interface_missing(known(), &library.plugins));
    }
}

/// An interface as which a plugin is exported, and how close it is to one of the host's interfaces.
struct Offered<'a> {
    exported: &'a Exported,
    fits: bool,
    compatible: bool,
    unchanged: bool,
}

impl<'a> Offered<'a> {
    fn new(host: &HostProfile, exported: &'a Exported, requirements: &Requirements) -> Self {
        let ours = nearest(&host.manifest, exported);
        let compatible = ours.is_some_and(|ours| compatible(&ours.version, &exported.version));
        let unchanged = ours.is_some_and(|ours| ours.fingerprint == exported.fingerprint);
        let fits = ours.is_some_and(|ours| requirements.fits(&Exported::of_record(ours), exported));
        Self { exported, fits, compatible, unchanged }
    }
}

/// Selects the interfaces that are the reasons to refuse a plugin.
///
/// A plugin may be exported as several versions of one interface, and a host may accept several interfaces for one. One
/// interface that fits is enough. If none fits, the closest one provides the reasons.
fn not_fitting<'a>(
    offered: impl Iterator<Item = Offered<'a>> + Clone,
    requirements: &Requirements,
) -> Vec<&'a Exported> {
    if offered.clone().all(|one| one.fits) {
        return Vec::new();
    }
    let mut offered = Vec::from_iter(offered);
    offered.sort_by_key(|one| &one.exported.name);
    let alike = |one: &Offered<'_>, other: &Offered<'_>| one.exported.name == other.exported.name;
    let groups = offered.chunk_by(|one, other| !requirements.interfaces.is_empty() || alike(one, other));
    let nearest = groups.filter_map(|group| {
        group.iter().max_by_key(|one| (one.fits, one.compatible, one.unchanged, &one.exported.version))
    });
    nearest.filter(|one| !one.fits).map(|one| one.exported).collect()
}

fn interface_missing<'a>(known: impl Iterator<Item = &'a String>, plugins: &[Arc<PluginRecord>]) -> Reason {
    let offers = plugins.iter().map(|plugin| {
        let interfaces = plugin.interfaces.iter().map(|exported| format!("{} {}", exported.name, exported.version));
        format!("{} as {}", plugin.name, interfaces.collect::<Vec<_>>().join(", "))
    });
    let mut known: Vec<&str> = known.map(String::as_str).collect();
    known.dedup();
    Reason::new(
        Code::InterfaceMissing,
        if known.is_empty() { "no interface at all".to_owned() } else { known.join(", ") },
        format!("exports {}", offers.collect::<Vec<_>>().join("; ")),
        "export the plugin as the host's interface: `plugbox::export!(Type as dyn Interface);`",
    )
}

fn judge_interface<'a>(
    host: &'a HostProfile,
    library: &Manifest,
    exported: &Exported,
    requirements: &Requirements,
    compared: &mut Compared<'a>,
) -> Vec<Reason> {
    let Some(ours) = nearest(&host.manifest, exported) else {
        return vec![Reason::new(
            Code::InterfaceMissing,
            "no record of this interface",
            format!("{} {}", exported.name, exported.version),
            "link the API crate into the host",
        )];
    };
    let accepted = requirements.versions.as_ref();
    let mut reasons = Vec::new();
    if !compatible(&ours.version, &exported.version)
        || accepted.is_some_and(|versions| !versions.matches(&exported.version))
    {
        let crate_name = crate_of(&ours.name);
        let narrowed = accepted.map(|versions| format!(" (and accepts only {versions})")).unwrap_or_default();
        reasons.push(
            Reason::new(
                Code::VersionNotAccepted,
                format!("{crate_name} {}{narrowed}", versions(&host.manifest, ours)),
                format!("{crate_name} {}", exported.version),
                match accepted {
                    Some(versions) => {
                        format!("build the plugin against a version of `{crate_name}` that matches {versions}")
                    }
                    None => format!("build the plugin against `{crate_name}` {}", ours.version),
                },
            )
            .at(&exported.name),
        );
    }
    reasons.extend(judge_below(ours, exported));
    if ours.fingerprint != exported.fingerprint {
        reasons.extend(interface_changed(host, ours, library, exported, compared));
    }
    reasons
}

/// Judges the versions of the interfaces below an interface, by the same rules as its own version.
fn judge_below<'a>(ours: &'a InterfaceRecord, theirs: &'a Exported) -> Vec<Reason> {
    let unlike = differing_versions(&ours.below, &theirs.below).into_iter();
    // If the interface itself has changed, interfaces that only one side reaches are consequences of that change.
    let same = ours.fingerprint == theirs.fingerprint;
    let differ = unlike.filter(|(below, other)| same || below.is_some() && other.is_some());
    // Each crate is reported once, at the first of its interfaces. The interface's own crate was reported before.
    let version = |below: Option<&'a InterfaceVersion>| below.map(|below| &below.version);
    let mut told = BTreeSet::from([(crate_of(&ours.name), Some(&ours.version), Some(&theirs.version))]);
    let news = differ.filter_map(|(below, other)| {
        let name = &below.or(other)?.name;
        told.insert((crate_of(name), version(below), version(other))).then_some((name, below, other))
    });
    let reasons = news.map(|(name, below, other)| {
        let crate_name = crate_of(name);
        let said = |below: Option<&InterfaceVersion>| match below {
            Some(below) => format!("{crate_name} {}", below.version),
            None => format!("no record of the version of {crate_name}"),
        };
        let remedy = match below {
            Some(below) => format!(
                "build the plugin against `{crate_name}` {}, like the host's `{}` {}",
                below.version,
                crate_of(&ours.name),
                ours.version
            ),
            None => format!("build the plugin against `{}` {}", crate_of(&ours.name), ours.version),
        };
        Reason::new(Code::VersionNotAccepted, said(below), said(other), remedy).at(name)
    });
    reasons.take(MAX_DIFFERENCES).collect()
}

/// The name of the crate at the beginning of a path.
fn crate_of(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// The host's record that is closest to an exported interface. A host may know several versions of an API.
fn nearest<'a>(host: &'a Manifest, exported: &Exported) -> Option<&'a InterfaceRecord> {
    let known = host.interfaces.iter().map(|record| &**record);
    known.filter(|record| record.name == exported.name).max_by_key(|record| {
        let compatible = compatible(&record.version, &exported.version);
        let unchanged = record.fingerprint == exported.fingerprint;
        let fits = unchanged && versions_fit((&record.version, &record.below), (&exported.version, &exported.below));
        (fits, compatible && unchanged, compatible, unchanged, &record.version)
    })
}

/// All versions of an interface that the host knows, the latest first.
fn versions(host: &Manifest, ours: &InterfaceRecord) -> String {
    let alike = host.interfaces.iter().rev().filter(|record| record.name == ours.name);
    alike.map(|record| record.version.to_string()).collect::<Vec<_>>().join(" or ")
}

fn join(outer: &str, inner: &str) -> String {
    if inner.is_empty() { outer.to_owned() } else { format!("{outer}, {inner}") }
}

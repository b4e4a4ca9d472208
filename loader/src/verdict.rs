//! The verdict: a pure function of the host's profile and a library's bytes.
//!
//! It collects every reason, not the first. What is compared first, and shown first, is the rustc identity and the
//! API's semver version.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use plugbox::__private::canonical::{self, Harm};
use plugbox::Fingerprint;
use semver::{Comparator, Op, Version, VersionReq};

use crate::boundary;
use crate::diff;
use crate::errors::{Code, Difference, Reason, said};
use crate::manifest::{Below, Build, Exported, InterfaceRecord, Manifest, PluginRecord, ShapeRecord};
use crate::nesting;
use crate::profile::HostProfile;
use crate::read::{Container, Image, ReadError};

/// How many differences of one interface are named.
const MOST_DIFFERENCES: usize = 8;

/// What was compared already. A file may have any number of plugins of one interface, and of interfaces that reach one type:
/// each pair is compared once, so that the time it takes follows the bytes that there are.
#[derive(Default)]
struct Compared<'a> {
    interfaces: BTreeMap<(&'a str, &'a Version, Fingerprint), Changes>,
    types: HashMap<Types, Vec<canonical::Difference>>,
    /// Where each type of the host's comes among all, the innermost first.
    places: OnceCell<HashMap<*const ShapeRecord, usize>>,
}

/// The host's type, and that of the library with its name.
type Types = (*const ShapeRecord, *const ShapeRecord);

/// What is another in a library's interface.
#[derive(Clone, Default)]
struct Changes {
    /// Of the interface and its types.
    differences: Vec<Difference>,
    /// Of the foreign crates that some of these types are from.
    boundary: Vec<Reason>,
}

/// What is found in a library that is somebody else's.
pub(crate) const NO_RECORDS: &str = "no records of plugbox";

/// The answer of the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The library may be mapped.
    Fits,
    /// It may not: every reason, in the order of [`Code`].
    Refused(Vec<Reason>),
}

impl Verdict {
    /// The reasons; none where it fits.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Fits => &[],
            Self::Refused(reasons) => reasons,
        }
    }

    pub(crate) fn from_reasons(mut reasons: Vec<Reason>) -> Self {
        reasons.sort_by_key(|reason| reason.code);
        reasons.dedup();
        if reasons.is_empty() { Self::Fits } else { Self::Refused(reasons) }
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        match self {
            Self::Fits => Vec::new(),
            Self::Refused(reasons) => reasons,
        }
    }
}

/// What the host wants of a library.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// The names of the interfaces that will do; without any, every plugin must fit the interfaces that the host knows.
    pub interfaces: Vec<String>,
    /// Which versions of the API the host takes, narrower than what semver calls compatible.
    pub versions: Option<VersionReq>,
    /// Whether a panic may end the process, because one side was built with `panic = "abort"`.
    pub allow_abort: bool,
}

impl Demand {
    /// Whether a plugin that is exported as `theirs` can be had as `ours`.
    pub(crate) fn takes(&self, ours: &Exported, theirs: &Exported) -> bool {
        fits(ours, theirs) && self.accepts(&theirs.version)
    }

    fn accepts(&self, version: &Version) -> bool {
        self.versions.as_ref().is_none_or(|versions| versions.matches(version))
    }

    /// The plugins that are exported as one of its interfaces, whichever version of it.
    pub(crate) fn offered<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a PluginRecord> {
        let offers =
            |plugin: &&PluginRecord| plugin.interfaces.iter().any(|known| self.interfaces.contains(&known.name));
        manifest.plugins.iter().map(|plugin| &**plugin).filter(offers)
    }
}

/// Whether two sides mean the same interface, and compatible versions of it and of all that it reaches.
pub(crate) fn fits(ours: &Exported, theirs: &Exported) -> bool {
    ours.name == theirs.name
        && ours.fingerprint == theirs.fingerprint
        && versions_fit((&ours.version, &ours.below), (&theirs.version, &theirs.below))
}

/// Whether the versions of one interface, and of all that it reaches, are compatible.
pub(crate) fn versions_fit(ours: (&Version, &[Below]), theirs: (&Version, &[Below])) -> bool {
    compatible(ours.0, theirs.0) && unlike_below(ours.1, theirs.1).is_empty()
}

/// The interfaces below whose versions are not compatible, or that only one side reaches.
fn unlike_below<'a>(ours: &'a [Below], theirs: &'a [Below]) -> Vec<(Option<&'a Below>, Option<&'a Below>)> {
    // Most are: then nothing has to be sorted.
    if ours == theirs {
        return Vec::new();
    }
    let mut rest: BTreeMap<&str, Vec<&Below>> = BTreeMap::new();
    // Of one name there may be several: they keep their order.
    theirs.iter().rev().for_each(|below| rest.entry(&below.name).or_default().push(below));
    let mut unlike = Vec::new();
    for below in ours {
        let other = rest.get_mut(&*below.name).and_then(Vec::pop);
        if other.is_none_or(|other| !compatible(&below.version, &other.version)) {
            unlike.push((Some(below), other));
        }
    }
    unlike.extend(rest.into_values().flatten().map(|below| (None, Some(below))));
    unlike
}

/// Judges what was read of a library.
///
/// # Examples
///
/// ```
/// # #[plugbox::interface] pub trait Plugin { fn name(&self) -> String; }
/// use plugbox_loader::{profile::HostProfile, read, verdict};
/// let host = HostProfile::of_this_process::<dyn Plugin>()?;
/// let read = read::image(std::path::Path::new("Cargo.toml"));
/// let verdict = verdict::judge(&host, read.as_ref(), &verdict::Demand::default());
/// assert_eq!(verdict.reasons()[0].code.as_str(), "not-a-library");
/// # Ok::<(), plugbox_loader::UnfitHost>(())
/// ```
#[must_use]
pub fn judge(host: &HostProfile, read: Result<&Image, &ReadError>, demand: &Demand) -> Verdict {
    let library = match read {
        Ok(image) => image,
        Err(error) => return Verdict::from_reasons(vec![unreadable(error)]),
    };
    if !library.shared {
        return Verdict::from_reasons(vec![not_a_library(
            "an executable: a plugin is built with `crate-type = [\"cdylib\"]`",
        )]);
    }
    let mut reasons = Vec::new();
    if let Err(what) = &library.whole {
        reasons.push(not_whole(what));
    }
    if library.container != host.container {
        reasons.push(other_target(&host.container, &library.container));
    }
    match &library.manifest {
        Err(damaged) => reasons.push(
            Reason::new(Code::NotWhole, "records that can be read", damaged.to_string(), "copy or build it again")
                .at("its manifest"),
        ),
        // Where part of the file is missing, so may its records be.
        Ok(manifest) if manifest.is_empty() && library.whole.is_err() => {}
        Ok(manifest) => judge_manifest(host, manifest, demand, &mut reasons),
    }
    Verdict::from_reasons(reasons)
}

fn unreadable(error: &ReadError) -> Reason {
    match error {
        ReadError::NotWhole(what) => not_whole(what),
        other => not_a_library(&other.to_string()),
    }
}

fn not_a_library(what: &str) -> Reason {
    let remedy = "point to the library that cargo built, such as target/release/libname.so";
    Reason::new(Code::NotALibrary, "a shared library", what, remedy)
}

fn not_whole(what: &str) -> Reason {
    Reason::new(Code::NotWhole, "a whole file", what, "copy or build it again, and load it when that has ended")
}

fn other_target(host: &Container, library: &Container) -> Reason {
    Reason::new(Code::OtherTarget, host.to_string(), library.to_string(), "build the plugin for the host's target")
}

fn judge_manifest(host: &HostProfile, library: &Manifest, demand: &Demand, reasons: &mut Vec<Reason>) {
    let ours = plugbox::__private::CONTRACT;
    for theirs in &library.foreign_contracts {
        reasons.push(Reason::new(
            Code::ContractDiffers,
            format!("contract {ours}"),
            format!("contract {theirs}"),
            "build plugin and host with the same version of plugbox",
        ));
    }
    if !library.plugins.is_empty() && library.builds.is_empty() {
        reasons.push(
            Reason::new(
                Code::NotWhole,
                "a record of who built it",
                "records of plugins, and none of the build",
                "build it again, without tools that remove or rewrite notes",
            )
            .at("its manifest"),
        );
    }
    if library.plugins.is_empty() && library.foreign_contracts.is_empty() {
        let found = if library.is_empty() { NO_RECORDS } else { "records of plugbox, but none of a plugin" };
        reasons.push(Reason::new(
            Code::NoManifest,
            "a library with the records of a plugin",
            found,
            "write `plugbox::export!(Type as dyn Interface);` in the plugin's crate. If it is there, a tool has removed \
             the notes: old versions of patchelf move them out of their segment",
        ));
    }
    // There are several where several versions of plugbox are linked; the compiler is one and the same in the host's.
    if let Some(ours) = host.manifest.builds.first() {
        library.builds.iter().for_each(|theirs| judge_build(ours, theirs, reasons));
    }
    judge_features(host, library, reasons);
    judge_flags(&host.manifest, library, reasons);
    if !demand.allow_abort {
        judge_panic(&host.manifest, library, reasons);
    }
    judge_plugins(host, library, demand, reasons);
    // Whatever it is equal to: what is not known is not the same.
    let foreign = library.shapes.iter().filter(|shape| shape.keyword == boundary::KEYWORD);
    for unknown in foreign.flat_map(|shape| boundary::unknown(shape)).take(MOST_DIFFERENCES) {
        let told = |reason: &Reason| reason.code == unknown.code && reason.plugin == unknown.plugin;
        if !reasons.iter().any(told) {
            reasons.push(unknown);
        }
    }
}

fn judge_build(ours: &Build, theirs: &Build, reasons: &mut Vec<Reason>) {
    if !same_compiler(ours, theirs) {
        let remedy = format!("build the plugin with the host's compiler: {}", with_compiler(ours));
        reasons.push(Reason::new(Code::CompilerDiffers, compiler(ours), compiler(theirs), remedy));
    }
    if ours.target != theirs.target {
        let remedy = format!("cargo build --release --target {}", ours.target);
        reasons.push(Reason::new(Code::TargetDiffers, &ours.target, &theirs.target, remedy));
    }
}

fn judge_features(host: &HostProfile, library: &Manifest, reasons: &mut Vec<Reason>) {
    let builds = library.builds.iter().flat_map(|build| &build.features);
    let plugins = library.plugins.iter().flat_map(|plugin| &plugin.features);
    let lacking = builds.chain(plugins).filter(|feature| host.processor.lacks(feature)).map(String::as_str);
    let mut lacking: Vec<&str> = lacking.collect();
    if !lacking.is_empty() {
        lacking.sort_unstable();
        lacking.dedup();
        let lacking = lacking.join(", ");
        reasons.push(Reason::new(
            Code::CpuLacks,
            format!("a processor without {lacking}"),
            format!("built to use {lacking}"),
            "build the plugin without `-C target-cpu=native` and without these target features",
        ));
    }
}

/// Release and commit decide; how a distribution calls its build does not. Two unknown commits prove nothing by
/// themselves: then everything that the compiler says of itself must be equal.
fn same_compiler(a: &Build, b: &Build) -> bool {
    if a.release != b.release || a.commit != b.commit {
        return false;
    }
    let whole = |build: &Build| (build.rustc.clone(), build.date.clone(), build.llvm.clone(), build.builder.clone());
    a.commit != "unknown" || whole(a) == whole(b)
}

fn compiler(build: &Build) -> String {
    if build.commit == "unknown" {
        return format!("{}, commit unknown, {}, LLVM {}", build.rustc, build.builder, build.llvm);
    }
    let commit: String = build.commit.chars().take(9).collect();
    let suffix = build.rustc.split_once(") ").map(|(_, suffix)| format!(" {suffix}")).unwrap_or_default();
    format!("rustc {} ({commit} {}){suffix}", build.release, build.date)
}

/// The command that builds with a compiler. rustup names a nightly by the day on which it came out: the one after its
/// commit's.
fn with_compiler(build: &Build) -> String {
    let toolchain = match build.release.split_once('-') {
        None => build.release.clone(),
        Some((_, "nightly")) => next_day(&build.date).map_or("nightly".to_owned(), |day| format!("nightly-{day}")),
        Some((_, _)) => "beta".to_owned(),
    };
    format!("rustup run {toolchain} cargo build --release")
}

/// The day after a date such as `2026-05-19`.
fn next_day(date: &str) -> Option<String> {
    let mut parts = date.splitn(3, '-').map(str::parse::<u32>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (year, month, day) = match (month, day) {
        (12, 31) => (year + 1, 1, 1),
        (_, last) if last == days => (year, month + 1, 1),
        _ => (year, month, day + 1),
    };
    Some(format!("{year}-{month:02}-{day:02}"))
}

fn judge_flags(host: &Manifest, library: &Manifest, reasons: &mut Vec<Reason>) {
    let randomised = |manifest: &Manifest| {
        manifest.is_randomised()
            || manifest.builds.iter().flat_map(|build| &build.flags).any(|flag| flag == "randomize-layout")
    };
    fn others(manifest: &Manifest) -> Vec<&str> {
        let flags = manifest.builds.iter().flat_map(|build| &build.flags).map(String::as_str);
        let mut flags: Vec<&str> = flags.filter(|flag| matches!(*flag, "sanitizer" | "soft-float")).collect();
        flags.dedup();
        flags
    }
    // A shared std allocates by itself, and what it allocates cannot be freed by the host; its panic hook is everybody's.
    let shared_std = |manifest: &Manifest| {
        manifest.builds.iter().flat_map(|build| &build.flags).any(|flag| flag == "prefer-dynamic")
    };
    let say = |manifest: &Manifest| {
        let mut said = others(manifest);
        if shared_std(manifest) {
            said.insert(0, "a shared std (`-C prefer-dynamic`)");
        }
        if randomised(manifest) {
            said.insert(0, "randomised layouts");
        }
        if said.is_empty() { "none of these flags".to_owned() } else { said.join(", ") }
    };
    // Shuffled layouts on either side refuse, even on both: without a seed the shuffle follows the crate's metadata.
    if randomised(host) || randomised(library) || shared_std(library) || others(host) != others(library) {
        reasons.push(Reason::new(
            Code::FlagsDiffer,
            say(host),
            say(library),
            "build both sides without `-Z randomize-layout` and the plugin without `-C prefer-dynamic`, and both with the \
             same sanitizer and float flags",
        ));
    }
}

fn judge_panic(host: &Manifest, library: &Manifest, reasons: &mut Vec<Reason>) {
    fn strategies(manifest: &Manifest) -> impl Iterator<Item = &str> {
        let builds = manifest.builds.iter().map(|build| build.panic.as_str());
        builds.chain(manifest.plugins.iter().map(|plugin| plugin.panic.as_str()))
    }
    if strategies(host).chain(strategies(library)).any(|strategy| strategy != "unwind") {
        let [ours, theirs] = [host, library].map(|side| {
            let all: BTreeSet<&str> = strategies(side).collect();
            if all.is_empty() { "unwind".to_owned() } else { all.into_iter().collect::<Vec<_>>().join(" and ") }
        });
        reasons.push(Reason::new(
            Code::PanicDiffers,
            format!("panic = \"{ours}\""),
            format!("panic = \"{theirs}\""),
            "remove `panic = \"abort\"` from the profile in Cargo.toml; or the host calls `Loader::allow_abort`",
        ));
    }
}

fn judge_plugins(host: &HostProfile, library: &Manifest, demand: &Demand, reasons: &mut Vec<Reason>) {
    let own = host.manifest.interfaces.iter().map(|interface| &interface.name);
    let own = own.filter(|_| demand.interfaces.is_empty());
    let known = || demand.interfaces.iter().chain(own.clone());
    let several = library.plugins.len() > 1;
    let mut compared = Compared::default();
    let mut any = false;
    for plugin in &library.plugins {
        let offered = plugin.interfaces.iter().filter(|exported| known().any(|name| *name == exported.name));
        let is_offered = offered.clone().next().is_some();
        any |= is_offered;
        if !is_offered && demand.interfaces.is_empty() {
            reasons.push(interface_missing(known(), std::slice::from_ref(plugin)));
        }
        for exported in unfit(offered.map(|exported| Offered::new(host, exported, demand)), demand) {
            for mut reason in judge_interface(host, library, exported, demand, &mut compared) {
                if several {
                    let at = join(&format!("plugin {}", plugin.name), &reason.at);
                    reason = reason.at(at);
                }
                reasons.push(reason);
            }
        }
    }
    if !any && !demand.interfaces.is_empty() && !library.plugins.is_empty() {
        reasons.push(interface_missing(known(), &library.plugins));
    }
}

/// An interface that a plugin is exported as, and how near it is to one of the host's.
struct Offered<'a> {
    exported: &'a Exported,
    taken: bool,
    compatible: bool,
    unchanged: bool,
}

impl<'a> Offered<'a> {
    fn new(host: &HostProfile, exported: &'a Exported, demand: &Demand) -> Self {
        let ours = closest(&host.manifest, exported);
        let compatible = ours.is_some_and(|ours| compatible(&ours.version, &exported.version));
        let unchanged = ours.is_some_and(|ours| ours.fingerprint == exported.fingerprint);
        let taken = ours.is_some_and(|ours| demand.takes(&ours.exported(), exported));
        Self { exported, taken, compatible, unchanged }
    }
}

/// The interfaces of a plugin that do not fit, and whose reasons are reasons of the plugin.
///
/// A plugin may be exported as several versions of one interface, and a host may take several interfaces for one: one
/// that fits is enough. Otherwise the reasons are those of the one that came closest.
fn unfit<'a>(offered: impl Iterator<Item = Offered<'a>> + Clone, demand: &Demand) -> Vec<&'a Exported> {
    if offered.clone().all(|one| one.taken) {
        return Vec::new();
    }
    let mut offered = Vec::from_iter(offered);
    offered.sort_by_key(|one| &one.exported.name);
    let alike = |one: &Offered<'_>, other: &Offered<'_>| one.exported.name == other.exported.name;
    let groups = offered.chunk_by(|one, other| !demand.interfaces.is_empty() || alike(one, other));
    let nearest = groups.filter_map(|group| {
        group.iter().max_by_key(|one| (one.taken, one.compatible, one.unchanged, &one.exported.version))
    });
    nearest.filter(|one| !one.taken).map(|one| one.exported).collect()
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
    demand: &Demand,
    compared: &mut Compared<'a>,
) -> Vec<Reason> {
    let Some(ours) = closest(&host.manifest, exported) else {
        return vec![Reason::new(
            Code::InterfaceMissing,
            "no record of this interface",
            format!("{} {}", exported.name, exported.version),
            "link the API crate into the host",
        )];
    };
    let accepted = demand.versions.as_ref();
    let mut reasons = Vec::new();
    if !compatible(&ours.version, &exported.version)
        || accepted.is_some_and(|versions| !versions.matches(&exported.version))
    {
        let crate_name = crate_of(&ours.name);
        let narrowed = accepted.map(|versions| format!(" (and takes {versions})")).unwrap_or_default();
        reasons.push(
            Reason::new(
                Code::VersionNotAccepted,
                format!("{crate_name} {}{narrowed}", versions(&host.manifest, ours)),
                format!("{crate_name} {}", exported.version),
                match accepted {
                    Some(versions) => {
                        format!("build the plugin against a version of `{crate_name}` that {versions} takes")
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

/// The versions of all that an interface reaches, judged as its own.
fn judge_below<'a>(ours: &'a InterfaceRecord, theirs: &'a Exported) -> Vec<Reason> {
    let unlike = unlike_below(&ours.below, &theirs.below).into_iter();
    // If the interface itself has changed, what only one side reaches follows from that.
    let same = ours.fingerprint == theirs.fingerprint;
    let differ = unlike.filter(|(below, other)| same || below.is_some() && other.is_some());
    // Each crate is told once, at the first of its interfaces; the interface's own crate was told before.
    let version = |below: Option<&'a Below>| below.map(|below| &below.version);
    let mut told = BTreeSet::from([(crate_of(&ours.name), Some(&ours.version), Some(&theirs.version))]);
    let news = differ.filter_map(|(below, other)| {
        let name = &below.or(other)?.name;
        told.insert((crate_of(name), version(below), version(other))).then_some((name, below, other))
    });
    let reasons = news.map(|(name, below, other)| {
        let crate_name = crate_of(name);
        let said = |below: Option<&Below>| match below {
            Some(below) => format!("{crate_name} {}", below.version),
            None => format!("no record of the version of {crate_name}"),
        };
        let remedy = match below {
            Some(below) => format!(
                "build the plugin against `{crate_name}` {}, as the host's `{}` {} is",
                below.version,
                crate_of(&ours.name),
                ours.version
            ),
            None => format!("build the plugin against `{}` {}", crate_of(&ours.name), ours.version),
        };
        Reason::new(Code::VersionNotAccepted, said(below), said(other), remedy).at(name)
    });
    reasons.take(MOST_DIFFERENCES).collect()
}

/// The crate that a path begins with.
fn crate_of(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// The host's own record to compare with: a host may know two versions of an API.
fn closest<'a>(host: &'a Manifest, exported: &Exported) -> Option<&'a InterfaceRecord> {
    let known = host.interfaces.iter().map(|record| &**record);
    known.filter(|record| record.name == exported.name).max_by_key(|record| {
        let compatible = compatible(&record.version, &exported.version);
        let unchanged = record.fingerprint == exported.fingerprint;
        let fits = unchanged && versions_fit((&record.version, &record.below), (&exported.version, &exported.below));
        (fits, compatible && unchanged, compatible, unchanged, &record.version)
    })
}

/// All versions of an interface that a host takes, the latest first.
fn versions(host: &Manifest, ours: &InterfaceRecord) -> String {
    let alike = host.interfaces.iter().rev().filter(|record| record.name == ours.name);
    alike.map(|record| record.version.to_string()).collect::<Vec<_>>().join(" or ")
}

/// Whether one version is what a caret requirement on the other takes, in either direction: with equal fingerprints a
/// plugin that was built against 1.2.5 runs in a host with 1.2.4.
pub(crate) fn compatible(a: &Version, b: &Version) -> bool {
    if a == b {
        return true;
    }
    let caret = |version: &Version| VersionReq {
        comparators: vec![Comparator {
            op: Op::Caret,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        }],
    };
    caret(a).matches(b) || caret(b).matches(a)
}

fn interface_changed<'a>(
    host: &'a HostProfile,
    ours: &'a InterfaceRecord,
    library: &Manifest,
    exported: &Exported,
    compared: &mut Compared<'a>,
) -> Vec<Reason> {
    let remedy = if ours.version == exported.version {
        "both sides say the same version, so the API changed without a bump, or was built with other features: build \
         both from the same source and features, and bump the version with each change of an interface"
            .to_owned()
    } else {
        format!("build the plugin against version {} of the API", ours.version)
    };
    let Compared { interfaces, types, places } = compared;
    let known = interfaces.entry((&ours.name, &ours.version, exported.fingerprint)).or_insert_with(|| {
        let places = places.get_or_init(|| nesting::innermost_first(&host.manifest));
        let theirs = library.interface(&exported.name, exported.fingerprint);
        theirs.map(|theirs| changes((&host.manifest, ours), (library, theirs), types, places)).unwrap_or_default()
    });
    let Changes { mut differences, boundary: mut reasons } = known.clone();
    if differences.is_empty() && !reasons.is_empty() {
        return reasons;
    }
    let mut reason = if differences.is_empty() {
        let [host, plugin] =
            [ours.fingerprint, exported.fingerprint].map(|fingerprint| format!("fingerprint {fingerprint}"));
        Reason::new(Code::InterfaceChanged, host, plugin, remedy).at(&exported.name)
    } else {
        let Difference { at, host, plugin, why } = differences.remove(0);
        Reason::new(Code::InterfaceChanged, host, plugin, remedy).at(at).because(why)
    };
    reason.also = differences;
    reasons.push(reason);
    reasons
}

/// What differs between two records of an interface, of its own and of the types that it reaches: causes before what
/// follows from them, and the innermost type first.
fn changes(
    (host, ours): (&Manifest, &InterfaceRecord),
    (library, theirs): (&Manifest, &InterfaceRecord),
    types: &mut HashMap<Types, Vec<canonical::Difference>>,
    places: &HashMap<*const ShapeRecord, usize>,
) -> Changes {
    let pairs = diff::shapes(host, ours, library, theirs);
    let mut boundary: Vec<Reason> = Vec::new();
    for (shape, other) in pairs.iter().filter_map(|(shape, other)| Some(((*shape)?, (*other)?))) {
        let crates = boundary::differences(shape, other);
        types.entry((shape, other)).or_insert_with(|| match &crates {
            Some(_) => {
                let [ours, theirs] = [shape, other].map(boundary::without_crates);
                worth_saying(&shape.name, diff::shape(&ours, &theirs))
            }
            None => worth_saying(&shape.name, diff::shape(shape, other)),
        });
        for reason in crates.into_iter().flatten() {
            if boundary.len() < MOST_DIFFERENCES && !boundary.contains(&reason) {
                boundary.push(reason);
            }
        }
    }
    // The interface itself contains all that it reaches.
    let own = worth_saying(&ours.name, diff::lines(&ours.name, ours.lines(), theirs.lines()));
    let mut found: Vec<(usize, &canonical::Difference)> = own.iter().map(|own| (usize::MAX, own)).collect();
    let mut reached_by_one = Vec::new();
    for pair in pairs {
        match pair {
            (Some(shape), Some(other)) => {
                let place = places.get(&std::ptr::from_ref(shape)).copied().unwrap_or_default();
                let compared = &types[&(std::ptr::from_ref(shape), std::ptr::from_ref(other))];
                found.extend(compared.iter().map(|difference| (place, difference)));
            }
            _ if reached_by_one.len() == MOST_DIFFERENCES => {}
            (shape, other) => reached_by_one.extend(shape.or(other).map(|one| {
                let reached = |side: Option<_>| if side.is_some() { "reached" } else { "not reached" };
                canonical::Difference::new(&one.name, reached(shape), reached(other))
            })),
        }
    }
    found.sort_by_key(|(place, difference)| (difference.follows, *place));
    let mut differences: Vec<&canonical::Difference> = found.into_iter().map(|(_, difference)| difference).collect();
    if differences.is_empty() {
        // Nothing that both have differs.
        differences.extend(&reached_by_one);
    }
    let differences = differences.into_iter().take(MOST_DIFFERENCES).map(named).collect();
    Changes { differences, boundary }
}

/// What is worth saying of one type or interface, in words: not what only follows, where a cause of it is said.
fn worth_saying(name: &str, mut found: Vec<canonical::Difference>) -> Vec<canonical::Difference> {
    if found.iter().any(|difference| !difference.follows && difference.harm == Harm::Value) {
        found.retain(|difference| !difference.follows);
    }
    found.truncate(MOST_DIFFERENCES);
    found.shrink_to_fit();
    for canonical::Difference { at, a, b, .. } in &mut found {
        let absent = if at == name { "nothing of the kind" } else { "no such member" };
        for side in [a, b] {
            *side = if side.is_empty() { absent.to_owned() } else { said(std::mem::take(side)) };
        }
        *at = said(std::mem::take(at));
    }
    found
}

fn named(found: &canonical::Difference) -> Difference {
    let canonical::Difference { at, a, b, harm, .. } = found;
    Difference { at: said(at), host: a.clone(), plugin: b.clone(), why: harm.why() }
}

fn join(outer: &str, inner: &str) -> String {
    if inner.is_empty() { outer.to_owned() } else { format!("{outer}, {inner}") }
}

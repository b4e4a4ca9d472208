//! The differences between two interfaces of the same name: causes before their consequences, and the innermost type
//! first.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use plugbox::__private::canonical::{self, Harm};
use plugbox::Fingerprint;
use semver::Version;

use super::profile::HostProfile;
use super::{boundary, nesting};
use crate::compare;
use crate::errors::{Code, Difference, Reason, shown};
use crate::manifest::{Exported, InterfaceRecord, Manifest, ShapeRecord};

/// The maximum number of differences named for one interface.
pub(super) const MAX_DIFFERENCES: usize = 8;

/// The comparisons made so far. A file may have many plugins of one interface, and many interfaces that reach one type.
/// Each pair is compared once, so the time is proportional to the file's size.
#[derive(Default)]
pub(super) struct Compared<'a> {
    interfaces: BTreeMap<(&'a str, &'a Version, Fingerprint), Changes>,
    types: HashMap<Types, Vec<canonical::Difference>>,
    /// The position of each type of the host, the innermost first.
    places: OnceCell<HashMap<*const ShapeRecord, usize>>,
}

/// A type of the host, and the library's type with the same name.
type Types = (*const ShapeRecord, *const ShapeRecord);

/// The differences of a library's interface.
#[derive(Clone, Default)]
struct Changes {
    /// The differences of the interface and its types.
    differences: Vec<Difference>,
    /// The differences of the foreign crates that define some of these types.
    boundary: Vec<Reason>,
}

pub(super) fn interface_changed<'a>(
    host: &'a HostProfile,
    ours: &'a InterfaceRecord,
    library: &Manifest,
    exported: &Exported,
    compared: &mut Compared<'a>,
) -> Vec<Reason> {
    let remedy = if ours.version == exported.version {
        "both sides state the same version, so the API changed without a version bump, or was built with different \
         features: build both from the same source with the same features, and bump the version with each change of an \
         interface"
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

/// Compares two records of an interface, and the types that they reach. Causes come before their consequences, and the
/// innermost type comes first.
fn changes(
    (host, ours): (&Manifest, &InterfaceRecord),
    (library, theirs): (&Manifest, &InterfaceRecord),
    types: &mut HashMap<Types, Vec<canonical::Difference>>,
    places: &HashMap<*const ShapeRecord, usize>,
) -> Changes {
    let pairs = compare::shapes(host, ours, library, theirs);
    let mut boundary: Vec<Reason> = Vec::new();
    for (shape, other) in pairs.iter().filter_map(|(shape, other)| Some(((*shape)?, (*other)?))) {
        let crates = boundary::differences(shape, other);
        types.entry((shape, other)).or_insert_with(|| match &crates {
            Some(_) => {
                let [ours, theirs] = [shape, other].map(boundary::without_crates);
                worth_saying(&shape.name, compare::shape(&ours, &theirs))
            }
            None => worth_saying(&shape.name, compare::shape(shape, other)),
        });
        for reason in crates.into_iter().flatten() {
            if boundary.len() < MAX_DIFFERENCES && !boundary.contains(&reason) {
                boundary.push(reason);
            }
        }
    }
    // The interface comes last, because it contains all types that it reaches.
    let own = worth_saying(&ours.name, compare::lines(&ours.name, ours.lines(), theirs.lines()));
    let mut found: Vec<(usize, &canonical::Difference)> = own.iter().map(|own| (usize::MAX, own)).collect();
    let mut reached_by_one = Vec::new();
    for pair in pairs {
        match pair {
            (Some(shape), Some(other)) => {
                let place = places.get(&std::ptr::from_ref(shape)).copied().unwrap_or_default();
                let compared = &types[&(std::ptr::from_ref(shape), std::ptr::from_ref(other))];
                found.extend(compared.iter().map(|difference| (place, difference)));
            }
            _ if reached_by_one.len() == MAX_DIFFERENCES => {}
            (shape, other) => reached_by_one.extend(shape.or(other).map(|one| {
                let reached = |side: Option<_>| if side.is_some() { "reached" } else { "not reached" };
                canonical::Difference::new(&one.name, reached(shape), reached(other))
            })),
        }
    }
    found.sort_by_key(|(place, difference)| (difference.follows, *place));
    let mut differences: Vec<&canonical::Difference> = found.into_iter().map(|(_, difference)| difference).collect();
    if differences.is_empty() {
        // Everything that both sides reach is equal.
        differences.extend(&reached_by_one);
    }
    let differences = differences.into_iter().take(MAX_DIFFERENCES).map(named).collect();
    Changes { differences, boundary }
}

/// Selects the differences of one type or interface that a reason names, and puts them into words. Leaves out
/// consequences if it names their cause.
fn worth_saying(name: &str, mut found: Vec<canonical::Difference>) -> Vec<canonical::Difference> {
    if found.iter().any(|difference| !difference.follows && difference.harm == Harm::Value) {
        found.retain(|difference| !difference.follows);
    }
    found.truncate(MAX_DIFFERENCES);
    found.shrink_to_fit();
    for canonical::Difference { at, a, b, .. } in &mut found {
        let absent = if at == name { "not present" } else { "no such member" };
        for side in [a, b] {
            *side = if side.is_empty() { absent.to_owned() } else { shown(std::mem::take(side)) };
        }
        *at = shown(std::mem::take(at));
    }
    found
}

fn named(found: &canonical::Difference) -> Difference {
    let canonical::Difference { at, a, b, harm, .. } = found;
    Difference::new(at, a, b, harm.why())
}

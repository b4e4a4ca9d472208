//! The differences between all records of two images, down to the field.
//!
//! The comparison treats both images alike. The [verdict](crate::inspect::judge) uses the same words, but many of these
//! differences are not reasons to refuse a plugin.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plugbox::__private::{CONTRACT, Line, canonical};

use crate::manifest::{Build, Exported, InterfaceRecord, Manifest, PluginRecord, ShapeRecord};
use crate::read::Container;

pub use plugbox::__private::canonical::Change;

/// A difference between two images.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ImageDifference {
    /// The part of the image that contains the difference.
    pub part: Part,
    /// The place: a field of a type, a method of an interface, or a property of a build or a plugin.
    pub at: String,
    /// The kind of change from A to B.
    pub change: Change,
    /// The value in A; empty if A has none.
    pub a: String,
    /// The value in B; empty if B has none.
    pub b: String,
}

/// The part of an image that contains a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The versions of plugbox's own contract that the records use.
    Contract,
    /// The kind of object file.
    Container,
    /// The compiler, the target and the flags of the build.
    Build,
    /// An interface: its version, its fingerprint, its methods.
    Interface,
    /// A type that an interface reaches.
    Type,
    /// A plugin.
    Plugin,
}

impl Part {
    /// The stable name, such as `interface`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Container => "container",
            Self::Build => "build",
            Self::Interface => "interface",
            Self::Type => "type",
            Self::Plugin => "plugin",
        }
    }
}

/// Returns all differences between two images, for any targets; empty if their containers and records are equal.
///
/// The differences are in the order of [`Part`], except that each type follows the interface that reaches it. An
/// interface, a type or a plugin that only one image has is one difference. Records of a contract other than
/// plugbox's own are not read. Therefore, if the contracts of the images differ, only the containers are compared as
/// well.
///
/// # Examples
///
/// ```
/// use plugbox_loader::inspect;
/// let image = inspect::image(&std::env::current_exe()?)?;
/// let manifest = image.manifest?;
/// let side = (&image.container, &manifest);
/// assert_eq!(inspect::differences(side, side), []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn differences(a: (&Container, &Manifest), b: (&Container, &Manifest)) -> Vec<ImageDifference> {
    let mut found = Vec::new();
    let contracts = [a, b].map(|(_, manifest)| contracts(manifest));
    found.extend(lists(Part::Contract, "contract", &contracts[0], &contracts[1]));
    found.extend(value(Part::Container, "container", &a.0.to_string(), &b.0.to_string()));
    if contracts[0] == contracts[1] {
        builds(a.1, b.1, &mut found);
        interfaces(a.1, b.1, &mut found);
        plugins(a.1, b.1, &mut found);
    }
    found
}

fn contracts(manifest: &Manifest) -> Vec<String> {
    let Manifest { builds, interfaces, shapes, plugins, foreign_contracts } = manifest;
    let none = builds.is_empty() && interfaces.is_empty() && shapes.is_empty() && plugins.is_empty();
    let ours = (!none).then_some(&CONTRACT);
    ours.into_iter().chain(foreign_contracts).map(u32::to_string).collect()
}

fn builds(a: &Manifest, b: &Manifest, found: &mut Vec<ImageDifference>) {
    let name = |build: &Arc<Build>| format!("plugbox {}, {}", build.plugbox, build.rustc);
    for pair in pairs(&a.builds, &b.builds, |_| "", |one, other| one.plugbox == other.plugbox) {
        let (Some(ours), Some(theirs)) = pair else {
            found.extend(presence(Part::Build, "build", pair.0.map(name), pair.1.map(name)));
            continue;
        };
        let fields = [
            ("rustc", &ours.rustc, &theirs.rustc),
            ("release", &ours.release, &theirs.release),
            ("commit", &ours.commit, &theirs.commit),
            ("date", &ours.date, &theirs.date),
            ("LLVM", &ours.llvm, &theirs.llvm),
            ("compiled on", &ours.builder, &theirs.builder),
            ("target", &ours.target, &theirs.target),
            ("panic", &ours.panic, &theirs.panic),
            ("C library", &ours.libc, &theirs.libc),
            ("plugbox", &ours.plugbox, &theirs.plugbox),
        ];
        found.extend(fields.iter().filter_map(|(at, a, b)| value(Part::Build, at, a, b)));
        found.extend(lists(Part::Build, "flags", &ours.flags, &theirs.flags));
        found.extend(lists(Part::Build, "features", &ours.features, &theirs.features));
        found.extend(value(Part::Build, "layout", layout(ours.randomized), layout(theirs.randomized)));
    }
}

fn interfaces(a: &Manifest, b: &Manifest, found: &mut Vec<ImageDifference>) {
    let version = |interface: &Arc<InterfaceRecord>| interface.version.to_string();
    let mut compared = HashSet::new();
    for pair in pairs(&a.interfaces, &b.interfaces, |one| &one.name, |one, other| one.version == other.version) {
        let (Some(ours), Some(theirs)) = pair else {
            let name = pair.0.or(pair.1).map(|interface| interface.name.as_str()).unwrap_or_default();
            found.extend(presence(Part::Interface, name, pair.0.map(version), pair.1.map(version)));
            continue;
        };
        let name = &ours.name;
        let mut note = |what: &str, a: &str, b: &str| {
            found.extend(value(Part::Interface, &format!("{name}, {what}"), a, b));
        };
        note("version", &version(ours), &version(theirs));
        note("fingerprint", &ours.fingerprint.to_string(), &theirs.fingerprint.to_string());
        note("layout", layout(ours.randomized), layout(theirs.randomized));
        let below = [ours, theirs].map(|record| record.below.iter().map(ToString::to_string).collect::<Vec<_>>());
        found.extend(lists(Part::Interface, &format!("{name}, below"), &below[0], &below[1]));
        let methods = lines(name, ours.lines(), theirs.lines());
        found.extend(methods.into_iter().map(|difference| part(Part::Interface, difference)));
        let reached = |shape: Option<&ShapeRecord>| shape.map(|_| format!("reached from {name}"));
        for pair in shapes(a, ours, b, theirs) {
            match pair {
                // A type that several interfaces reach is reported once.
                (Some(ours), Some(theirs)) if compared.insert([ours, theirs].map(std::ptr::from_ref)) => {
                    found.extend(shape(ours, theirs).into_iter().map(|difference| part(Part::Type, difference)));
                }
                (Some(_), Some(_)) => {}
                (ours, theirs) => {
                    let name = ours.or(theirs).map(|shape| shape.name.as_str()).unwrap_or_default();
                    found.extend(presence(Part::Type, name, reached(ours), reached(theirs)));
                }
            }
        }
    }
}

/// Pairs the types that two records of an interface reach.
pub(crate) fn shapes<'a>(
    a: &'a Manifest,
    ours: &'a InterfaceRecord,
    b: &'a Manifest,
    theirs: &'a InterfaceRecord,
) -> Vec<Pair<'a, ShapeRecord>> {
    pairs(a.reached(ours), b.reached(theirs), |shape| &shape.name, |one, other| one.keyword == other.keyword)
}

/// The differences between two texts of the same name.
pub(crate) fn lines<'a>(
    name: &str,
    ours: impl Iterator<Item = Line<'a>>,
    theirs: impl Iterator<Item = Line<'a>>,
) -> Vec<canonical::Difference> {
    canonical::differences(name, &ours.collect::<Vec<_>>(), &theirs.collect::<Vec<_>>())
}

/// The differences between two types of the same name.
pub(crate) fn shape(ours: &ShapeRecord, theirs: &ShapeRecord) -> Vec<canonical::Difference> {
    if ours.keyword == theirs.keyword {
        let mut found = lines(&ours.name, ours.lines(), theirs.lines());
        // A size follows from the fields, but the record of a foreign type lists none.
        found.iter_mut().for_each(|difference| difference.follows &= !ours.is_foreign());
        return found;
    }
    vec![canonical::Difference::new(&ours.name, canonical::kind(&ours.keyword), canonical::kind(&theirs.keyword))]
}

fn plugins(a: &Manifest, b: &Manifest, found: &mut Vec<ImageDifference>) {
    let version = |plugin: &Arc<PluginRecord>| plugin.version.to_string();
    for pair in pairs(&a.plugins, &b.plugins, |one| &one.name, |one, other| one.version == other.version) {
        let (Some(ours), Some(theirs)) = pair else {
            let name = pair.0.or(pair.1).map(|plugin| plugin.name.as_str()).unwrap_or_default();
            found.extend(presence(Part::Plugin, name, pair.0.map(version), pair.1.map(version)));
            continue;
        };
        let at = |what: &str| format!("{}, {what}", ours.name);
        found.extend(value(Part::Plugin, &at("version"), &version(ours), &version(theirs)));
        let fields = [
            ("description", &ours.description, &theirs.description),
            ("license", &ours.license, &theirs.license),
            ("entry", &ours.entry, &theirs.entry),
            ("panic", &ours.panic, &theirs.panic),
        ];
        found.extend(fields.iter().filter_map(|(what, a, b)| value(Part::Plugin, &at(what), a, b)));
        let exported = |plugin: &PluginRecord| plugin.interfaces.iter().map(named).collect::<Vec<_>>();
        found.extend(lists(Part::Plugin, &at("exported as"), &exported(ours), &exported(theirs)));
        found.extend(lists(Part::Plugin, &at("authors"), &ours.authors, &theirs.authors));
        found.extend(lists(Part::Plugin, &at("features"), &ours.features, &theirs.features));
        found.extend(value(Part::Plugin, &at("layout"), layout(ours.randomized), layout(theirs.randomized)));
    }
}

fn named(exported: &Exported) -> String {
    format!("{} {} (fingerprint {})", exported.name, exported.version, exported.fingerprint)
}

fn layout(randomized: bool) -> &'static str {
    if randomized { "randomized" } else { "as declared" }
}

fn part(part: Part, difference: canonical::Difference) -> ImageDifference {
    let canonical::Difference { at, change, a, b, .. } = difference;
    ImageDifference { part, at, change, a, b }
}

/// The difference between two values at one place; `None` if they are equal.
fn value(of: Part, at: &str, a: &str, b: &str) -> Option<ImageDifference> {
    (a != b).then(|| part(of, canonical::Difference::new(at, a, b)))
}

/// The difference of an item that only one side has.
fn presence(of: Part, at: &str, a: Option<String>, b: Option<String>) -> Option<ImageDifference> {
    value(of, at, &a.unwrap_or_default(), &b.unwrap_or_default())
}

/// The difference between two lists at one place, without their common items. If only the order or the number of equal
/// items differs, the whole lists.
fn lists(of: Part, at: &str, a: &[String], b: &[String]) -> Option<ImageDifference> {
    let only = |list: &[String], others: &[String]| {
        let others: HashSet<&String> = others.iter().collect();
        list.iter().filter(|item| !others.contains(item)).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    value(of, at, &only(a, b), &only(b, a)).or_else(|| value(of, at, &a.join(", "), &b.join(", ")))
}

/// An item of one side and its counterpart on the other side; at least one of them is there.
pub(crate) type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

/// Whether two items of the same name are counterparts.
type Alike<'a, T> = &'a dyn Fn(&T, &T) -> bool;

/// Pairs the items of two lists by name: first the equal items, then the near ones, then the remaining ones. The pairs
/// are in the order of the first list; items that only the second list has come last.
fn pairs<'a, T: PartialEq>(
    a: impl IntoIterator<Item = &'a T>,
    b: impl IntoIterator<Item = &'a T>,
    name: fn(&T) -> &str,
    near: fn(&T, &T) -> bool,
) -> Vec<Pair<'a, T>> {
    let mut pairs: Vec<Pair<'a, T>> = a.into_iter().map(|one| (Some(one), None)).collect();
    let b: Vec<&'a T> = b.into_iter().collect();
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    b.iter().enumerate().for_each(|(place, other)| places.entry(name(other)).or_default().push(place));
    let mut taken = vec![false; b.len()];
    let alike: [Alike<'_, T>; 3] = [&|one, other| one == other, &near, &|_, _| true];
    for alike in alike {
        for (one, partner) in &mut pairs {
            let (Some(one), None) = (*one, &partner) else { continue };
            let candidates = places.get(name(one)).map(Vec::as_slice).unwrap_or_default();
            let place = candidates.iter().copied().find(|place| !taken[*place] && alike(one, b[*place]));
            if let Some(place) = place {
                taken[place] = true;
                *partner = Some(b[place]);
            }
        }
    }
    pairs.extend(b.iter().zip(taken).filter(|(_, taken)| !taken).map(|(other, _)| (None, Some(*other))));
    pairs
}

//! The compatibility of versions.

use std::collections::BTreeMap;

use semver::{Comparator, Op, Version, VersionReq};

use crate::manifest::{Exported, InterfaceVersion};

/// Whether two sides have the same interface, in compatible versions, with compatible versions of all interfaces below
/// it.
pub(crate) fn fits(ours: &Exported, theirs: &Exported) -> bool {
    ours.name == theirs.name
        && ours.fingerprint == theirs.fingerprint
        && versions_fit((&ours.version, &ours.below), (&theirs.version, &theirs.below))
}

/// Whether the versions of an interface, and of all interfaces below it, are compatible.
pub(crate) fn versions_fit(ours: (&Version, &[InterfaceVersion]), theirs: (&Version, &[InterfaceVersion])) -> bool {
    compatible(ours.0, theirs.0) && differing_versions(ours.1, theirs.1).is_empty()
}

/// Pairs the interfaces below that have incompatible versions, or that only one side reaches.
pub(super) fn differing_versions<'a>(
    ours: &'a [InterfaceVersion],
    theirs: &'a [InterfaceVersion],
) -> Vec<(Option<&'a InterfaceVersion>, Option<&'a InterfaceVersion>)> {
    // The common case, which needs no sorting.
    if ours == theirs {
        return Vec::new();
    }
    let mut rest: BTreeMap<&str, Vec<&InterfaceVersion>> = BTreeMap::new();
    // Several interfaces may have one name; they keep their order.
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

/// Whether a caret requirement on one version accepts the other, in either direction: with equal fingerprints, a plugin
/// that was built against 1.2.5 runs in a host with 1.2.4.
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

#[cfg(test)]
mod tests {
    use plugbox::__private::class;

    use super::*;

    #[test]
    fn releases_are_compatible_where_golden_files_have_them_in_one_class() {
        let numbers = ["0.0.0", "0.0.1", "0.1.0", "0.1.2", "1.0.0", "1.2.3", "1.9.0", "2.0.0", "1.2.3+build"];
        for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))) {
            let [one, other] = [a, b].map(|number| Version::parse(number).unwrap());
            assert_eq!(compatible(&one, &other), class(a) == class(b), "{a} {b}");
        }
    }
}

//! Boundary crates: foreign crates with types that cross. Both sides must have the same version, source, files and
//! features of them.

use std::collections::BTreeSet;

use crate::errors::{Code, Reason};
use crate::manifest::ShapeRecord;

/// The key of the lines that list the crates of a foreign type in its record.
const KEY: &str = "crate";

/// A crate as cargo resolved it for one side: `bytes 1.10.1 from a-registry files 0123abcd with default,std`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Crate<'a> {
    name: &'a str,
    version: &'a str,
    source: &'a str,
    /// The hash of the crate's files.
    files: &'a str,
    features: &'a str,
}

impl<'a> Crate<'a> {
    fn new(text: &'a str) -> Self {
        let (rest, features) = text.split_once(" with ").unwrap_or((text, ""));
        let (rest, files) = rest.split_once(" files ").unwrap_or((rest, ""));
        let (rest, source) = rest.split_once(" from ").unwrap_or((rest, ""));
        let (name, version) = rest.split_once(' ').unwrap_or((rest, ""));
        Self { name, version, source, files, features }
    }

    /// Whether the build script could not find out the version. A number after the word `unknown` makes each such
    /// record unique.
    fn is_unknown(&self) -> bool {
        self.version.split(' ').next() == Some("unknown")
    }

    fn said(&self) -> String {
        if self.is_unknown() {
            return format!("{}, version unknown", self.name);
        }
        let parts = [(" from ", self.source), (" files ", self.files), (" with ", self.features)];
        let parts = parts.iter().filter(|(_, part)| !part.is_empty()).map(|(word, part)| format!("{word}{part}"));
        format!("{} {}{}", self.name, self.version, parts.collect::<String>())
    }

    /// The crate without the hash of its files, for messages: people understand the remaining parts, if these differ.
    fn without_files(self) -> Self {
        Self { files: "", ..self }
    }

    fn features(&self) -> BTreeSet<&'a str> {
        self.features.split(',').filter(|feature| !feature.is_empty()).collect()
    }
}

/// The crates that a record lists.
fn crates(shape: &ShapeRecord) -> Vec<Crate<'_>> {
    shape.lines().filter(|line| line.key == KEY).map(|line| Crate::new(line.value)).collect()
}

/// The record without its crates; the remaining lines are compared like those of any other type.
pub(crate) fn without_crates(shape: &ShapeRecord) -> ShapeRecord {
    let text = shape.lines().filter(|line| line.key != KEY).flat_map(|line| [line.text, "\n"]).collect();
    ShapeRecord { text, ..shape.clone() }
}

/// The differences between the crates of a foreign type. `None` if the two sides do not name the same crates, because
/// then the API itself uses different types.
pub(crate) fn differences(ours: &ShapeRecord, theirs: &ShapeRecord) -> Option<Vec<Reason>> {
    if ![ours, theirs].iter().all(|shape| shape.is_foreign()) {
        return None;
    }
    let (ours, theirs) = (crates(ours), crates(theirs));
    let names = |crates: &[Crate<'_>]| crates.iter().map(|one| one.name.to_owned()).collect::<Vec<_>>();
    (names(&ours) == names(&theirs)).then(|| {
        let pairs = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs);
        pairs.map(|(ours, theirs)| reason(ours, theirs)).collect()
    })
}

/// A reason for each crate of this type with an unknown version.
pub(crate) fn unknown(shape: &ShapeRecord) -> Vec<Reason> {
    let unknown = crates(shape).into_iter().filter(Crate::is_unknown);
    unknown
        .map(|one| Reason::new(Code::BoundaryDiffers, "a known version", one.said(), find_out("plugin")).at(one.name))
        .collect()
}

fn reason(ours: &Crate<'_>, theirs: &Crate<'_>) -> Reason {
    let plain = [ours, theirs].map(|one| one.without_files());
    let [host, plugin] = if plain[0] == plain[1] { [*ours, *theirs] } else { plain };
    Reason::new(Code::BoundaryDiffers, host.said(), plugin.said(), remedy(ours, theirs)).at(theirs.name)
}

fn find_out(side: &str) -> String {
    format!(
        "build the {side} again, in a workspace with a Cargo.lock: a warning from the API crate's build script says \
         why cargo could not report the version; if the build script searched in the wrong folder, set \
         PLUGBOX_WORKSPACE to the workspace's folder"
    )
}

/// The commands that align the plugin with the host.
fn remedy(ours: &Crate<'_>, theirs: &Crate<'_>) -> String {
    let name = theirs.name;
    if theirs.is_unknown() || ours.is_unknown() {
        return find_out(if theirs.is_unknown() { "plugin" } else { "host" });
    }
    let mut steps = Vec::new();
    if ours.source != theirs.source {
        let source = if ours.source.is_empty() { "crates.io" } else { ours.source };
        steps.push(format!("use `{name}` from {source}, like the host"));
    }
    if ours.version != theirs.version {
        steps.push(format!("cargo update -p {name}@{} --precise {}", theirs.version, ours.version));
    }
    let (host, plugin) = (ours.features(), theirs.features());
    let lacking: Vec<&str> = host.difference(&plugin).copied().collect();
    if !lacking.is_empty() {
        steps.push(format!("cargo add {name}@{} --features {}", ours.version, lacking.join(",")));
    }
    let extra: Vec<&str> = plugin.difference(&host).copied().collect();
    if !extra.is_empty() {
        steps.push(format!(
            "disable `{}` (`cargo tree -e features -i {name}` shows what enables it), or enable it in the host",
            extra.join(",")
        ));
    }
    if steps.is_empty() {
        steps.push(format!(
            "use `{name}` {} from the host's source, because its files differ: look for `[patch]` and `path` in \
             Cargo.toml, for `[source]` in .cargo/config.toml, and for changes in a vendored copy",
            ours.version
        ));
    }
    format!("in the plugin's workspace: {}", steps.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remedy_of(ours: &str, theirs: &str) -> String {
        remedy(&Crate::new(ours), &Crate::new(theirs))
    }

    #[test]
    fn each_difference_has_its_step() {
        let ours = "bytes 1.10.1 from a-registry with default,serde,std";
        let said = remedy_of(ours, "bytes 1.9.0 with default,extra,std");
        for step in [
            "use `bytes` from a-registry",
            "cargo update -p bytes@1.9.0 --precise 1.10.1",
            "cargo add bytes@1.10.1 --features serde",
            "disable `extra`",
        ] {
            assert!(said.contains(step), "{said}");
        }
        assert!(remedy_of("bytes 1.10.1", "bytes 1.10.1 from a-registry").contains("use `bytes` from crates.io"));
    }

    #[test]
    fn files_are_told_where_nothing_else_differs() {
        let said = |ours: &str, theirs: &str| {
            let reason = reason(&Crate::new(ours), &Crate::new(theirs));
            (reason.host, reason.plugin, reason.remedy)
        };
        let (host, plugin, remedy) = said("bytes 1.10.1 files 01 with std", "bytes 1.10.1 files 02 with std");
        assert_eq!([host, plugin], ["bytes 1.10.1 files 01 with std", "bytes 1.10.1 files 02 with std"]);
        assert!(remedy.contains("because its files differ"), "{remedy}");
        let (host, plugin, remedy) = said("bytes 1.10.1 files 01", "bytes 1.9.0 from git files 02");
        assert_eq!([&host, &plugin], ["bytes 1.10.1", "bytes 1.9.0 from git"]);
        assert!(!remedy.contains("files"), "{remedy}");
    }

    #[test]
    fn whoever_does_not_know_is_told_to_find_out() {
        assert!(remedy_of("bytes 1.10.1", "bytes unknown 7").starts_with("build the plugin again"));
        assert!(remedy_of("bytes unknown 7", "bytes 1.10.1").starts_with("build the host again"));
        assert_eq!(Crate::new("bytes unknown 7").said(), "bytes, version unknown");
    }
}

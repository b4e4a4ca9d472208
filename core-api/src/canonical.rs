//! Canonical text, compared: what differs between two texts of one interface or type, in words.

use std::collections::{HashMap, HashSet};

/// What became of a thing from the first side to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Only the second has it.
    Added,
    /// Only the first has it.
    Removed,
    /// Both have it, at different places.
    Moved,
    /// Both have it, and it is another.
    Changed,
}

impl Change {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Changed => "changed",
        }
    }
}

/// A difference between two texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The type, or the method, field or variant of it.
    pub at: String,
    /// What became of it.
    pub change: Change,
    /// What the first text says of it; empty where it has no such thing.
    pub a: String,
    /// What the second text says of it; empty where it has no such thing.
    pub b: String,
}

impl Difference {
    /// A difference between two values, of which one may be empty.
    #[must_use]
    pub fn new(at: impl Into<String>, a: impl Into<String>, b: impl Into<String>) -> Self {
        let (at, a, b) = (at.into(), a.into(), b.into());
        let change = match (a.is_empty(), b.is_empty()) {
            (true, _) => Change::Added,
            (_, true) => Change::Removed,
            _ => Change::Changed,
        };
        Self { at, change, a, b }
    }
}

/// All differences between two texts of the interface or type `name`: members that were added, those that were
/// removed, those that moved or changed, and what is said of it as a whole.
#[must_use]
pub fn differences(name: &str, a: &[impl AsRef<str>], b: &[impl AsRef<str>]) -> Vec<Difference> {
    let (ours, theirs) = (members(a), members(b));
    let (our_ranks, their_ranks) = (ranks(&ours, &theirs), ranks(&theirs, &ours));
    let mut found = Vec::new();
    let added = theirs.iter().filter(|member| !their_ranks.contains_key(member.name.as_str()));
    found.extend(added.map(|member| Difference::new(member.at(name), "", member.place())));
    let removed = ours.iter().filter(|member| !our_ranks.contains_key(member.name.as_str()));
    found.extend(removed.map(|member| Difference::new(member.at(name), member.place(), "")));
    for member in &ours {
        let name_of = member.name.as_str();
        let (Some((rank, _)), Some((other_rank, other))) = (our_ranks.get(name_of), their_ranks.get(name_of)) else {
            continue;
        };
        let same = (member.kind, member.text) == (other.kind, other.text);
        if same && member.offset == other.offset && rank == other_rank {
            continue;
        }
        let (a, b) = match (member.offset, other.offset) {
            (Some(a), Some(b)) if same && a != b => (format!("offset {a}"), format!("offset {b}")),
            _ => (member.place(), other.place()),
        };
        // What was added before it may have kept it at its number, whatever else has moved.
        if a != b {
            let change = if same { Change::Moved } else { Change::Changed };
            found.push(Difference { at: member.at(name), change, a, b });
        }
    }
    found.extend(whole(name, a, b));
    found
}

/// What differs in that which is said of a type as a whole.
fn whole(name: &str, a: &[impl AsRef<str>], b: &[impl AsRef<str>]) -> Option<Difference> {
    fn rest(lines: &[impl AsRef<str>]) -> Vec<&str> {
        lines.iter().map(AsRef::as_ref).filter(|line| member(line).is_none()).collect()
    }
    let (a, b) = (rest(a), rest(b));
    if a == b {
        return None;
    }
    let only = |lines: &[&str], others: &[&str]| {
        let others: HashSet<&str> = others.iter().copied().collect();
        lines.iter().copied().filter(|line| !others.contains(line)).collect::<Vec<_>>().join(", ")
    };
    let (only_a, only_b) = (only(&a, &b), only(&b, &a));
    Some(match (only_a.is_empty(), only_b.is_empty()) {
        // The same lines in another order.
        (true, true) => Difference { at: name.to_owned(), change: Change::Moved, a: a.join(", "), b: b.join(", ") },
        _ => Difference::new(name, only_a, only_b),
    })
}

/// The members that another text has as well, by name, each with its number among those of its kind.
fn ranks<'a, 'm>(members: &'m [Member<'a>], others: &[Member<'_>]) -> HashMap<&'m str, (usize, &'m Member<'a>)> {
    let known: HashSet<&str> = others.iter().map(|member| member.name.as_str()).collect();
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    let mut ranks = HashMap::new();
    for member in members.iter().filter(|member| known.contains(member.name.as_str())) {
        let count = counts.entry((member.kind, member.variant)).or_default();
        ranks.entry(member.name.as_str()).or_insert((*count, member));
        *count += 1;
    }
    ranks
}

/// A method, a field or a variant, as a line of its type's text.
struct Member<'a> {
    kind: &'a str,
    /// The variant that holds it; empty for all others.
    variant: &'a str,
    /// Unique in its type: what a variant holds is named after the variant.
    name: String,
    /// A method's signature, a field's type, a variant's discriminant.
    text: &'a str,
    offset: Option<&'a str>,
    /// Its number among those of its kind, from 1.
    number: usize,
}

impl Member<'_> {
    fn at(&self, ty: &str) -> String {
        format!("{ty}{}{}", if self.kind == "field" { "." } else { "::" }, self.name)
    }

    fn place(&self) -> String {
        match (self.kind, self.offset) {
            ("method", _) => format!("method {}, `{}`", self.number, self.text),
            ("variant", _) => format!("variant {}, with discriminant {}", self.number, self.text),
            (_, Some(offset)) => format!("field {}, `{}` at offset {offset}", self.number, self.text),
            (_, None) => format!("field {}, `{}`", self.number, self.text),
        }
    }
}

fn members(lines: &[impl AsRef<str>]) -> Vec<Member<'_>> {
    let mut members: Vec<Member<'_>> = Vec::new();
    let (mut variant, mut held) = ("", 0);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (kind, name, text, offset) in lines.iter().filter_map(|line| member(line.as_ref())) {
        members.push(if kind == "holds" {
            held += 1;
            Member { kind, variant, name: format!("{variant}.{name}"), text, offset, number: held }
        } else {
            (variant, held) = (name, 0);
            let count = counts.entry(kind).or_default();
            *count += 1;
            Member { kind, variant: "", name: name.to_owned(), text, offset, number: *count }
        });
    }
    members
}

/// What a line says of a member: kind, name, text, offset.
fn member(line: &str) -> Option<(&str, &str, &str, Option<&str>)> {
    let (kind, rest) = line.split_once(' ')?;
    match kind {
        "method" => {
            let name = rest.strip_prefix("fn ")?.split_once('(')?.0;
            Some((kind, name, rest, None))
        }
        "variant" => rest.split_once(" = ").map(|(name, discriminant)| (kind, name, discriminant, None)),
        "field" | "holds" => {
            let (name, ty) = rest.split_once(": ")?;
            let (ty, offset) = ty.rsplit_once(" @").map_or((ty, None), |(ty, offset)| (ty, Some(offset)));
            Some((kind, name, ty, offset))
        }
        _ => None,
    }
}

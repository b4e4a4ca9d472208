//! Canonical text, compared: what differs between two texts of one interface or type, in words.

use std::collections::{HashMap, HashSet};

use crate::record::Line;

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

/// What would come of a difference if both sides worked together nevertheless; the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Harm {
    /// The vtable is another.
    Call,
    /// A value is laid out in another way, or is of another type.
    Value,
    /// It is not agreed on who drops what.
    Drop,
    /// A map orders or hashes its keys in another way.
    Search,
    /// Private fields may mean something else.
    Meaning,
    /// What is borrowed shared on one side is borrowed mutably on the other.
    Alias,
    /// Lifetimes are bound to each other in another way.
    Borrow,
    /// A type may change threads, or be shared between them, on one side only.
    Thread,
    /// A type may be moved while it is pinned, on one side only.
    Pin,
    /// A type may be seen after a panic, on one side only.
    Unwind,
}

impl Harm {
    /// What would happen: one sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Call => "a call would go to the wrong place",
            Self::Value => "a value would be read as something else",
            Self::Drop => "a value would be dropped twice or never",
            Self::Search => "a map would be searched by another order or hash than it was built by",
            Self::Meaning => "the crate's own code may read private fields in another way",
            Self::Alias => "what one side reads, the other side could change meanwhile",
            Self::Borrow => "a borrow could outlive what it borrows from",
            Self::Thread => "a value could be used from a thread that must not use it",
            Self::Pin => "a value that has to stay where it is could be moved",
            Self::Unwind => "a value could be used that a panic has left half changed",
        }
    }

    /// Of a line about a type as a whole, by its first word, and what only one side says in such lines.
    fn of_lines(key: &str, only: &[&str]) -> Self {
        match key {
            "super" => Self::Call,
            "needs" => Self::Drop,
            "key" => Self::Search,
            "revision" => Self::Meaning,
            "where" => Self::Borrow,
            "auto" | "impl" => {
                // What stands on both sides is no difference.
                let mut times: HashMap<&str, usize> = HashMap::new();
                only.iter()
                    .flat_map(|line| line.split(' ').skip(1))
                    .for_each(|word| *times.entry(word).or_default() += 1);
                let words = times.into_iter().filter(|(_, times)| *times == 1);
                words.map(|(word, _)| Self::of_bound(word)).min().unwrap_or(Self::Value)
            }
            _ => Self::Value,
        }
    }

    /// Of two signatures, or types of a member, that differ.
    fn of_texts(a: &str, b: &str) -> Self {
        let ([a, b], [a_bounds, b_bounds]) = ([a, b].map(|text| cut(text).0), [a, b].map(bounds));
        let [a_plain, b_plain] = [a, b].map(without_lifetimes);
        if a_plain != b_plain {
            let [a, b] = [a_plain, b_plain].map(|text| text.replace("mut ", ""));
            return if a == b { Self::Alias } else { Self::Value };
        }
        let harms = a_bounds.symmetric_difference(&b_bounds).map(|(_, bound)| Self::of_bound(bound));
        harms.chain((a != b).then_some(Self::Borrow)).min().unwrap_or(Self::Value)
    }

    /// Of a trait or lifetime that is demanded or implemented on one side only.
    fn of_bound(bound: &str) -> Self {
        match bound {
            "Send" | "Sync" => Self::Thread,
            "Copy" | "Drop" => Self::Drop,
            "Unpin" => Self::Pin,
            "UnwindSafe" | "RefUnwindSafe" => Self::Unwind,
            _ => Self::Borrow,
        }
    }
}

/// A member's text, and what is demanded behind it.
fn cut(text: &str) -> (&str, &str) {
    text.split_once(" where ").unwrap_or((text, ""))
}

/// What is demanded of what. A type with a comma in it is cut in two; what is equal on both sides stays equal.
fn bounds(text: &str) -> HashSet<(&str, &str)> {
    let demands = cut(text).1.split(", ").filter(|demand| !demand.is_empty());
    demands
        .flat_map(|demand| {
            let (of, bounds) = demand.rsplit_once(": ").unwrap_or(("", demand));
            bounds.split(" + ").map(move |bound| (of, bound))
        })
        .collect()
}

/// The text without its lifetimes, and without what only stands beside them.
fn without_lifetimes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\'') {
        let bounded = before.strip_suffix(" + ");
        plain.push_str(bounded.unwrap_or(before));
        rest = after.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
        rest = match (bounded, rest.strip_prefix(')'), plain.rfind("(dyn ")) {
            // `&(dyn Trait + 'a)`: it has the parentheses for the bound.
            (Some(_), Some(rest), Some(open)) => {
                plain.remove(open);
                rest
            }
            _ => rest.strip_prefix(", ").or_else(|| rest.strip_prefix(' ')).unwrap_or(rest),
        };
    }
    plain.push_str(rest);
    plain.replace("<>", "")
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
    /// What would come of it.
    pub harm: Harm,
    /// Whether it may be no more than what follows from another one: a size, or a place that others have shifted.
    pub follows: bool,
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
        Self { at, change, a, b, harm: Harm::Value, follows: false }
    }
}

/// All differences between two texts of the interface or type `name`, causes before what may follow from them: members
/// that were added, removed, changed; what is said of it as a whole; members that changed places; and then sizes, and
/// places that have shifted.
#[must_use]
pub fn differences(name: &str, a: &[Line<'_>], b: &[Line<'_>]) -> Vec<Difference> {
    let (ours, theirs) = (members(a), members(b));
    let (our_ranks, their_ranks) = (ranks(&ours, &theirs), ranks(&theirs, &ours));
    let mut found = Vec::new();
    let added = theirs.iter().filter(|member| !their_ranks.contains_key(member.name.as_str()));
    found.extend(added.map(|member| member.alone(Difference::new(member.at(name), "", member.place()))));
    let removed = ours.iter().filter(|member| !our_ranks.contains_key(member.name.as_str()));
    found.extend(removed.map(|member| member.alone(Difference::new(member.at(name), member.place(), ""))));
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
            let harm = match (member.kind, same) {
                ("method", true) => Harm::Call,
                ("variant", _) | (_, true) => Harm::Value,
                _ => Harm::of_texts(member.text, other.text),
            };
            // The discriminant of a variant is its number, unless it was written.
            let follows = rank == other_rank && (same || member.kind == "variant");
            found.push(Difference { at: member.at(name), change, a, b, harm, follows });
        }
    }
    whole(name, a, b, &mut found);
    found.sort_by_key(|difference| (difference.follows, !difference.follows && difference.change == Change::Moved));
    found
}

/// What differs in that which is said of a type as a whole: in all lines that begin with one word.
fn whole(name: &str, a: &[Line<'_>], b: &[Line<'_>], found: &mut Vec<Difference>) {
    fn rest<'l>(lines: &[Line<'l>]) -> Vec<Line<'l>> {
        lines.iter().copied().filter(|line| member(*line).is_none()).collect()
    }
    fn only<'l>(lines: &[&'l str], others: &[&str]) -> Vec<&'l str> {
        let others: HashSet<&str> = others.iter().copied().collect();
        lines.iter().copied().filter(|line| !others.contains(line)).collect()
    }
    let (a, b) = (rest(a), rest(b));
    if a == b {
        return;
    }
    let known = found.len();
    let mut keys = Vec::new();
    let mut said: HashMap<&str, [Vec<&str>; 2]> = HashMap::new();
    for (side, line) in a.iter().map(|line| (0, *line)).chain(b.iter().map(|line| (1, *line))) {
        said.entry(line.key).or_insert_with(|| {
            keys.push(line.key);
            Default::default()
        })[side]
            .push(line.text);
    }
    for key in keys {
        let [a, b] = &said[key];
        if a == b {
            continue;
        }
        let (only_a, only_b) = (only(a, b), only(b, a));
        let harm = Harm::of_lines(key, &[&only_a[..], &only_b].concat());
        let follows = matches!(key, "size" | "align");
        found.push(if only_a.is_empty() && only_b.is_empty() {
            moved(name, a, b, harm)
        } else {
            Difference { harm, follows, ..Difference::new(name, only_a.join(", "), only_b.join(", ")) }
        });
    }
    if found.len() == known {
        let texts = |lines: &[Line<'_>]| lines.iter().map(|line| line.text.to_owned()).collect::<Vec<_>>().join(", ");
        found.push(Difference { change: Change::Moved, ..Difference::new(name, texts(&a), texts(&b)) });
    }
    // The worst first: a supertrait before what it brings along.
    found[known..].sort_by_key(|difference| difference.harm);
}

/// The same lines in another order.
fn moved(name: &str, a: &[&str], b: &[&str], harm: Harm) -> Difference {
    Difference { change: Change::Moved, harm, ..Difference::new(name, a.join(", "), b.join(", ")) }
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

    /// That only one side has it.
    fn alone(&self, difference: Difference) -> Difference {
        Difference { harm: if self.kind == "method" { Harm::Call } else { Harm::Value }, ..difference }
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

fn members<'a>(lines: &[Line<'a>]) -> Vec<Member<'a>> {
    let mut members: Vec<Member<'a>> = Vec::new();
    let (mut variant, mut held) = ("", 0);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (kind, name, text, offset) in lines.iter().filter_map(|line| member(*line)) {
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
fn member(line: Line<'_>) -> Option<(&str, &str, &str, Option<&str>)> {
    let Line { key: kind, value: rest, .. } = line;
    match kind {
        "method" => {
            let name = rest.strip_prefix("fn ")?.split_once(['(', '<'])?.0;
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

/// What a type or interface is, by the keyword that its text begins with.
#[must_use]
pub fn kind(keyword: &str) -> &'static str {
    match keyword {
        "enum" => "an enum",
        "foreign" => "a foreign type",
        "trait" => "a trait",
        _ => "a struct",
    }
}

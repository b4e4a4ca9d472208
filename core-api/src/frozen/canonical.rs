//! Compares two canonical texts of one interface or type, and describes the differences.

use std::collections::{HashMap, HashSet};

use crate::record::Line;

/// The kind of a difference between the first text and the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// Only the second text has it.
    Added,
    /// Only the first text has it.
    Removed,
    /// Both texts have it, at different places.
    Moved,
    /// Both texts have it, with different contents.
    Changed,
}

impl Change {
    /// Returns the stable name.
    #[must_use]
    #[inline]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Changed => "changed",
        }
    }
}

/// The harm that a difference would do if both sides worked together nevertheless. The worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Harm {
    /// The vtables differ.
    Call,
    /// A value has a different layout or a different type.
    Value,
    /// The sides disagree about which of them drops a value.
    Drop,
    /// A map orders or hashes its keys differently.
    Search,
    /// Private fields may have a different meaning.
    Meaning,
    /// One side borrows shared where the other borrows mutably.
    Alias,
    /// The bounds between lifetimes differ.
    Borrow,
    /// Values may move to another thread, or be shared between threads, on one side only.
    Thread,
    /// Pinned values may be moved on one side only.
    Pin,
    /// Values may be used after a panic on one side only.
    Unwind,
}

impl Harm {
    /// Returns one sentence that says what would happen.
    #[must_use]
    #[inline]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Call => "a call would go to the wrong place",
            Self::Value => "a value would be read as something else",
            Self::Drop => "a value would be dropped twice or never",
            Self::Search => "a map would be searched with a different order or hash than it was built with",
            Self::Meaning => "the crate's own code may give private fields a different meaning",
            Self::Alias => "one side could change a value while the other side reads it",
            Self::Borrow => "a borrow could outlive the borrowed value",
            Self::Thread => "a value could be used from a thread that must not use it",
            Self::Pin => "a value that must stay in its place could be moved",
            Self::Unwind => "a value could be used after a panic has left it half changed",
        }
    }

    /// Returns the harm of a difference in lines about a type as a whole.
    ///
    /// `key` is the first word of these lines, and `only` holds the lines that only one side has.
    #[inline]
    fn of_lines(key: &str, only: &[&str]) -> Self {
        match key {
            "super" => Self::Call,
            "needs" => Self::Drop,
            "key" => Self::Search,
            "revision" => Self::Meaning,
            "where" => Self::Borrow,
            "auto" | "impl" => {
                // A word that is on both sides is not a difference.
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

    /// Returns the harm of a difference between two signatures, or two types of a member.
    #[inline]
    fn of_texts(a: &str, b: &str) -> Self {
        let ([a, b], [a_bounds, b_bounds]) = ([a, b].map(|text| cut(text).0), [a, b].map(bounds));
        let [a_plain, b_plain] = [a, b].map(without_lifetimes);
        if a_plain != b_plain {
            if let Some(harm) = Self::of_autos(&a_plain, &b_plain) {
                return harm;
            }
            let [a, b] = [a_plain, b_plain].map(|text| text.replace("mut ", ""));
            return if a == b { Self::Alias } else { Self::Value };
        }
        let harms = a_bounds.symmetric_difference(&b_bounds).map(|(_, bound)| Self::of_bound(bound));
        harms.chain((a != b).then_some(Self::Borrow)).min().unwrap_or(Self::Value)
    }

    /// Returns the harm of a difference in the auto traits of closures; `None` if the texts differ in more.
    #[inline]
    fn of_autos(a: &str, b: &str) -> Option<Self> {
        const AUTOS: [&str; 5] = ["RefUnwindSafe", "Send", "Sync", "Unpin", "UnwindSafe"];
        // Parentheses may exist only because of an auto trait: `&(dyn Fn() + Send)`.
        let bare = |text: &str| {
            AUTOS.iter().fold(text.replace(['(', ')'], ""), |text, auto| text.replace(&format!(" + {auto}"), ""))
        };
        let times = |text: &str, auto: &str| text.matches(&format!(" + {auto}")).count();
        let differs = |auto: &&&str| times(a, auto) != times(b, auto);
        (bare(a) == bare(b)).then(|| AUTOS.iter().filter(differs).map(|auto| Self::of_bound(auto)).min())?
    }

    /// Returns the harm of a trait or lifetime that is required or implemented on one side only.
    #[inline]
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

/// Splits a member's text into the text before its `where` and the bounds after it.
#[inline]
fn cut(text: &str) -> (&str, &str) {
    text.split_once(" where ").unwrap_or((text, ""))
}

/// Returns each bound with its subject. A type with a comma in it is split in two, in the same way on both sides, so
/// equal bounds stay equal.
#[inline]
fn bounds(text: &str) -> HashSet<(&str, &str)> {
    let demands = cut(text).1.split(", ").filter(|demand| !demand.is_empty());
    demands
        .flat_map(|demand| {
            let (of, bounds) = demand.rsplit_once(": ").unwrap_or(("", demand));
            bounds.split(" + ").map(move |bound| (of, bound))
        })
        .collect()
}

/// Returns the text without its lifetimes, and without the punctuation that belongs to them.
#[inline]
fn without_lifetimes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\'') {
        let bounded = before.strip_suffix(" + ");
        plain.push_str(bounded.unwrap_or(before));
        rest = after.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
        rest = match (bounded, rest.strip_prefix(')'), plain.rfind("(dyn ")) {
            // `&(dyn Trait + 'a)`: the parentheses exist only because of the bound.
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
    /// The path of the type, or of its method, field or variant.
    pub at: String,
    /// The kind of the difference.
    pub change: Change,
    /// The first text's description; empty if only the second text has the item.
    pub a: String,
    /// The second text's description; empty if only the first text has the item.
    pub b: String,
    /// The harm that it would do.
    pub harm: Harm,
    /// Whether it may only follow from other differences: a size, or a place that other members have shifted.
    pub follows: bool,
}

impl Difference {
    /// Makes a difference between two descriptions, of which one may be empty.
    #[must_use]
    #[inline]
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

/// Returns all differences between two texts of the interface or type `name`, causes before their possible
/// consequences.
///
/// The order is: members that were added, removed or changed; lines about the type as a whole; members that changed
/// places; then sizes, and places that have shifted.
#[must_use]
#[inline]
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
        // The ranks may differ although the numbers are equal, if another member was added before this one.
        if a != b {
            let change = if same { Change::Moved } else { Change::Changed };
            let harm = match (member.kind, same) {
                ("method", true) => Harm::Call,
                ("variant", _) | (_, true) => Harm::Value,
                _ => Harm::of_texts(member.text, other.text),
            };
            // Without an explicit discriminant, a variant's discriminant follows from its place.
            let follows = rank == other_rank && (same || member.kind == "variant");
            found.push(Difference { at: member.at(name), change, a, b, harm, follows });
        }
    }
    whole(name, a, b, &mut found);
    found.sort_by_key(|difference| (difference.follows, !difference.follows && difference.change == Change::Moved));
    found
}

/// Adds the differences in lines about a type as a whole, one for each first word of such lines.
#[inline]
fn whole(name: &str, a: &[Line<'_>], b: &[Line<'_>], found: &mut Vec<Difference>) {
    #[inline]
    fn rest<'l>(lines: &[Line<'l>]) -> Vec<Line<'l>> {
        lines.iter().copied().filter(|line| member(*line).is_none()).collect()
    }
    #[inline]
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
    // The worst first: a supertrait before the auto traits that it implies.
    found[known..].sort_by_key(|difference| difference.harm);
}

/// Makes the difference of lines that are the same in a different order.
#[inline]
fn moved(name: &str, a: &[&str], b: &[&str], harm: Harm) -> Difference {
    Difference { change: Change::Moved, harm, ..Difference::new(name, a.join(", "), b.join(", ")) }
}

/// Returns the members that both texts have, by name, each with its index among those of its kind.
#[inline]
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

/// A method, a field or a variant: one line of its type's text.
struct Member<'a> {
    kind: &'a str,
    /// The variant of which it is a field; empty for other members.
    variant: &'a str,
    /// The name, unique in its type: the name of a variant's field begins with the variant's name.
    name: String,
    /// A method's signature, a field's type, or a variant's discriminant.
    text: &'a str,
    offset: Option<&'a str>,
    /// The number among the members of its kind, from 1.
    number: usize,
}

impl Member<'_> {
    #[inline]
    fn at(&self, ty: &str) -> String {
        format!("{ty}{}{}", if self.kind == "field" { "." } else { "::" }, self.name)
    }

    /// Sets the harm of a difference for a member that only one side has.
    #[inline]
    fn alone(&self, difference: Difference) -> Difference {
        Difference { harm: if self.kind == "method" { Harm::Call } else { Harm::Value }, ..difference }
    }

    #[inline]
    fn place(&self) -> String {
        match (self.kind, self.offset) {
            ("method", _) => format!("method {}, `{}`", self.number, self.text),
            ("variant", _) => format!("variant {}, with discriminant {}", self.number, self.text),
            (_, Some(offset)) => format!("field {}, `{}` at offset {offset}", self.number, self.text),
            (_, None) => format!("field {}, `{}`", self.number, self.text),
        }
    }
}

#[inline]
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

/// Parses a line about a member into kind, name, text and offset.
#[inline]
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

/// Returns a phrase for the kind of a type or interface, from the keyword with which its text begins.
#[must_use]
#[inline]
pub fn kind(keyword: &str) -> &'static str {
    match keyword {
        "enum" => "an enum",
        "foreign" => "a foreign type",
        "trait" => "a trait",
        _ => "a struct",
    }
}

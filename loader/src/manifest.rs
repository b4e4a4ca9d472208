//! The manifest: what the records of a file say.
//!
//! The parser takes bytes from anywhere: it never panics, and allocates nothing in proportion to a number that it read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use plugbox::__private::{CONTRACT, Kind, NOTE_NAME, hash};
use plugbox::{Fingerprint, Interface};
use semver::Version;

use crate::known;

/// The most bytes of notes that are looked at, and so the most that a manifest may have.
pub const MOST_BYTES: usize = 1 << 20;

/// The most lines of all records, and items of their lists: each becomes a value of its own, larger than its bytes.
pub(crate) const MOST_PARTS: usize = 1 << 15;

/// The most plugins in one library: each may be refused for reasons of its own.
const MOST_PLUGINS: usize = 128;

/// How many versions of `plugbox` may have left their records in one image.
const MOST_VERSIONS: usize = 8;

/// What the records of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Who built the image; several when it links several versions of `plugbox`.
    pub builds: Vec<Arc<Build>>,
    /// The interfaces that the image knows, sorted by name and version.
    pub interfaces: Vec<Arc<InterfaceRecord>>,
    /// The types that these interfaces reach, by the hash of their text.
    pub shapes: BTreeMap<Fingerprint, Arc<ShapeRecord>>,
    /// The plugins that the image exports, in the order of its `export!`.
    pub plugins: Vec<PluginRecord>,
    /// Contract numbers other than ours: records that were not read.
    pub foreign_contracts: BTreeSet<u32>,
}

/// Who built an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The version of the `plugbox` crate.
    pub plugbox: String,
    /// The first line of `rustc -vV`.
    pub rustc: String,
    /// The compiler's release, such as `1.95.0`.
    pub release: String,
    /// The compiler's commit, or `unknown`.
    pub commit: String,
    /// The date of that commit, or `unknown`.
    pub date: String,
    /// The version of LLVM, or `unknown`.
    pub llvm: String,
    /// The platform that the compiler itself runs on.
    pub builder: String,
    /// The target triple.
    pub target: String,
    /// The target features that were enabled for the whole build.
    pub features: Vec<String>,
    /// The flags that may change layouts, as far as the build script saw them.
    pub flags: Vec<String>,
    /// The panic strategy: `unwind` or `abort`.
    pub panic: String,
    /// How the C library is linked: `dynamic-libc` or `static-libc`.
    pub libc: String,
    /// Whether layouts are shuffled in the crate that wrote the record.
    pub randomised: bool,
}

/// An interface that an image knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceRecord {
    /// `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines it.
    pub version: Version,
    /// The fingerprint of all that it reaches.
    pub fingerprint: Fingerprint,
    /// The trait's own lines: supertraits, auto traits, methods in vtable order.
    pub text: String,
    /// The types that it reaches, in the order in which they are met.
    pub reaches: Vec<Fingerprint>,
    /// Whether layouts are shuffled in the crate that defines it.
    pub randomised: bool,
}

impl InterfaceRecord {
    /// The lines of its text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        lines_of(&self.text)
    }

    /// The same, without what it is made of.
    pub(crate) fn exported(&self) -> Exported {
        Exported { name: self.name.clone(), version: self.version.clone(), fingerprint: self.fingerprint }
    }
}

/// A type that an interface reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeRecord {
    /// `struct`, `enum` or `trait`.
    pub keyword: String,
    /// The type's name with its parameters.
    pub name: String,
    /// All lines but the first.
    pub text: String,
    /// Whether layouts are shuffled in the crate that defines it.
    pub randomised: bool,
}

impl ShapeRecord {
    /// The lines of its text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        lines_of(&self.text)
    }
}

/// A plugin that an image exports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginRecord {
    /// The plugin's name.
    pub name: String,
    /// The package's version.
    pub version: Version,
    /// The package's description; may be empty.
    pub description: String,
    /// The package's authors; may be empty.
    pub authors: Vec<String>,
    /// The package's licence; may be empty.
    pub licence: String,
    /// The interfaces that it is exported as.
    pub interfaces: Vec<Exported>,
    /// The symbol of its entry table.
    pub entry: String,
    /// The panic strategy of the crate that exports it.
    pub panic: String,
    /// The target features that were enabled for that crate, of those that a processor can be asked for.
    pub features: Vec<String>,
    /// Whether layouts are shuffled in the crate that exports it.
    pub randomised: bool,
}

/// An interface as a plugin was built against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines it.
    pub version: Version,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

impl Exported {
    /// An interface as this process was built against it.
    pub(crate) fn of<I: ?Sized + Interface>() -> Self {
        let version = Version::parse(I::VERSION).expect("cargo checks the versions of packages");
        Self { name: I::NAME.to_owned(), version, fingerprint: I::FINGERPRINT }
    }
}

/// A record that cannot be read: which, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(String);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Damaged {}

impl Damaged {
    /// There are more bytes of notes than a manifest may have.
    pub(crate) fn too_large() -> Self {
        Self("the notes are larger than a manifest may be (1 MiB)".to_owned())
    }
}

fn damaged<T>(what: impl Into<String>) -> Result<T, Damaged> {
    Err(Damaged(what.into()))
}

/// A run of notes in a file.
#[derive(Clone, Copy, Debug)]
pub struct NoteBytes<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// To what names and texts are padded: 4 or 8.
    pub align: usize,
    /// Whether numbers are little-endian.
    pub little_endian: bool,
}

impl<'a> NoteBytes<'a> {
    /// Notes as this process has its own.
    pub(crate) fn of_memory(bytes: &'a [u8]) -> Self {
        Self { bytes, align: 4, little_endian: cfg!(target_endian = "little") }
    }

    /// The notes of ours: the kind of each, and its text.
    pub(crate) fn notes(self) -> impl Iterator<Item = Result<(u32, &'a [u8]), Damaged>> {
        let align = if self.align == 8 { 8 } else { 4 };
        let word = move |bytes: [u8; 4]| {
            if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
        };
        let mut at = 0usize;
        std::iter::from_fn(move || {
            while let Some(head) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
                let [name_len, text_len, kind] =
                    [0, 4, 8].map(|offset| word([head[offset], head[offset + 1], head[offset + 2], head[offset + 3]]));
                if name_len == 0 {
                    // Linkers pad between records with zeros.
                    at += 4;
                    continue;
                }
                let name_at = at + 12;
                let Some(name) = slice(self.bytes, name_at, name_len as usize) else {
                    return Some(damaged("a note's name reaches beyond the notes"));
                };
                let text_at = (name_at + name.len()).next_multiple_of(align);
                let Some(text) = slice(self.bytes, text_at, text_len as usize) else {
                    return Some(damaged("a note's text reaches beyond the notes"));
                };
                at = (text_at + text.len()).next_multiple_of(align);
                if name == NOTE_NAME {
                    return Some(Ok((kind, text)));
                }
            }
            None
        })
    }
}

/// What one record says.
#[derive(Clone)]
pub(crate) enum Record {
    Build(Arc<Build>),
    Interface(Arc<InterfaceRecord>),
    /// With the hash of its text.
    Shape(Fingerprint, Arc<ShapeRecord>),
    Plugin(Box<PluginRecord>),
    /// It is of another contract, and was not read.
    OfContract(u32),
    /// It is one that a later version has added beside those of this contract.
    Later,
}

impl Record {
    /// Reads a record; `parts` is how many lines and items of lists there may still be.
    pub(crate) fn parse(kind: u32, text: &[u8], parts: &mut usize) -> Result<Self, Damaged> {
        let Ok(text) = std::str::from_utf8(text) else { return damaged("a record is not UTF-8") };
        let Some((head, body)) = text.split_once('\n') else { return damaged("a record has no lines") };
        let Some(contract) = head.strip_prefix("contract ").and_then(|number| number.parse::<u32>().ok()) else {
            return damaged("a record does not say its contract");
        };
        if contract != CONTRACT {
            return Ok(Self::OfContract(contract));
        }
        let Some(left) = parts.checked_sub(lines_of(body).map(parts_of).sum()) else {
            return damaged(format!("the records have more than {MOST_PARTS} lines and items of lists"));
        };
        *parts = left;
        Ok(match kind {
            kind if kind == Kind::Build as u32 => Self::Build(Build::parse(body)?.into()),
            kind if kind == Kind::Interface as u32 => Self::Interface(InterfaceRecord::parse(body)?.into()),
            kind if kind == Kind::Shape as u32 => Self::Shape(hash(body.as_bytes()), ShapeRecord::parse(body)?.into()),
            kind if kind == Kind::Plugin as u32 => Self::Plugin(PluginRecord::parse(body)?.into()),
            _ => Self::Later,
        })
    }
}

impl Manifest {
    /// Whether there is no record of ours at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Reads the records of a host or plugin that is linked into this process.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn of_memory(notes: &[&[u8]]) -> Result<Self, Damaged> {
        Self::read(notes.iter().map(|bytes| NoteBytes::of_memory(bytes)))
    }

    /// Reads all records in runs of notes; those of other owners are passed over.
    ///
    /// # Errors
    ///
    /// [`Damaged`] names the first record that is cut, is not UTF-8, lacks a line or says something impossible.
    pub fn read<'a>(runs: impl IntoIterator<Item = NoteBytes<'a>>) -> Result<Self, Damaged> {
        let mut manifest = Self::default();
        let mut rest = MOST_BYTES;
        let mut parts = MOST_PARTS;
        let known = known::records();
        for run in runs {
            let Some(left) = rest.checked_sub(run.bytes.len()) else {
                return Err(Damaged::too_large());
            };
            rest = left;
            for note in run.notes() {
                let (kind, text) = note?;
                match known.get(kind, text) {
                    Some(record) => manifest.add(record)?,
                    None => manifest.add(Record::parse(kind, text, &mut parts)?)?,
                }
            }
        }
        manifest.interfaces.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        manifest.interfaces.dedup();
        // Linkers reorder records; the entries are numbered as `export!` lists them.
        manifest.plugins.sort_by(|a, b| (a.entry.len(), &a.entry).cmp(&(b.entry.len(), &b.entry)));
        manifest.plugins.dedup();
        if let Some(pair) = manifest.plugins.windows(2).find(|pair| pair[0].entry == pair[1].entry) {
            let [one, other] = [&pair[0], &pair[1]].map(|plugin| &plugin.name);
            return damaged(format!("the plugins `{one}` and `{other}` have one entry, `{}`", pair[0].entry));
        }
        Ok(manifest)
    }

    fn add(&mut self, record: Record) -> Result<(), Damaged> {
        match record {
            Record::Build(build) => {
                if !self.builds.contains(&build) {
                    self.builds.push(build);
                }
                if self.builds.len() > MOST_VERSIONS {
                    return damaged("there are more build records than an image has builds");
                }
            }
            Record::Interface(interface) => self.interfaces.push(interface),
            Record::Shape(id, shape) => drop(self.shapes.insert(id, shape)),
            Record::Plugin(plugin) => {
                self.plugins.push(*plugin);
                if self.plugins.len() > MOST_PLUGINS {
                    return damaged(format!("there are more than {MOST_PLUGINS} plugins in it"));
                }
            }
            Record::OfContract(contract) => {
                self.foreign_contracts.insert(contract);
                if self.foreign_contracts.len() > MOST_VERSIONS {
                    return damaged("the records are of more contracts than there are");
                }
            }
            Record::Later => {}
        }
        Ok(())
    }

    /// The record of an interface with this name and fingerprint.
    #[must_use]
    pub fn interface(&self, name: &str, fingerprint: Fingerprint) -> Option<&InterfaceRecord> {
        self.interfaces
            .iter()
            .map(|record| &**record)
            .find(|record| record.name == name && record.fingerprint == fingerprint)
    }

    /// The shapes that an interface reaches, as far as their records are there.
    pub fn reached<'a>(&'a self, interface: &'a InterfaceRecord) -> impl Iterator<Item = &'a ShapeRecord> {
        interface.reaches.iter().filter_map(|id| self.shapes.get(id).map(|shape| &**shape))
    }

    /// Whether any crate in the image has its layouts shuffled, by flag or by what its layout canary saw.
    #[must_use]
    pub fn is_randomised(&self) -> bool {
        self.builds.iter().any(|build| build.randomised)
            || self.interfaces.iter().any(|record| record.randomised)
            || self.shapes.values().any(|record| record.randomised)
            || self.plugins.iter().any(|record| record.randomised)
    }
}

fn slice(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

/// What a record of some kind is called.
fn record(kind: &str) -> String {
    format!("{} {kind} record", if kind.starts_with('i') { "an" } else { "a" })
}

/// The lines of a record: keys and values.
struct Lines<'a> {
    kind: &'static str,
    /// The values as they stand in the record.
    lines: Vec<(&'a str, &'a str)>,
}

impl<'a> Lines<'a> {
    fn new(kind: &'static str, body: &'a str) -> Self {
        Self { kind, lines: lines_of(body).map(|line| line.split_once(' ').unwrap_or((line, ""))).collect() }
    }

    /// The same, where a key of a line that stands once may not stand there twice.
    fn once(kind: &'static str, body: &'a str, several: &[&str]) -> Result<Self, Damaged> {
        let lines = Self::new(kind, body);
        let keys = lines.lines.iter().map(|(key, _)| *key).filter(|key| !several.contains(key));
        let mut keys: Vec<&str> = keys.collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => damaged(format!("{} says `{}` twice", record(kind), pair[0])),
            None => Ok(lines),
        }
    }

    /// The value of a line that may be missing.
    fn optional(&self, key: &str) -> String {
        self.lines.iter().find(|(found, _)| *found == key).map(|(_, value)| unescape(value)).unwrap_or_default()
    }

    fn required(&self, key: &str) -> Result<String, Damaged> {
        let value = self.optional(key);
        if value.is_empty() { damaged(format!("{} has no `{key}`", record(self.kind))) } else { Ok(value) }
    }

    /// The values of lines that may be there several times.
    fn all(&self, key: &'a str) -> impl Iterator<Item = String> {
        self.lines.iter().filter(move |(found, _)| *found == key).map(|(_, value)| unescape(value))
    }

    fn randomised(&self) -> bool {
        self.optional("layout") == "randomised"
    }
}

/// The lines of a text; only line feeds end one.
fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n')
}

/// How many values a line becomes: itself, and what it lists.
fn parts_of(line: &str) -> usize {
    let between = match line.split_once(' ') {
        Some(("features" | "flags", _)) => ',',
        Some(("authors", _)) => ':',
        _ => return 1,
    };
    1 + line.matches(between).count()
}

/// Undoes what the writer does to line breaks in values.
fn unescape(value: &str) -> String {
    if !value.contains('\\') {
        return value.to_owned();
    }
    let mut text = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    text
}

fn version(kind: &str, text: &str) -> Result<Version, Damaged> {
    Version::parse(text).or_else(|error| damaged(format!("{} has the version `{text}`: {error}", record(kind))))
}

fn fingerprint(kind: &str, text: &str) -> Result<Fingerprint, Damaged> {
    Fingerprint::parse(text).map_or_else(|| damaged(format!("{} has the fingerprint `{text}`", record(kind))), Ok)
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

impl Build {
    fn parse(body: &str) -> Result<Self, Damaged> {
        let lines = Lines::once("build", body, &[])?;
        Ok(Self {
            plugbox: lines.required("plugbox")?,
            rustc: lines.required("rustc")?,
            release: lines.required("release")?,
            commit: lines.required("commit")?,
            date: lines.required("date")?,
            llvm: lines.required("llvm")?,
            builder: lines.required("builder")?,
            target: lines.required("target")?,
            features: list(&lines.optional("features")),
            flags: list(&lines.optional("flags")),
            panic: lines.required("panic")?,
            libc: lines.required("libc")?,
            randomised: lines.randomised(),
        })
    }
}

impl InterfaceRecord {
    fn parse(body: &str) -> Result<Self, Damaged> {
        let lines = Lines::once("interface", body, &["super", "auto", "method", "reaches"])?;
        let reaches = lines.all("reaches").map(|id| fingerprint("interface", &id)).collect::<Result<_, _>>()?;
        let is_own = |line: &&str| ["super ", "auto ", "method "].iter().any(|key| line.starts_with(key));
        let own = body.split_inclusive('\n').filter(is_own);
        let name = lines.required("trait")?;
        let stated = fingerprint("interface", &lines.required("fingerprint")?)?;
        let canonical = body.find("\ntrait ").map_or("", |at| &body[at + 1..]);
        if hash(canonical.as_bytes()) != stated {
            return damaged(format!("the fingerprint of `{name}` is not that of its text"));
        }
        Ok(Self {
            name,
            version: version("interface", &lines.required("version")?)?,
            fingerprint: stated,
            text: own.collect(),
            reaches,
            randomised: lines.randomised(),
        })
    }
}

impl ShapeRecord {
    fn parse(body: &str) -> Result<Self, Damaged> {
        let (first, text) = body.split_once('\n').unwrap_or((body, ""));
        let Some((keyword, name)) = first.split_once(' ') else {
            return damaged("a shape record names no type");
        };
        let randomised = lines_of(text).any(|line| line == "layout randomised");
        Ok(Self { keyword: keyword.to_owned(), name: name.to_owned(), text: text.to_owned(), randomised })
    }
}

impl PluginRecord {
    fn parse(body: &str) -> Result<Self, Damaged> {
        let lines = Lines::once("plugin", body, &["interface"])?;
        let interfaces = lines.all("interface").map(|line| {
            let mut words = line.split(' ');
            let (Some(name), Some(number), Some(print), None) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                return damaged(format!("a plugin record names an interface as `{line}`"));
            };
            Ok(Exported {
                name: name.to_owned(),
                version: version("plugin", number)?,
                fingerprint: fingerprint("plugin", print)?,
            })
        });
        let interfaces: Vec<Exported> = interfaces.collect::<Result<_, _>>()?;
        if interfaces.is_empty() {
            return damaged("a plugin record names no interface");
        }
        Ok(Self {
            name: lines.required("name")?,
            version: version("plugin", &lines.required("version")?)?,
            description: lines.optional("description"),
            authors: lines.optional("authors").split(':').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            licence: lines.optional("licence"),
            interfaces,
            entry: lines.required("entry")?,
            panic: lines.required("panic")?,
            features: list(&lines.optional("features")),
            randomised: lines.randomised(),
        })
    }
}

//! The manifest: what the records of a file say.
//!
//! The parser takes bytes from anywhere: it never panics, and allocates nothing in proportion to a number that it read.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use plugbox::__private::{CONTRACT, Kind, NOTE_NAME, hash};
use plugbox::{Fingerprint, Interface};
use semver::Version;

use crate::known;
use crate::lines::{Parts, cut, damaged, fields, lines_of, record, unescape};

pub use crate::lines::Damaged;

/// The most bytes of notes that are looked at, and so the most that a manifest may have.
pub const MOST_BYTES: usize = 1 << 20;

/// The most plugins in one library: each may be refused for reasons of its own.
const MOST_PLUGINS: usize = 128;

/// The most interfaces below one: `#[interface]` lets no interface reach more types than that.
const MOST_BELOW: usize = 1024;

/// How many versions of `plugbox` may have left their records in one image.
const MOST_VERSIONS: usize = 8;

/// What the records of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Who built the image; several when it links several versions of `plugbox`.
    pub builds: Vec<Arc<Build>>,
    /// The interfaces that the image knows, sorted by name and version.
    pub interfaces: Vec<Arc<InterfaceRecord>>,
    /// The types that these interfaces reach, sorted by the hash of their text.
    pub shapes: Vec<Arc<ShapeRecord>>,
    /// The plugins that the image exports, in the order of its `export!`.
    pub plugins: Vec<Arc<PluginRecord>>,
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
    /// The other interfaces that it reaches, supertraits too, in the order in which they are met.
    pub below: Arc<[Below]>,
    /// Whether layouts are shuffled in the crate that defines it.
    pub randomised: bool,
}

impl InterfaceRecord {
    /// The lines of its text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        lines_of(&self.text)
    }

    /// The interface, as the image with this record was built against it.
    pub(crate) fn exported(&self) -> Exported {
        let Self { name, version, fingerprint, below, .. } = self;
        Exported { name: name.clone(), version: version.clone(), fingerprint: *fingerprint, below: below.clone() }
    }
}

/// A type that an interface reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeRecord {
    /// The hash of its text, by which interfaces name it.
    pub id: Fingerprint,
    /// `struct`, `enum`, `foreign` or `trait`.
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
    /// The other interfaces that it reaches, as the interface's own record says. None if the image has no such record, or
    /// several that contradict each other.
    pub below: Arc<[Below]>,
}

impl Exported {
    /// An interface as this process was built against it.
    pub(crate) fn of<I: ?Sized + Interface>() -> Self {
        let version = Version::parse(I::VERSION).expect("cargo checks the versions of packages");
        let below = known::interface(I::records()).map(|record| record.below.clone()).unwrap_or_default();
        Self { name: I::NAME.to_owned(), version, fingerprint: I::FINGERPRINT, below }
    }
}

/// An interface that another one reaches. Its version is no part of the fingerprint: patch releases go on fitting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Below {
    /// `crate::path::Trait`.
    pub name: String,
    /// The version of the crate that defines it.
    pub version: Version,
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
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
        let padded = move |at: usize| (at + align - 1) & !(align - 1);
        let word = move |bytes: [u8; 4]| {
            if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
        };
        let mut at = 0usize;
        std::iter::from_fn(move || {
            while let Some(head) = self.bytes.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
                let [a, b, c, d, e, f, g, h, i, j, k, l] = *head;
                let (name_len, text_len, kind) = (word([a, b, c, d]), word([e, f, g, h]), word([i, j, k, l]));
                if name_len == 0 {
                    // Linkers pad between records with zeros.
                    at += 4;
                    continue;
                }
                let name_at = at + 12;
                let Some(name) = slice(self.bytes, name_at, name_len as usize) else {
                    return Some(damaged("a note's name reaches beyond the notes"));
                };
                let text_at = padded(name_at + name.len());
                let Some(text) = slice(self.bytes, text_at, text_len as usize) else {
                    return Some(damaged("a note's text reaches beyond the notes"));
                };
                at = padded(text_at + text.len());
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
    Shape(Arc<ShapeRecord>),
    Plugin(Arc<PluginRecord>),
    /// It is of another contract, and was not read.
    OfContract(u32),
    /// It is one that a later version has added beside those of this contract.
    Later,
}

impl Record {
    /// Whether all that are built against an API have it.
    fn is_of_an_api(&self) -> bool {
        matches!(self, Self::Interface(_) | Self::Shape(_))
    }

    /// Reads a record.
    pub(crate) fn parse(kind: u32, text: &[u8], parts: &mut Parts) -> Result<Self, Damaged> {
        let Ok(text) = std::str::from_utf8(text) else { return damaged("a record is not UTF-8") };
        let Some((head, body)) = cut(text, b'\n') else { return damaged("a record has no lines") };
        let Some(contract) = head.strip_prefix("contract ").and_then(|number| number.parse::<u32>().ok()) else {
            return damaged("a record does not say its contract");
        };
        if contract != CONTRACT {
            return Ok(Self::OfContract(contract));
        }
        Ok(match kind {
            kind if kind == Kind::Build as u32 => Self::Build(Build::parse(body, parts)?.into()),
            kind if kind == Kind::Interface as u32 => Self::Interface(InterfaceRecord::parse(body, parts)?.into()),
            kind if kind == Kind::Shape as u32 => Self::Shape(ShapeRecord::parse(body, parts)?.into()),
            kind if kind == Kind::Plugin as u32 => Self::Plugin(PluginRecord::parse(body, parts)?.into()),
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
        let mut parts = Parts::of_a_file();
        let known = known::records();
        let mut news = Vec::new();
        for run in runs {
            let Some(left) = rest.checked_sub(run.bytes.len()) else {
                return Err(Damaged::too_large());
            };
            rest = left;
            for note in run.notes() {
                let (kind, text) = note?;
                match known.get(kind, text) {
                    Some(record) => manifest.add(record)?,
                    None => {
                        let record = Record::parse(kind, text, &mut parts)?;
                        if record.is_of_an_api() && !known.is_full() {
                            news.push((kind, text, record.clone()));
                        }
                        manifest.add(record)?;
                    }
                }
            }
        }
        drop(known);
        if !news.is_empty() {
            known::keep(news);
        }
        manifest.interfaces.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        manifest.interfaces.dedup();
        manifest.shapes.sort_by_key(|shape| shape.id);
        manifest.shapes.dedup_by_key(|shape| shape.id);
        // Linkers reorder records; the entries are numbered as `export!` lists them.
        manifest.plugins.sort_by(|a, b| (a.entry.len(), &a.entry).cmp(&(b.entry.len(), &b.entry)));
        manifest.plugins.dedup();
        if let Some(pair) = manifest.plugins.windows(2).find(|pair| pair[0].entry == pair[1].entry) {
            let [one, other] = [&pair[0], &pair[1]].map(|plugin| &plugin.name);
            return damaged(format!("the plugins `{one}` and `{other}` have one entry, `{}`", pair[0].entry));
        }
        let Self { interfaces, plugins, .. } = &mut manifest;
        for exported in plugins.iter_mut().flat_map(|plugin| &mut Arc::make_mut(plugin).interfaces) {
            exported.below = below(interfaces, exported);
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
            Record::Shape(shape) => self.shapes.push(shape),
            Record::Plugin(plugin) => {
                self.plugins.push(plugin);
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
        let shape = |id: &Fingerprint| self.shapes.binary_search_by_key(id, |shape| shape.id).ok();
        interface.reaches.iter().filter_map(move |id| Some(&*self.shapes[shape(id)?]))
    }

    /// Whether any crate in the image has its layouts shuffled, by flag or by what its layout canary saw.
    #[must_use]
    pub fn is_randomised(&self) -> bool {
        self.builds.iter().any(|build| build.randomised)
            || self.interfaces.iter().any(|record| record.randomised)
            || self.shapes.iter().any(|record| record.randomised)
            || self.plugins.iter().any(|record| record.randomised)
    }
}

/// What an interface reaches, by the records of its name, version and fingerprint.
fn below(interfaces: &[Arc<InterfaceRecord>], exported: &Exported) -> Arc<[Below]> {
    let key = (&exported.name, &exported.version);
    let first = interfaces.partition_point(|record| (&record.name, &record.version) < key);
    let records = interfaces[first..].iter().take_while(|record| (&record.name, &record.version) == key);
    let mut all = records.filter(|record| record.fingerprint == exported.fingerprint).map(|record| &record.below);
    let below = all.next().cloned().unwrap_or_default();
    if all.all(|other| *other == below) { below } else { Arc::default() }
}

fn slice(bytes: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(len)?)
}

fn version(kind: &str, text: &str) -> Result<Version, Damaged> {
    Version::parse(text).or_else(|error| damaged(format!("{} has the version `{text}`: {error}", record(kind))))
}

fn fingerprint(kind: &str, text: &str) -> Result<Fingerprint, Damaged> {
    Fingerprint::parse(text).map_or_else(|| damaged(format!("{} has the fingerprint `{text}`", record(kind))), Ok)
}

impl Build {
    fn parse(body: &str, parts: &mut Parts) -> Result<Self, Damaged> {
        let keys = [
            "plugbox", "rustc", "release", "commit", "date", "llvm", "builder", "target", "features", "flags", "panic",
            "libc", "layout",
        ];
        let [plugbox, rustc, release, commit, date, llvm, builder, target, features, flags, panic, libc, layout] =
            fields("build", keys, body, parts, |_| Ok(false))?;
        Ok(Self {
            plugbox: plugbox.text()?,
            rustc: rustc.text()?,
            release: release.text()?,
            commit: commit.text()?,
            date: date.text()?,
            llvm: llvm.text()?,
            builder: builder.text()?,
            target: target.text()?,
            features: features.list(b',', parts)?,
            flags: flags.list(b',', parts)?,
            panic: panic.text()?,
            libc: libc.text()?,
            randomised: layout.is("randomised"),
        })
    }
}

impl InterfaceRecord {
    fn parse(body: &str, parts: &mut Parts) -> Result<Self, Damaged> {
        let (mut text, mut reaches, mut below) = (String::with_capacity(body.len()), Vec::new(), Vec::new());
        // What the fingerprint is of begins with the trait.
        let (mut at, mut canonical) = (0, "");
        let keys = ["version", "layout", "fingerprint", "trait"];
        let [number, layout, print, name] = fields("interface", keys, body, parts, |line| {
            match line.key {
                "super" | "auto" | "method" => text.push_str(line.text),
                "reaches" => reaches.push(fingerprint("interface", line.value)?),
                "below" => below.push(Below::parse(&unescape(line.value))?),
                "trait" => canonical = &body[at..],
                _ => {}
            }
            at += line.text.len();
            Ok(matches!(line.key, "super" | "auto" | "method" | "reaches" | "below"))
        })?;
        if below.len() > MOST_BELOW {
            return damaged(format!("an interface record has more than {MOST_BELOW} interfaces below it"));
        }
        let name = name.text()?;
        let stated = fingerprint("interface", &print.required()?)?;
        if hash(canonical.as_bytes()) != stated {
            return damaged(format!("the fingerprint of `{name}` is not that of its text"));
        }
        Ok(Self {
            name,
            version: version("interface", &number.required()?)?,
            fingerprint: stated,
            text,
            reaches,
            below: below.into(),
            randomised: layout.is("randomised"),
        })
    }
}

impl Below {
    fn parse(line: &str) -> Result<Self, Damaged> {
        let Some((name, number)) = cut(line, b' ') else {
            return damaged(format!("an interface record names an interface below it as `{line}`"));
        };
        Ok(Self { name: name.to_owned(), version: version("interface", number)? })
    }
}

impl ShapeRecord {
    fn parse(body: &str, parts: &mut Parts) -> Result<Self, Damaged> {
        let (first, text) = cut(body, b'\n').unwrap_or((body, ""));
        let Some((keyword, name)) = cut(first, b' ') else {
            return damaged("a shape record names no type");
        };
        let mut randomised = false;
        for line in lines_of(text) {
            parts.spend(1)?;
            randomised |= line == "layout randomised";
        }
        let id = hash(body.as_bytes());
        Ok(Self { id, keyword: keyword.to_owned(), name: name.to_owned(), text: text.to_owned(), randomised })
    }
}

impl Exported {
    fn parse(line: &str) -> Result<Self, Damaged> {
        let words = cut(line, b' ').and_then(|(name, rest)| Some((name, cut(rest, b' ')?)));
        let Some((name, (number, print))) = words.filter(|(_, (_, print))| cut(print, b' ').is_none()) else {
            return damaged(format!("a plugin record names an interface as `{line}`"));
        };
        Ok(Self {
            name: name.to_owned(),
            version: version("plugin", number)?,
            fingerprint: fingerprint("plugin", print)?,
            below: Arc::default(),
        })
    }
}

impl PluginRecord {
    fn parse(body: &str, parts: &mut Parts) -> Result<Self, Damaged> {
        let mut interfaces = Vec::with_capacity(1);
        let keys = ["name", "version", "description", "authors", "licence", "entry", "panic", "features", "layout"];
        let [name, number, description, authors, licence, entry, panic, features, layout] =
            fields("plugin", keys, body, parts, |line| {
                let is_one = line.key == "interface";
                if is_one {
                    interfaces.push(Exported::parse(&unescape(line.value))?);
                }
                Ok(is_one)
            })?;
        if interfaces.is_empty() {
            return damaged("a plugin record names no interface");
        }
        Ok(Self {
            name: name.text()?,
            version: version("plugin", &number.required()?)?,
            description: description.optional().into_owned(),
            authors: authors.list(b':', parts)?,
            licence: licence.optional().into_owned(),
            interfaces,
            entry: entry.text()?,
            panic: panic.text()?,
            features: features.list(b',', parts)?,
            randomised: layout.is("randomised"),
        })
    }
}

//! A cache of parsed records. Most records of a library are byte for byte those of its host, or of the library loaded
//! before it, and are not parsed again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use plugbox::Interface;
use semver::Version;

use super::error::ManifestError;
use super::exported::Exported;
use super::interface::InterfaceRecord;
use super::notes::NoteBytes;
use super::record::Record;
use super::text::Parts;

/// The maximum number of bytes kept of records from files.
const MAX_KEPT: usize = 256 << 10;

/// The approximate size of a record in memory without its text, in bytes.
const OVERHEAD: usize = 256;

/// A cache of parsed records, by their bytes. Records from files take up to 256 KiB of it.
pub struct RecordCache(RwLock<Known>);

/// The length and the bytes of a record. The length comes first, because most records differ in it.
type Text = (usize, Cow<'static, [u8]>);

/// The records in the cache, with their kinds.
pub(super) struct Known {
    records: BTreeMap<Text, (u32, Record)>,
    /// The number of bytes from files that may still be kept. A file that uses up the room can only slow other files
    /// down.
    room: usize,
}

impl RecordCache {
    /// Creates an empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self(RwLock::new(Known { records: BTreeMap::new(), room: MAX_KEPT }))
    }

    /// The cache that holds this process's own records. A `Loader` reads files with it.
    ///
    /// Most records of a plugin are equal to records of its host, so reading files with this cache is faster.
    #[must_use]
    pub fn of_this_process() -> &'static Self {
        static CACHE: RecordCache = RecordCache::new();
        &CACHE
    }

    /// Parses records of this process's own code, and keeps them.
    pub(crate) fn learn(&self, notes: &[&'static [u8]]) -> Result<(), ManifestError> {
        notes.iter().flat_map(|bytes| NoteBytes::of_memory(bytes).notes()).try_for_each(|note| {
            let (kind, text) = note?;
            self.learned(kind, text).map(drop)
        })
    }

    /// The interface `I`, as this process was built against it.
    pub(crate) fn exported<I: ?Sized + Interface>(&self) -> Exported {
        let version = Version::parse(I::VERSION).expect("cargo checks the versions of packages");
        let below = self.interface(I::RECORDS).map(|record| record.below.clone()).unwrap_or_default();
        Exported { name: I::NAME.to_owned(), version, fingerprint: I::FINGERPRINT, below }
    }

    /// The record of an interface: the first note that `Interface::RECORDS` has.
    fn interface(&self, notes: &'static [u8]) -> Option<Arc<InterfaceRecord>> {
        let (kind, text) = NoteBytes::of_memory(notes).notes().next()?.ok()?;
        match self.learned(kind, text) {
            Ok(Record::Interface(record)) => Some(record),
            _ => None,
        }
    }

    /// A record of this process's own code, parsed only once.
    fn learned(&self, kind: u32, text: &'static [u8]) -> Result<Record, ManifestError> {
        if let Some(record) = self.read().get(kind, text) {
            return Ok(record);
        }
        let record = Record::parse(kind, text, &mut Parts::of_a_file())?;
        self.write().records.insert((text.len(), text.into()), (kind, record.clone()));
        Ok(record)
    }

    /// Keeps records from a file, as long as there is room.
    pub(super) fn keep(&self, news: Vec<(u32, &[u8], Record)>) {
        let mut known = self.write();
        news.into_iter().for_each(|(kind, text, record)| known.keep(kind, text, record));
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RecordCache {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RecordCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordCache({} records)", self.read().records.len())
    }
}

impl Known {
    /// The record of this kind with these bytes.
    pub(super) fn get(&self, kind: u32, text: &[u8]) -> Option<Record> {
        let (_, record) = self.records.get(&(text.len(), text.into())).filter(|(known, _)| *known == kind)?;
        Some(record.clone())
    }

    /// Whether a record would be kept. The records of plugins, which a load reads several times, leave half of the room to
    /// those of APIs, which many libraries have.
    pub(super) fn has_room_for(&self, record: &Record) -> bool {
        match record {
            Record::Interface(_) | Record::Shape(_) => self.room >= OVERHEAD,
            Record::Plugin(_) => self.room >= MAX_KEPT / 2,
            Record::Build(_) | Record::OfContract(_) | Record::Later => false,
        }
    }

    fn keep(&mut self, kind: u32, text: &[u8], record: Record) {
        let Some(room) = self.room.checked_sub(text.len() + OVERHEAD) else { return };
        if let Entry::Vacant(new) = self.records.entry((text.len(), text.to_vec().into())) {
            new.insert((kind, record));
            self.room = room;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_had_again_and_takes_no_more_than_there_is_room_for() {
        let mut known = Known { records: BTreeMap::new(), room: MAX_KEPT };
        let text = |number: usize| format!("record {number}");
        for number in 0..10_000 {
            known.keep(1, text(number % 5_000).as_bytes(), Record::Later);
        }
        let kept = known.records.keys().map(|(_, text)| text.len() + OVERHEAD).sum::<usize>();
        assert!(kept <= MAX_KEPT && MAX_KEPT - kept < 2 * OVERHEAD, "{kept}");
        assert!(known.get(1, text(0).as_bytes()).is_some() && known.get(2, text(0).as_bytes()).is_none());
        assert!(known.get(1, text(4_999).as_bytes()).is_none());
        // A record that is too large is not kept, and leaves its room to smaller ones.
        let mut known = Known { records: BTreeMap::new(), room: 2 * OVERHEAD };
        known.keep(1, &[b'a'; 2 * OVERHEAD], Record::Later);
        known.keep(1, b"small", Record::Later);
        assert!(known.get(1, b"small").is_some() && known.room < OVERHEAD);
    }
}

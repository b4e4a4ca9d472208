//! Known records: those of this process, and those of APIs that files had before. A library has most of them byte for
//! byte, and what is equal in bytes is not read again.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::interface::InterfaceRecord;
use super::notes::NoteBytes;
use super::record::Record;
use super::text::{Damaged, Parts};

static RECORDS: RwLock<Known> = RwLock::new(Known { records: BTreeMap::new(), room: MOST_KEPT });

/// The most bytes of files' records that are kept.
const MOST_KEPT: usize = 256 << 10;

/// About what a record takes beside its text.
const OVERHEAD: usize = 256;

/// The length and the bytes of a record: most differ in the length.
type Text = (usize, Cow<'static, [u8]>);

/// Records, with their kinds.
pub(crate) struct Known {
    records: BTreeMap<Text, (u32, Record)>,
    /// How many bytes of files may still be kept. Whoever fills it makes others slower, and nothing else.
    room: usize,
}

/// The records that are known.
pub(crate) fn records() -> RwLockReadGuard<'static, Known> {
    RECORDS.read().unwrap_or_else(PoisonError::into_inner)
}

/// Takes records for this process's own.
///
/// # Errors
///
/// They are none.
pub(crate) fn learn(notes: &[&'static [u8]]) -> Result<(), Damaged> {
    notes.iter().flat_map(|bytes| NoteBytes::of_memory(bytes).notes()).try_for_each(|note| {
        let (kind, text) = note?;
        learned(kind, text).map(drop)
    })
}

/// The record of an interface, by the notes that `Interface::records` returns: it stands first in them.
pub(crate) fn interface(notes: &'static [u8]) -> Option<Arc<InterfaceRecord>> {
    let (kind, text) = NoteBytes::of_memory(notes).notes().next()?.ok()?;
    match learned(kind, text) {
        Ok(Record::Interface(record)) => Some(record),
        _ => None,
    }
}

/// What a record of this process says; it is parsed once, and kept.
fn learned(kind: u32, text: &'static [u8]) -> Result<Record, Damaged> {
    if let Some(record) = records().get(kind, text) {
        return Ok(record);
    }
    let record = Record::parse(kind, text, &mut Parts::of_a_file())?;
    let mut known = RECORDS.write().unwrap_or_else(PoisonError::into_inner);
    known.records.insert((text.len(), text.into()), (kind, record.clone()));
    Ok(record)
}

/// Keeps records of a file, as long as there is room.
pub(crate) fn keep(news: Vec<(u32, &[u8], Record)>) {
    let mut known = RECORDS.write().unwrap_or_else(PoisonError::into_inner);
    news.into_iter().for_each(|(kind, text, record)| known.keep(kind, text, record));
}

impl Known {
    /// What a record says that has these bytes, where it is known.
    pub(crate) fn get(&self, kind: u32, text: &[u8]) -> Option<Record> {
        let (_, record) = self.records.get(&(text.len(), text.into())).filter(|(known, _)| *known == kind)?;
        Some(record.clone())
    }

    /// Whether nothing more can be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.room < OVERHEAD
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
        let mut known = Known { records: BTreeMap::new(), room: MOST_KEPT };
        let text = |number: usize| format!("record {number}");
        for number in 0..10_000 {
            known.keep(1, text(number % 5_000).as_bytes(), Record::Later);
        }
        let kept = known.records.keys().map(|(_, text)| text.len() + OVERHEAD).sum::<usize>();
        assert!(kept <= MOST_KEPT && MOST_KEPT - kept < 2 * OVERHEAD, "{kept}");
        assert!(known.get(1, text(0).as_bytes()).is_some() && known.get(2, text(0).as_bytes()).is_none());
        assert!(known.get(1, text(4_999).as_bytes()).is_none());
        // One that is too large leaves room for others.
        let mut known = Known { records: BTreeMap::new(), room: 2 * OVERHEAD };
        known.keep(1, &[b'a'; 2 * OVERHEAD], Record::Later);
        known.keep(1, b"small", Record::Later);
        assert!(known.get(1, b"small").is_some() && known.is_full());
    }
}

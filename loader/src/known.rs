//! Known records: those of this process. A library that fits has most of them byte for byte, and what is equal in bytes
//! is not read again.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard};

use plugbox::__private::hash;
use plugbox::Fingerprint;

use crate::manifest::{Damaged, MOST_PARTS, NoteBytes, Record};

static RECORDS: RwLock<Known> = RwLock::new(Known(BTreeMap::new()));

/// Records by the hash of their bytes.
pub(crate) struct Known(BTreeMap<Fingerprint, Own>);

/// A record of this process.
struct Own {
    kind: u32,
    text: &'static [u8],
    /// What it says, as soon as somebody has asked.
    record: OnceLock<Option<Record>>,
}

/// The records of this process.
pub(crate) fn records() -> RwLockReadGuard<'static, Known> {
    RECORDS.read().unwrap_or_else(PoisonError::into_inner)
}

/// Takes records for this process's own.
///
/// # Errors
///
/// They are no notes.
pub(crate) fn learn(notes: &[&'static [u8]]) -> Result<(), Damaged> {
    for note in notes.iter().flat_map(|bytes| NoteBytes::of_memory(bytes).notes()) {
        let ((kind, text), record) = (note?, OnceLock::new());
        let id = hash(text);
        if !records().0.contains_key(&id) {
            let mut known = RECORDS.write().unwrap_or_else(PoisonError::into_inner);
            known.0.insert(id, Own { kind, text, record });
        }
    }
    Ok(())
}

impl Known {
    /// What a record says that has these bytes, where it is one of this process's.
    pub(crate) fn get(&self, kind: u32, text: &[u8]) -> Option<Record> {
        let own = self.0.get(&hash(text)).filter(|own| own.kind == kind && own.text == text)?;
        own.record.get_or_init(|| Record::parse(kind, text, &mut { MOST_PARTS }).ok()).clone()
    }
}

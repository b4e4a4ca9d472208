//! What a file asks of the system's loader, with names as places in the file, and the bounded reading of these names.

use std::ffi::CStr;

use object::ReadRef;

/// The maximum length of a name, in bytes.
const MAX_NAME: u64 = 4096;
/// The maximum number of names that a file may have: libraries, symbol versions and folders.
pub(super) const MAX_NAMES: usize = 1024;

/// The maximum distance of names that are read together, in bytes.
const NEAR: u64 = 16 << 10;
/// The room for the last of them, in bytes.
const LAST_NAME: u64 = 256;

/// What the tables of a file ask for. Names are offsets in a table of names.
#[derive(Default)]
pub(super) struct Needs {
    /// The range of the table of names in the file.
    pub(super) names: (u64, u64),
    /// The libraries.
    pub(super) needed: Vec<u64>,
    /// Where they are searched for.
    pub(super) run_path: Vec<u64>,
    /// The symbol versions.
    pub(super) versions: Vec<u64>,
    pub(super) executable_stack: bool,
    pub(super) static_tls: u64,
}

impl Needs {
    /// All offsets of names: of libraries, folders and versions, in this order.
    pub(super) fn offsets(&self) -> Vec<u64> {
        [&self.needed, &self.run_path, &self.versions].into_iter().flatten().copied().collect()
    }

    /// The names at offsets that are near each other, from one piece of the file; `None` if they are not, or if one of
    /// them is not in this piece.
    pub(super) fn near_names<'data>(&self, data: impl ReadRef<'data>, offsets: &[u64]) -> Option<Vec<&'data str>> {
        let Some(first) = offsets.iter().min() else { return Some(Vec::new()) };
        let span = offsets.iter().max().map(|last| last - first).filter(|span| *span <= NEAR)?;
        let (start, end) = self.names;
        let at = start.checked_add(*first)?;
        let piece = data.read_bytes_at(at, end.checked_sub(at)?.min(span + LAST_NAME)).ok()?;
        let name = |offset: &u64| {
            let rest = piece.get(usize::try_from(offset - first).ok()?..)?;
            let rest = rest.get(..MAX_NAME as usize).unwrap_or(rest);
            CStr::from_bytes_until_nul(rest).ok()?.to_str().ok()
        };
        offsets.iter().map(name).collect()
    }

    /// The name at an offset of the table of names; `None` if it is not inside, too long or not Unicode.
    pub(super) fn name<'data>(&self, data: impl ReadRef<'data>, offset: u64) -> Option<String> {
        let (start, end) = self.names;
        let at = start.checked_add(offset).filter(|at| *at < end)?;
        let name = data.read_bytes_at_until(at..end.min(at.checked_add(MAX_NAME)?), 0).ok()?;
        String::from_utf8(name.to_vec()).ok()
    }
}

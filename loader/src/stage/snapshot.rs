//! A snapshot: a copy of a file's bytes at one moment.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::time::{Duration, SystemTime};

use crate::sys::{self, Stat};

/// A duration longer than the granularity of a file system's times.
const SETTLED: Duration = Duration::from_secs(2);

/// Copies a file's bytes at one moment. Returns `false` if the file changed meanwhile: then the copy may mix two
/// versions, with the records of one and the code of the other.
pub(super) fn snapshot(source: &mut File, copy: &mut File) -> io::Result<bool> {
    let before = Stat::of(source)?.stamp();
    // No more than that: a file that grows could become larger than this process may write.
    sys::copy(source, copy, before.size())?;
    if before != Stat::of(source)?.stamp() {
        return Ok(false);
    }
    // The last change is so old that a further change would have changed the time.
    let is_settled = |change| SystemTime::now().duration_since(change).is_ok_and(|age| age > SETTLED);
    if before.last_change().is_some_and(is_settled) {
        return Ok(true);
    }
    // Otherwise a second read decides: if it returns the same bytes, the file had these bytes between the two reads.
    source.rewind()?;
    copy.rewind()?;
    equal(source, copy)
}

/// Whether two files have the same bytes from their cursors to their ends.
fn equal(one: &mut File, other: &mut File) -> io::Result<bool> {
    const BLOCK: u64 = 64 << 10;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    loop {
        ours.clear();
        theirs.clear();
        one.by_ref().take(BLOCK).read_to_end(&mut ours)?;
        other.by_ref().take(BLOCK).read_to_end(&mut theirs)?;
        if ours != theirs || ours.is_empty() {
            return Ok(ours == theirs);
        }
    }
}

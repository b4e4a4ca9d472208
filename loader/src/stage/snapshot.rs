//! A snapshot: a copy of a file as it is at one moment.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::time::{Duration, SystemTime};

use crate::sys::Stamp;

/// Longer than the tick of a file system's clock.
const SETTLED: Duration = Duration::from_secs(2);

/// Copies a file as it is at one moment; `false` where it changed meanwhile: the copy may be half the one and half the
/// other, with the records of the one and the code of the other.
pub(super) fn snapshot(source: &mut File, copy: &mut File) -> io::Result<bool> {
    let before = Stamp::of(&source.metadata()?);
    source.rewind()?;
    copy.rewind()?;
    io::copy(source, copy)?;
    if before != Stamp::of(&source.metadata()?) {
        return Ok(false);
    }
    // Its last change is so long ago that another one would have shown in the time of it.
    if SystemTime::now().duration_since(before.last_change()).is_ok_and(|age| age > SETTLED) {
        return Ok(true);
    }
    // Otherwise it is read again: what is equal in both readings is what it was between them.
    source.rewind()?;
    copy.rewind()?;
    equal(source, copy)
}

/// Whether two files hold the same bytes from where they stand.
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

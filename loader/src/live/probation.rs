//! Probation: a new generation that panics soon is rolled back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long a new generation is on probation. If it panics in that time, the generation before it serves again, with
/// the state that it had when the new one took over.
///
/// Probation ends when the first calls, as many as this number, have all returned, or after this time, whichever comes
/// first. Until then each pin, lock and call is counted, which makes them slower.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use plugbox_loader::Probation;
/// let probation = Probation::new(1_000, Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probation {
    /// The number of calls.
    pub calls: u64,
    /// The time.
    pub time: Duration,
}

impl Probation {
    /// Creates a probation of this many calls, and at most this time.
    #[must_use]
    pub fn new(calls: u64, time: Duration) -> Self {
        Self { calls, time }
    }
}

/// The calls of a generation on probation.
pub(super) struct Count {
    probation: Probation,
    since: Instant,
    begun: u64,
    /// The first calls that run. A call counts until it returns, because it may panic at its end.
    running: BTreeSet<u64>,
}

impl Count {
    pub(super) fn new(probation: Probation) -> Self {
        Self { probation, since: Instant::now(), begun: 0, running: BTreeSet::new() }
    }

    /// Counts a call, and returns its number, from 1.
    pub(super) fn begin(&mut self) -> u64 {
        self.begun += 1;
        if self.begun <= self.probation.calls {
            self.running.insert(self.begun);
        }
        self.begun
    }

    pub(super) fn finish(&mut self, call: u64) {
        self.running.remove(&call);
    }

    /// The number of calls that have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    pub(super) fn is_over(&self) -> bool {
        let have_returned = self.begun >= self.probation.calls && self.running.is_empty();
        have_returned || self.since.elapsed() >= self.probation.time
    }
}

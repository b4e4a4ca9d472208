//! Probation: a new generation that panics soon is rolled back.

use std::time::{Duration, Instant};

/// How long a new generation is on probation. If it panics in that time, the generation before it serves again, with
/// the state that it had when the new one took over.
///
/// Probation ends after this number of calls, or after this time, whichever comes first. Until then each pin, lock and
/// call is counted, which makes them slower. A call counts when it has returned, and a panic when it has left the
/// plugin's code. So the number should be larger than that of the threads that call, by far: a call that takes long
/// may panic after the others have ended the probation.
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
    finished: u64,
}

impl Count {
    pub(super) fn new(probation: Probation) -> Self {
        Self { probation, since: Instant::now(), begun: 0, finished: 0 }
    }

    pub(super) fn begin(&mut self) {
        self.begun += 1;
    }

    pub(super) fn finish(&mut self) {
        self.finished += 1;
    }

    /// The number of calls that have begun.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    pub(super) fn is_over(&self) -> bool {
        self.finished >= self.probation.calls || self.since.elapsed() >= self.probation.time
    }
}

//! The gate: which generation serves, and who waits. Everything that is not the fast path of a pin.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::event::{Hub, LiveEvent};
use super::hold::Hold;
use super::probation::{Count, Probation};
use super::serving::{Facts, Handle};
use crate::errors::Holders;

/// The longest time between two looks at the holders. A pin that leaves wakes the gate. But a pin need not see at once
/// that the gate waits, because that would make each pin slower.
const LOOK: Duration = Duration::from_millis(1);

/// The way past the gate: where pins find the generation as long as the gate is open.
pub trait Fast<H> {
    /// Opens the way to this generation, or closes it. Afterward, [`pins`](Self::pins) counts whoever has come this way
    /// to another one.
    fn set(&self, open: Option<&H>);

    /// The number of pins that have come this way and hold this generation.
    fn pins(&self, of: &H) -> usize;
}

pub struct Gate<H, F> {
    pub(super) fast: F,
    state: Mutex<State<H>>,
    changed: Condvar,
    /// Whether a pin that leaves has to tell the gate.
    alert: AtomicBool,
    hub: Arc<Hub>,
}

struct State<H> {
    /// The generation that serves; `None` while a lock, or a reload, has it.
    serving: Option<H>,
    facts: Arc<Facts>,
    /// The good generation before the one that serves.
    earlier: Option<Arc<Facts>>,
    phase: Phase,
    trial: Option<Trial<H>>,
    retired: Vec<Retired<H>>,
    locks: Vec<Lock>,
    /// The number of the generation to which the fast way is open.
    opened: Option<u64>,
    /// What was not logged yet. It is logged when the gate is not locked, because the host's subscriber may call it.
    events: Vec<LiveEvent>,
}

/// A lock that has a generation.
struct Lock {
    thread: ThreadId,
    facts: Arc<Facts>,
    call: Call,
    /// When the generation was retired.
    retired: Option<Since>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// New calls wait for the end of a reload, which waits for the end of the running ones.
    Draining,
    /// The reload of this thread has the generation.
    Closed(ThreadId),
}

/// A generation on probation, and the one before it.
struct Trial<H> {
    /// `None` while a lock has it.
    before: Option<H>,
    facts: Arc<Facts>,
    earlier: Option<Arc<Facts>>,
    count: Count,
    /// The number of panics of the generation before the trial.
    panics: u64,
}

struct Retired<H> {
    handle: H,
    since: Since,
}

/// When a generation was retired.
#[derive(Clone, Copy)]
struct Since {
    time: Instant,
    /// Whether it was reported that somebody holds it for longer than the deadline.
    is_reported: bool,
}

/// A call that has come through the gate.
#[derive(Clone, Copy)]
pub(super) struct Call {
    generation: u64,
    /// Its number among the calls of a generation on probation, from 1; otherwise 0.
    number: u64,
}

/// What the gate makes of a request to enter.
enum Entry<T> {
    Entered(T),
    Wait,
}

impl<H: Handle, F: Fast<H>> Gate<H, F> {
    pub(super) fn new(serving: H, fast: F, hub: Arc<Hub>) -> Self {
        let state = State {
            facts: serving.facts().clone(),
            serving: Some(serving),
            earlier: None,
            phase: Phase::Open,
            trial: None,
            retired: Vec::new(),
            locks: Vec::new(),
            opened: None,
            events: Vec::new(),
        };
        let gate = Self { fast, state: Mutex::new(state), changed: Condvar::new(), alert: AtomicBool::new(false), hub };
        gate.sync(&mut gate.lock());
        gate
    }

    /// The facts about the generation that serves.
    pub(super) fn facts(&self) -> Arc<Facts> {
        self.lock().facts.clone()
    }

    /// The good generation before the one that serves.
    pub(super) fn earlier(&self) -> Option<Arc<Facts>> {
        self.lock().earlier.clone()
    }

    #[inline]
    pub(super) fn is_alert(&self) -> bool {
        self.alert.load(Ordering::Relaxed)
    }

    /// Shares the generation that serves, after a reload that has closed the gate.
    ///
    /// # Panics
    ///
    /// Panics on a thread that has closed the gate itself.
    pub(super) fn share(&self) -> (H, Call)
    where
        H: Clone,
    {
        // A thread with a pin must not wait for a drain that waits for the pin.
        let is_nested = Hold::count() > 0;
        self.enter(|state| match (&state.serving, state.phase) {
            (Some(serving), phase) if phase == Phase::Open || is_nested && phase == Phase::Draining => {
                let serving = serving.clone();
                let call = state.begin(&serving);
                Entry::Entered((serving, call))
            }
            _ => Entry::Wait,
        })
    }

    /// Takes the generation that serves, as soon as nobody else has it.
    ///
    /// # Panics
    ///
    /// Panics on a thread that has it, or has closed the gate itself.
    pub(super) fn take(&self) -> H {
        self.enter(|state| {
            let here = thread::current().id();
            assert!(
                state.locks.iter().all(|lock| lock.thread != here),
                "this thread holds a lock of this plugin already, and would wait for itself; drop the first `LiveLock`"
            );
            if state.phase != Phase::Open {
                return Entry::Wait;
            }
            state.serving.take().map_or(Entry::Wait, |serving| {
                let call = state.begin(&serving);
                state.locks.push(Lock { thread: here, facts: serving.facts().clone(), call, retired: None });
                Entry::Entered(serving)
            })
        })
    }

    fn enter<T>(&self, mut attempt: impl FnMut(&mut State<H>) -> Entry<T>) -> T {
        let mut state = self.lock();
        loop {
            self.judge(&mut state);
            if let Phase::Closed(by) = state.phase {
                assert!(
                    by != thread::current().id(),
                    "this thread reloads the plugin, and its calls wait until that is done; so `save`, `restore` and the \
                     health check cannot call it through its `Live`"
                );
            }
            if let Entry::Entered(entered) = attempt(&mut state) {
                self.unlock(state);
                return entered;
            }
            state = self.wait(state);
        }
    }

    /// Notes that a pin is gone. `entered` is its call, if it has come through the gate.
    pub(super) fn leave(&self, entered: Option<Call>) {
        self.left(self.lock(), entered);
    }

    /// Gives back what [`take`](Self::take) returned.
    pub(super) fn give_back(&self, handle: H) {
        let mut state = self.lock();
        let facts = handle.facts().clone();
        let here = thread::current().id();
        let own = state.locks.iter().position(|lock| lock.thread == here).map(|own| state.locks.swap_remove(own));
        if Arc::ptr_eq(&state.facts, &facts) {
            state.serving = Some(handle);
        } else if let Some(trial) = state.trial.as_mut().filter(|trial| Arc::ptr_eq(&trial.facts, &facts)) {
            trial.before = Some(handle);
        } else {
            let since = own.as_ref().and_then(|own| own.retired).unwrap_or_else(Since::now);
            state.retired.push(Retired { handle, since });
        }
        self.left(state, own.map(|own| own.call));
    }

    fn left(&self, mut state: MutexGuard<'_, State<H>>, entered: Option<Call>) {
        if let Some(call) = entered.filter(|call| call.generation == state.facts.number) {
            state.trial.iter_mut().for_each(|trial| trial.count.finish(call.number));
        }
        self.judge(&mut state);
        self.changed.notify_all();
        self.unlock(state);
    }

    /// Closes the gate, and takes the generation when its running calls have finished.
    ///
    /// # Errors
    ///
    /// Returns the holders if they do not finish in time. Then the gate is open again.
    pub(super) fn close(&self, deadline: Duration) -> Result<H, Holders> {
        let until = Instant::now() + deadline;
        let mut state = self.lock();
        state.phase = Phase::Draining;
        self.sync(&mut state);
        loop {
            self.judge(&mut state);
            if let Some(serving) = state.serving.take_if(|serving| self.pins_of(serving) == 0) {
                state.phase = Phase::Closed(thread::current().id());
                // What has happened is logged when the gate is open again, because a subscriber may call the plugin.
                drop(state);
                return Ok(serving);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let holders = self.holders(&mut state);
                self.open(state);
                return Err(holders);
            }
            state = self.wait_for(state, left.min(LOOK));
        }
    }

    /// Opens the gate again to the generation that [`close`](Self::close) has taken.
    pub(super) fn reopen(&self, serving: H) {
        let mut state = self.lock();
        state.serving = Some(serving);
        self.open(state);
    }

    /// Opens the gate to a new generation. `old` is the one that [`close`](Self::close) has taken, if the gate is
    /// closed.
    pub(super) fn publish(
        &self,
        new: H,
        old: Option<H>,
        probation: Option<Probation>,
        event: impl FnOnce() -> LiveEvent,
    ) {
        let mut state = self.lock();
        let old = old.or_else(|| state.serving.take());
        let facts = mem::replace(&mut state.facts, new.facts().clone());
        let earlier = state.earlier.replace(facts.clone());
        let passed = state.trial.take();
        let panics = new.facts().panics();
        state.serving = Some(new);
        state.phase = Phase::Open;
        let (trial, old) = match probation {
            Some(probation) => {
                let count = Count::new(probation);
                (Some(Trial { before: old, facts: facts.clone(), earlier, count, panics }), None)
            }
            None => (None, Some(old)),
        };
        state.trial = trial;
        // The pins that came past the gate are seen from here on.
        self.sync(&mut state);
        // Not before: whoever hears it and makes a pin gets the new one.
        self.say(&mut state, event());
        if let Some(old) = old {
            self.retire(&mut state, &facts, old);
        }
        // The generation that was on probation has passed: its successor has its state.
        if let Some(trial) = passed {
            self.retire(&mut state, &trial.facts, trial.before);
        }
        self.changed.notify_all();
        self.unlock(state);
    }

    /// Takes the retired generations that nobody holds, for the caller to drop, each with the time since it was
    /// retired. Reports those that are held for longer than the deadline, once.
    pub(super) fn sweep(&self, deadline: Duration) -> Vec<(H, Duration)> {
        let mut state = self.lock();
        self.judge(&mut state);
        let (free, held) = mem::take(&mut state.retired).into_iter().partition(|one| self.pins_of(&one.handle) == 0);
        state.retired = held;
        let mut late = Vec::new();
        for one in &mut state.retired {
            if one.since.is_late(deadline) {
                late.push((one.handle.facts().clone(), self.pins_of(&one.handle)));
            }
        }
        for lock in &mut state.locks {
            if lock.retired.as_mut().is_some_and(|since| since.is_late(deadline)) {
                late.push((lock.facts.clone(), 1));
            }
        }
        for (facts, count) in late {
            let (plugin, holders) = (facts.info.clone(), facts.holders(count));
            self.say(&mut state, LiveEvent::Late { plugin, holders, deadline });
        }
        self.unlock(state);
        let free: Vec<Retired<H>> = free;
        free.into_iter().map(|one| (one.handle, one.since.time.elapsed())).collect()
    }

    /// Whether [`sweep`](Self::sweep) has to be called again without any other reason.
    pub(super) fn has_to_sweep(&self) -> bool {
        let state = self.lock();
        state.trial.is_some() || !state.retired.is_empty() || state.locks.iter().any(|lock| lock.retired.is_some())
    }

    /// Ends a probation that is over, or that the generation has failed.
    fn judge(&self, state: &mut State<H>) {
        if matches!(state.phase, Phase::Closed(_)) {
            return;
        }
        let facts = state.facts.clone();
        let Some(mut trial) = state.trial.take_if(|trial| facts.panics() > trial.panics || trial.count.is_over())
        else {
            return;
        };
        if facts.panics() == trial.panics {
            self.sync(state);
            return self.retire(state, &trial.facts, trial.before);
        }
        let failed = mem::replace(&mut state.serving, trial.before.take());
        state.facts = trial.facts;
        state.earlier = trial.earlier;
        self.sync(state);
        self.changed.notify_all();
        let (from, to) = (facts.info.clone(), state.facts.info.clone());
        self.say(state, LiveEvent::RolledBack { from, to, undone: trial.count.begun() });
        self.retire(state, &facts, failed);
    }

    /// Retires a generation. If a lock has its handle, it follows in [`give_back`](Self::give_back).
    fn retire(&self, state: &mut State<H>, facts: &Arc<Facts>, handle: Option<H>) {
        let count = handle.as_ref().map_or_else(|| state.locks_of(facts).count(), |handle| self.pins_of(handle));
        self.say(state, LiveEvent::Retired { plugin: facts.info.clone(), holders: facts.holders(count) });
        match handle {
            Some(handle) => state.retired.push(Retired { handle, since: Since::now() }),
            None => state.locks_of(facts).for_each(|lock| lock.retired = Some(Since::now())),
        }
    }

    /// Who holds the generation that serves.
    fn holders(&self, state: &mut State<H>) -> Holders {
        let facts = state.facts.clone();
        let locks = state.locks_of(&facts).count();
        facts.holders(state.serving.as_ref().map_or(locks, |serving| self.pins_of(serving)))
    }

    /// The number of pins of a generation to which the way is not open.
    fn pins_of(&self, handle: &H) -> usize {
        handle.shares() + self.fast.pins(handle)
    }

    fn open(&self, mut state: MutexGuard<'_, State<H>>) {
        state.phase = Phase::Open;
        self.sync(&mut state);
        self.changed.notify_all();
        self.unlock(state);
    }

    /// Opens or closes the way past the gate.
    fn sync(&self, state: &mut State<H>) {
        let is_open = state.phase == Phase::Open && state.trial.is_none();
        let open = state.serving.as_ref().filter(|_| is_open);
        let number = open.map(|open| open.facts().number);
        if state.opened == number {
            return;
        }
        self.alert.store(true, Ordering::Relaxed);
        self.fast.set(open);
        self.alert.store(!is_open, Ordering::Relaxed);
        state.opened = number;
    }

    /// Tells subscribers what happens, in the order in which it happens.
    fn say(&self, state: &mut State<H>, event: LiveEvent) {
        self.hub.queue(&event);
        state.events.push(event);
    }

    /// Unlocks the gate, and logs what has happened.
    fn unlock(&self, mut state: MutexGuard<'_, State<H>>) {
        let events = mem::take(&mut state.events);
        drop(state);
        events.iter().for_each(LiveEvent::log);
    }

    fn lock(&self) -> MutexGuard<'_, State<H>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<H>>) -> MutexGuard<'a, State<H>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for<'a>(&self, state: MutexGuard<'a, State<H>>, time: Duration) -> MutexGuard<'a, State<H>> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }
}

impl<H: Handle> State<H> {
    /// Begins a call of the generation that serves.
    fn begin(&mut self, serving: &H) -> Call {
        let number = self.trial.as_mut().map_or(0, |trial| trial.count.begin());
        Call { generation: serving.facts().number, number }
    }

    fn locks_of(&mut self, facts: &Arc<Facts>) -> impl Iterator<Item = &mut Lock> {
        self.locks.iter_mut().filter(|lock| Arc::ptr_eq(&lock.facts, facts))
    }
}

impl Since {
    fn now() -> Self {
        Self { time: Instant::now(), is_reported: false }
    }

    /// Returns `true` at the first call after the deadline, and `false` at every other.
    fn is_late(&mut self, deadline: Duration) -> bool {
        let is_late = !self.is_reported && self.time.elapsed() >= deadline;
        self.is_reported |= is_late;
        is_late
    }
}

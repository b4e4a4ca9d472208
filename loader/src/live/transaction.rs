//! A reload is a transaction: every failure, in any phase, leaves the old generation serving.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::event::{Handover, Hub, LiveEvent, NotCarried, ReloadTimes, Reloaded};
use super::gate::{Fast, Gate};
use super::hold::{Hold, Reloads};
use super::inner::{Inner, Retry, Settings, Turn};
use super::serving::{Facts, Handle, Serving};
use super::state::{self, Failure, contained};
use super::store::{LiveInterface, Slot, Store};
use crate::errors::{Holders, LoadError, ReloadError, ReloadPhase};
use crate::watch::{Look, Outcome, Settling, Stamp, Wakes};

/// A reload that fails for a reason that may pass is tried again so often, each time after twice the time.
const ATTEMPTS: u32 = 8;
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(300);

/// When to look again if another thread reloads, or this one does.
const BUSY: Duration = Duration::from_millis(50);

impl<I: ?Sized + LiveInterface> Inner<I> {
    /// Loads the first generation. Also returns its events. The caller emits them after it has stored the plugin, so that a
    /// subscriber finds it there.
    pub(super) fn open(
        settings: Settings<I>,
        hub: Arc<Hub>,
        wakes: Option<Arc<Wakes>>,
    ) -> Result<(Self, Vec<LiveEvent>), ReloadError> {
        let _reloads = Reloads::begin()?;
        let mut settling = Settling::new(settings.path(), settings.quiet);
        let stamp = settling.now();
        let started = Instant::now();
        let first = settings.load()?;
        let load = started.elapsed();
        settings.check_health(&first)?;
        let warning = cannot_save(&first);
        let times = ReloadTimes { load, pause: Duration::ZERO, total: started.elapsed() };
        let loaded = LiveEvent::Loaded { plugin: first.facts.info.clone(), times };
        let slot = <I::Access as Store>::Slot::new(first, hub.clone());
        stamp.into_iter().for_each(|stamp| settling.tried(stamp, Outcome::Good));
        let turn = Mutex::new(Turn { settling, retry: None });
        let (is_gone, is_paused) = (AtomicBool::new(false), AtomicBool::new(false));
        let inner = Self { slot, settings, hub, turn, is_gone, is_paused, wakes };
        Ok((inner, [loaded].into_iter().chain(warning).collect()))
    }

    /// Loads the file, and swaps.
    pub(super) fn reload(&self) -> Result<Reloaded, ReloadError> {
        let _reloads = Reloads::begin()?;
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = turn.settling.now().ok();
        self.load_and_swap(&mut turn, stamp)
    }

    /// Loads another file from now on. If that fails, the one before is watched on.
    pub(super) fn move_to(&self, path: &Path) -> Result<Reloaded, ReloadError> {
        let _reloads = Reloads::begin()?;
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let set_path = |path| *self.settings.path.lock().unwrap_or_else(PoisonError::into_inner) = path;
        let before = self.settings.path();
        set_path(path.to_owned());
        let mut settling = Settling::new(path, self.settings.quiet);
        let stamp = settling.now();
        let outcome = self.transaction(|| self.settings.load());
        if outcome.is_ok() {
            stamp.into_iter().for_each(|stamp| settling.tried(stamp, Outcome::Good));
            *turn = Turn { settling, retry: None };
            self.is_gone.store(false, Ordering::Relaxed);
        } else {
            set_path(before);
        }
        outcome
    }

    /// Whether the file is gone, and no other has come.
    pub(super) fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }

    /// Looks at the file. Reloads it if it has changed, and is whole and settled. Returns when to look again, at the
    /// latest, and the outcome of a reload.
    pub(super) fn poll(&self) -> (Option<Instant>, Option<Result<Reloaded, ReloadError>>) {
        self.sweep();
        if self.is_paused.load(Ordering::Relaxed) {
            return (None, None);
        }
        let Ok(_reloads) = Reloads::look() else { return (Some(Instant::now() + BUSY), None) };
        let mut turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Another thread reloads. The file may have changed since it began.
            Err(TryLockError::WouldBlock) => return (Some(Instant::now() + BUSY), None),
        };
        let path = || self.settings.path();
        let look = turn.settling.look(Instant::now());
        let stamp = match look {
            Look::Ready(stamp) => {
                turn.retry = None;
                self.is_gone.store(false, Ordering::Relaxed);
                Some(stamp)
            }
            Look::Unchanged => match &turn.retry {
                None => return (None, None),
                Some(retry) if retry.at > Instant::now() => return (Some(retry.at), None),
                Some(_) => turn.settling.now().ok(),
            },
            // The file has changed, so the failed one is not tried again.
            other => {
                turn.retry = None;
                match other {
                    Look::Wait { until } => return (Some(until), None),
                    Look::Known => self.hub.emit(LiveEvent::Known { path: path() }),
                    Look::Failed(error) => {
                        self.hub.emit(LiveEvent::Unreadable { path: path(), error: Arc::new(error) });
                    }
                    _ => {
                        self.is_gone.store(true, Ordering::Relaxed);
                        self.hub.emit(LiveEvent::Gone { path: path() });
                    }
                }
                return (None, None);
            }
        };
        let outcome = Hold::none().and_then(|()| self.load_and_swap(&mut turn, stamp));
        (turn.retry.as_ref().map(|retry| retry.at), Some(outcome))
    }

    fn load_and_swap(&self, turn: &mut Turn, stamp: Option<Stamp>) -> Result<Reloaded, ReloadError> {
        let outcome = self.transaction(|| self.settings.load());
        let attempts = turn.retry.take().map_or(0, |retry| retry.attempts) + 1;
        let may_pass = outcome.as_ref().is_err_and(may_pass) && attempts < ATTEMPTS;
        if may_pass {
            let after = self.settings.deadline.clamp(FIRST_RETRY, LAST_RETRY) * 2_u32.pow(attempts - 1);
            turn.retry = Some(Retry { at: Instant::now() + after.min(LAST_RETRY), attempts });
        }
        if let Some(stamp) = stamp {
            let outcome = match outcome {
                Ok(_) => Outcome::Good,
                Err(_) if may_pass => Outcome::Open,
                Err(_) => Outcome::Bad,
            };
            turn.settling.tried(stamp, outcome);
        }
        outcome
    }

    /// Constructs a new object from the image of the good generation before the one that serves, and swaps.
    pub(super) fn rollback(&self) -> Result<Reloaded, ReloadError> {
        let _reloads = Reloads::begin()?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.transaction(|| {
            let nothing = || ReloadError::NothingEarlier { path: self.settings.path() };
            let earlier = self.slot.gate().earlier().ok_or_else(nothing)?;
            self.settings.construct_again(&earlier)
        })
    }

    fn transaction(&self, load: impl FnOnce() -> Result<Serving<I>, ReloadError>) -> Result<Reloaded, ReloadError> {
        self.hub.emit(LiveEvent::Found { path: self.settings.path() });
        let outcome = self.swap(load);
        if let Err(error) = &outcome {
            self.hub.emit(LiveEvent::Refused { error: error.clone() });
        }
        self.sweep();
        // The thread that watches sweeps the rest.
        if self.slot.gate().has_to_sweep() {
            self.wake();
        }
        outcome
    }

    fn swap(&self, load: impl FnOnce() -> Result<Serving<I>, ReloadError>) -> Result<Reloaded, ReloadError> {
        let Settings { deadline, probation, .. } = self.settings;
        let gate = self.slot.gate();
        let started = Instant::now();
        let mut new = load()?;
        let load = started.elapsed();
        let from = gate.facts();
        // Calls wait from here on, if there is a state.
        let paused = Instant::now();
        let (pause, state) = match not_carried(&from, &new.facts) {
            Some(why) => (None, Handover::NotCarried(why)),
            None => {
                let pause = Pause::begin(gate, deadline).map_err(|holders| self.settings.late(holders))?;
                let state = self.settings.hand_over(pause.old(), &mut new)?;
                (Some(pause), state)
            }
        };
        self.settings.check_health(&new)?;
        let warning = cannot_save(&new);
        let (from, to) = (from.info.clone(), new.facts.info.clone());
        let is_paused = pause.is_some();
        let mut reloaded = Reloaded { from, to, times: ReloadTimes { load, ..ReloadTimes::default() }, state };
        let old = pause.and_then(Pause::end);
        gate.publish(<I::Access as Store>::Slot::<I>::handle(new), old, probation, || {
            reloaded.times.pause = if is_paused { paused.elapsed() } else { Duration::ZERO };
            reloaded.times.total = started.elapsed();
            LiveEvent::Reloaded(reloaded.clone())
        });
        warning.into_iter().for_each(|event| self.hub.emit(event));
        Ok(reloaded)
    }
}

impl<I: ?Sized + LiveInterface> Settings<I> {
    fn load(&self) -> Result<Serving<I>, ReloadError> {
        let phase = Cell::new(ReloadPhase::Look);
        let loaded = contained(|| {
            Ok(self.loader.load_image::<I>(&self.path(), self.plugin.as_deref(), |reached| phase.set(reached)))
        });
        match loaded {
            Ok(Ok((plugin, image))) => Ok(Serving::new(plugin, Arc::new(image))),
            Ok(Err(error)) => Err(ReloadError::Load { phase: phase.get(), error: Arc::new(error) }),
            Err(failure) => Err(self.failure(phase.get(), String::new(), failure)),
        }
    }

    fn construct_again(&self, earlier: &Facts) -> Result<Serving<I>, ReloadError> {
        let phase = ReloadPhase::Construct;
        match contained(|| Ok(self.loader.construct_again::<I>(&earlier.image))) {
            Ok(Ok(plugin)) => Ok(Serving::new(plugin, earlier.image.clone())),
            Ok(Err(error)) => Err(ReloadError::Load { phase, error: Arc::new(error) }),
            Err(failure) => Err(self.failed(phase, earlier, failure)),
        }
    }

    fn hand_over(&self, old: &Serving<I>, new: &mut Serving<I>) -> Result<Handover, ReloadError> {
        // There is none if a generation on probation was rolled back since the decision.
        let Some(saved) = state::save(old) else { return Ok(Handover::NotCarried(NotCarried::OldHasNone)) };
        let saved = saved.map_err(|failure| self.failed(ReloadPhase::Save, &old.facts, failure))?;
        let restored = state::restore(new, &saved);
        restored.map_err(|failure| self.failed(ReloadPhase::Restore, &new.facts, failure))?;
        Ok(Handover::Carried { schema: saved.schema, bytes: saved.bytes.len() })
    }

    fn check_health(&self, new: &Serving<I>) -> Result<(), ReloadError> {
        let Some(health) = &self.health else { return Ok(()) };
        contained(|| health(&new.plugin).map_err(|message| vec![message]))
            .map_err(|failure| self.failed(ReloadPhase::Health, &new.facts, failure))
    }

    fn failed(&self, phase: ReloadPhase, facts: &Facts, failure: Failure) -> ReloadError {
        self.failure(phase, facts.plugin(), failure)
    }

    fn late(&self, holders: Holders) -> ReloadError {
        ReloadError::Drain { path: self.path(), deadline: self.deadline, holders }
    }

    fn failure(&self, phase: ReloadPhase, plugin: String, failure: Failure) -> ReloadError {
        ReloadError::Failed { path: self.path(), phase, plugin, failure }
    }
}

/// Whether a failure is not the file's, and may pass without a change of the file.
pub(super) fn may_pass(error: &ReloadError) -> bool {
    match error {
        ReloadError::Drain { .. } | ReloadError::Failed { phase: ReloadPhase::Save, .. } => true,
        ReloadError::Load { error, .. } => {
            matches!(**error, LoadError::NoPlace { .. } | LoadError::Changing { .. } | LoadError::Io { .. })
        }
        _ => false,
    }
}

/// The reason why no state is handed over; `None` if it is.
fn not_carried(old: &Facts, new: &Facts) -> Option<NotCarried> {
    match (old.keeps_state, new.keeps_state) {
        (true, true) => None,
        _ if old.is_adapted || new.is_adapted => Some(NotCarried::Adapted),
        (true, false) => Some(NotCarried::NewHasNone),
        (false, true) => Some(NotCarried::OldHasNone),
        (false, false) => Some(NotCarried::NoState),
    }
}

/// Asks a new generation to save once, so that it is known before the next reload whether it can.
fn cannot_save<I: ?Sized + LiveInterface>(new: &Serving<I>) -> Option<LiveEvent> {
    let failure = state::save(new)?.err()?;
    Some(LiveEvent::CannotSave { plugin: new.facts.info.clone(), failure })
}

/// A pause: calls wait. It ends with the old generation, unless [`end`](Self::end) takes it out.
struct Pause<'a, H: Handle, F: Fast<H>> {
    gate: &'a Gate<H, F>,
    /// `None` only at the end.
    old: Option<H>,
}

impl<'a, H: Handle, F: Fast<H>> Pause<'a, H, F> {
    fn begin(gate: &'a Gate<H, F>, deadline: Duration) -> Result<Self, Holders> {
        Ok(Self { gate, old: Some(gate.close(deadline)?) })
    }

    fn old(&self) -> &H {
        self.old.as_ref().expect("a pause has the old generation until its end")
    }

    /// Ends the pause for a new generation, which the gate is opened to.
    fn end(mut self) -> Option<H> {
        self.old.take()
    }
}

impl<H: Handle, F: Fast<H>> Drop for Pause<'_, H, F> {
    fn drop(&mut self) {
        self.old.take().into_iter().for_each(|old| self.gate.reopen(old));
    }
}

//! The mailbox: what the threads that receive events leave for the thread that waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, ModifyKind};

use super::error::WatchError;
use super::steps::Steps;

/// What has happened since the thread waited last.
#[derive(Debug, Default)]
pub(super) struct Mail {
    /// Something has changed.
    pub(super) changed: bool,
    /// A name has changed, so other folders may have to be watched.
    pub(super) names_changed: bool,
    /// The watcher with this number receives no events any more, or not all.
    pub(super) failed: Option<(u64, WatchError)>,
    /// Nobody wants to wait any more.
    pub(super) closed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    came: Condvar,
    steps: Mutex<Steps>,
}

impl Mailbox {
    /// Waits until there is mail, or until the deadline. Mail is returned once, except that a mailbox stays closed.
    pub(super) fn wait(&self, deadline: Instant) -> Option<Mail> {
        let mut mail = lock(&self.mail);
        loop {
            if mail.changed || mail.failed.is_some() || mail.closed {
                let closed = mail.closed;
                return Some(std::mem::replace(&mut *mail, Mail { closed, ..Mail::default() }));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            mail = self.came.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub(super) fn put(&self, put: impl FnOnce(&mut Mail)) {
        put(&mut lock(&self.mail));
        self.came.notify_all();
    }

    /// Says which events concern the waiting thread.
    pub(super) fn expect(&self, steps: Steps) {
        *lock(&self.steps) = steps;
    }

    pub(super) fn expects(&self, steps: &Steps) -> bool {
        *lock(&self.steps) == *steps
    }

    /// Takes what the system reports.
    pub(super) fn receive(&self, event: &notify::Event) {
        let lost = event.need_rescan();
        let concerns = || event.paths.iter().any(|path| lock(&self.steps).concern(path));
        if lost || !is_reading(event.kind) && concerns() {
            self.put(|mail| {
                mail.changed = true;
                mail.names_changed |= lost || !is_writing(event.kind);
            });
        }
    }
}

fn is_reading(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write))
}

fn is_writing(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Data(_)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

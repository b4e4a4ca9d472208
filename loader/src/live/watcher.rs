//! The thread that watches the file of a plugin, or a folder.

use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use plugbox::{Exclusive, Shared};

use super::event::{Hub, LiveEvent};
use super::inner::Inner;
use super::set::Set;
use super::state::contained;
use super::store::{LiveInterface, Slot, Store};
use crate::watch::{Wake, Wakes, WatchError};

/// How often the thread asks whether old generations are still held, while any is.
const SWEEP: Duration = Duration::from_millis(100);

/// When to look again if code of the host has panicked.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// Interfaces whose plugins another thread may reload: they are `Send`, and also `Sync` if pins share them.
pub trait Watchable<I: ?Sized + LiveInterface>: Store {
    /// Starts the thread for one plugin.
    fn start(watcher: Watcher<Inner<I>>) -> io::Result<()>;

    /// Starts the thread for the plugins of a folder.
    fn start_dir(watcher: Watcher<Set<I>>) -> io::Result<()>;
}

impl<I: ?Sized + LiveInterface<Access = Self> + Send + Sync> Watchable<I> for Shared {
    fn start(watcher: Watcher<Inner<I>>) -> io::Result<()> {
        start(move || watcher.run())
    }

    fn start_dir(watcher: Watcher<Set<I>>) -> io::Result<()> {
        start(move || watcher.run())
    }
}

impl<I: ?Sized + LiveInterface<Access = Self> + Send> Watchable<I> for Exclusive {
    fn start(watcher: Watcher<Inner<I>>) -> io::Result<()> {
        start(move || watcher.run())
    }

    fn start_dir(watcher: Watcher<Set<I>>) -> io::Result<()> {
        start(move || watcher.run())
    }
}

fn start(run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("plugbox-watch".to_owned()).spawn(run).map(drop)
}

/// What a thread watches.
pub trait Polled {
    /// Looks, and does what has to be done. Returns when to look again, at the latest.
    fn poll(&self) -> Option<Instant>;

    /// Whether old generations are held.
    fn has_to_sweep(&self) -> bool;

    fn hub(&self) -> &Hub;
}

impl<I: ?Sized + LiveInterface> Polled for Inner<I> {
    fn poll(&self) -> Option<Instant> {
        Inner::poll(self).0
    }

    fn has_to_sweep(&self) -> bool {
        self.slot.gate().has_to_sweep()
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl<I: ?Sized + LiveInterface> Polled for Set<I> {
    fn poll(&self) -> Option<Instant> {
        Set::poll(self)
    }

    fn has_to_sweep(&self) -> bool {
        Set::has_to_sweep(self)
    }

    fn hub(&self) -> &Hub {
        &self.hub
    }
}

/// What the thread has.
pub struct Watcher<T> {
    /// Weak, because the thread ends when the last handle is gone.
    polled: Weak<T>,
    wakes: Arc<Wakes>,
}

impl<T: Polled> Watcher<T> {
    pub(super) fn new(polled: &Arc<T>, wakes: Arc<Wakes>) -> Self {
        Self { polled: Arc::downgrade(polled), wakes }
    }

    /// Polls. A panic of the host's code in it is said, and does not end the thread.
    fn poll(&self, polled: &T) -> Option<Instant> {
        contained(|| Ok(polled.poll())).unwrap_or_else(|failure| {
            let why = format!("the host's code failed during a look at this path: {}", failure.join(": "));
            let error = WatchError::new(self.wakes.path(), why, "correct that code; plugbox looks again in a second");
            polled.hub().emit(LiveEvent::WatchFailed { error });
            Some(Instant::now() + AFTER_PANIC)
        })
    }

    fn run(&self) {
        let mut timeout = None;
        loop {
            let wake = self.wakes.wait(timeout);
            let Some(polled) = self.polled.upgrade().filter(|_| wake != Wake::Closed) else { return };
            if let Wake::Failed(error) = wake {
                polled.hub().emit(LiveEvent::WatchFailed { error });
            }
            let next = self.poll(&*polled).map(|next| next.saturating_duration_since(Instant::now()));
            let sweep = polled.has_to_sweep().then_some(SWEEP);
            timeout = next.into_iter().chain(sweep).min();
        }
    }
}

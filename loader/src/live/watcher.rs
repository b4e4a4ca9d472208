//! The thread that watches the file of a plugin.

use std::io;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use plugbox::{Exclusive, Shared};

use super::event::LiveEvent;
use super::inner::Inner;
use super::store::{LiveInterface, Slot, Store};
use crate::watch::{Wake, Wakes};

/// How often the thread asks whether old generations are still held, while any is.
const SWEEP: Duration = Duration::from_millis(100);

/// Interfaces whose plugins another thread may reload: they are `Send`, and also `Sync` if pins share them.
pub trait Watchable<I: ?Sized + LiveInterface>: Store {
    /// Starts the thread.
    fn start(watcher: Watcher<I>) -> io::Result<()>;
}

impl<I: ?Sized + LiveInterface<Access = Self> + Send + Sync> Watchable<I> for Shared {
    fn start(watcher: Watcher<I>) -> io::Result<()> {
        thread::Builder::new().name(NAME.to_owned()).spawn(move || watcher.run()).map(drop)
    }
}

impl<I: ?Sized + LiveInterface<Access = Self> + Send> Watchable<I> for Exclusive {
    fn start(watcher: Watcher<I>) -> io::Result<()> {
        thread::Builder::new().name(NAME.to_owned()).spawn(move || watcher.run()).map(drop)
    }
}

const NAME: &str = "plugbox-watch";

/// What the thread has.
pub struct Watcher<I: ?Sized + LiveInterface> {
    /// Weak, because the thread ends when the last `Live` is gone.
    inner: Weak<Inner<I>>,
    wakes: Arc<Wakes>,
}

impl<I: ?Sized + LiveInterface> Watcher<I> {
    pub(super) fn new(inner: &Arc<Inner<I>>, wakes: Arc<Wakes>) -> Self {
        Self { inner: Arc::downgrade(inner), wakes }
    }

    fn run(&self) {
        let mut timeout = None;
        loop {
            let wake = self.wakes.wait(timeout);
            let Some(inner) = self.inner.upgrade().filter(|_| wake != Wake::Closed) else { return };
            if let Wake::Failed(error) = wake {
                inner.hub.emit(LiveEvent::WatchFailed { error });
            }
            let (next, _) = inner.poll();
            let next = next.map(|next| next.saturating_duration_since(Instant::now()));
            let sweep = inner.slot.gate().has_to_sweep().then_some(SWEEP);
            timeout = next.into_iter().chain(sweep).min();
        }
    }
}

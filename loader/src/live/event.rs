//! What happens to a plugin that reloads, as values.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::errors::{Holders, ReloadError};
use crate::panic::PluginInfo;
use crate::watch::WatchError;

/// The most events that wait for a subscriber.
const MAX_WAITING: usize = 1024;

/// Something that happened to the plugin of a [`Live`](crate::Live). Each is also a `tracing` event.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// use plugbox_loader::{Live, LiveEvent};
/// # fn show(live: &Live<dyn Plugin>) {
/// let events = live.events();
/// std::thread::spawn(move || {
///     for event in events {
///         match event {
///             LiveEvent::Refused { error } => eprintln!("not reloaded: {error}"),
///             other => eprintln!("{other}"),
///         }
///     }
/// });
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LiveEvent {
    /// The first generation serves.
    Loaded {
        /// The plugin.
        plugin: PluginInfo,
        /// How long it took.
        times: ReloadTimes,
    },
    /// A reload has begun, of a new file or because the host asked for it.
    Found {
        /// The file.
        path: PathBuf,
    },
    /// A reload did not happen. The generation before it serves, with its state.
    Refused {
        /// The phase that failed, with all reasons.
        error: ReloadError,
    },
    /// A new generation serves.
    Reloaded(Reloaded),
    /// An earlier generation serves again, because a new one panicked on probation. It has the state that it had when
    /// the new one took over.
    RolledBack {
        /// The plugin that panicked.
        from: PluginInfo,
        /// The plugin that serves again.
        to: PluginInfo,
        /// The number of calls that the new generation has got, and whose changes are lost.
        undone: u64,
    },
    /// A generation gets no more calls. Its library stays mapped.
    Retired {
        /// The plugin.
        plugin: PluginInfo,
        /// Who holds its object still.
        holders: Holders,
    },
    /// A retired generation is still held after the deadline.
    Late {
        /// The plugin.
        plugin: PluginInfo,
        /// Who holds it.
        holders: Holders,
        /// The deadline.
        deadline: Duration,
    },
    /// The object of a retired generation was dropped.
    Dropped {
        /// The plugin.
        plugin: PluginInfo,
        /// The time since it was retired.
        after: Duration,
    },
    /// The new generation cannot save its state, so a later reload will be refused. It serves all the same.
    CannotSave {
        /// The plugin.
        plugin: PluginInfo,
        /// The message, followed by the messages of its sources.
        failure: Vec<String>,
    },
    /// The file is gone. The last generation serves.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// No file of the folder has the plugin any more, so it has left the [`LiveDir`](crate::LiveDir). Whoever still has
    /// its [`Live`](crate::Live) is served by the last generation.
    Left {
        /// The plugin.
        plugin: PluginInfo,
    },
    /// The file has again the bytes of an earlier one that was not loaded, so it is not tried again.
    Known {
        /// The file.
        path: PathBuf,
    },
    /// Nobody can say whether the file has changed. It is looked at again.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        error: Arc<io::Error>,
    },
    /// The system does not report changes, or not all of them. Until it does, the thread that watches looks at the file
    /// from time to time.
    WatchFailed {
        /// The error, with what to do.
        error: WatchError,
    },
    /// The subscriber has read too slowly, and so many events before the next one were discarded.
    Missed {
        /// The number of events.
        count: u64,
    },
}

/// A reload that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reloaded {
    /// The plugin before.
    pub from: PluginInfo,
    /// The plugin that serves now.
    pub to: PluginInfo,
    /// How long it took.
    pub times: ReloadTimes,
    /// Whether the state was handed over.
    pub state: Handover,
}

/// How long a reload took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadTimes {
    /// From the first look at the file until the plugin was constructed. Calls were served meanwhile.
    pub load: Duration,
    /// How long calls waited; zero if no state was handed over.
    pub pause: Duration,
    /// The whole reload.
    pub total: Duration,
}

impl Reloaded {
    /// Creates the outcome of a reload.
    #[must_use]
    pub fn new(from: PluginInfo, to: PluginInfo, times: ReloadTimes, state: Handover) -> Self {
        Self { from, to, times, state }
    }
}

impl ReloadTimes {
    /// Creates the times of a reload.
    #[must_use]
    pub fn new(load: Duration, pause: Duration, total: Duration) -> Self {
        Self { load, pause, total }
    }
}

/// Whether the state of a plugin was handed over to its next generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handover {
    /// The new generation has taken the state of the old one.
    #[non_exhaustive]
    Carried {
        /// The old generation's schema.
        schema: u32,
        /// The number of bytes.
        bytes: usize,
    },
    /// The new generation began with an empty state.
    NotCarried(NotCarried),
}

/// The reason why no state was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCarried {
    /// Neither generation is exported as `dyn plugbox::State`.
    NoState,
    /// The old generation is not exported as `dyn plugbox::State`.
    OldHasNone,
    /// The new generation is not exported as `dyn plugbox::State`.
    NewHasNone,
    /// An [adapter](crate::Loader::adapt) stands before the plugin of a generation.
    Adapted,
}

impl fmt::Display for LiveEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loaded { plugin, times } => write!(f, "{} loaded in {:?}", Named(plugin), times.total),
            Self::Found { path } => write!(f, "{}: a reload begins", path.display()),
            Self::Refused { error } => match error.phase() {
                Some(phase) => write!(f, "not reloaded (phase {phase}): {error}"),
                None => write!(f, "not reloaded: {error}"),
            },
            Self::Reloaded(reloaded) => reloaded.fmt(f),
            Self::RolledBack { from, to, undone } => write!(
                f,
                "{} panicked on probation, and {} serves again with its state from before; {undone} calls are undone",
                Named(from),
                Named(to)
            ),
            Self::Retired { plugin, holders } if holders.count == 0 => write!(f, "{} retired", Named(plugin)),
            Self::Retired { plugin, holders } => write!(f, "{} retired, and still held by {holders}", Named(plugin)),
            Self::Late { plugin, holders, deadline } => {
                write!(f, "{} was retired more than {deadline:?} ago, and is still held by {holders}", Named(plugin))
            }
            Self::Dropped { plugin, after } => write!(f, "{} dropped, {after:?} after it was retired", Named(plugin)),
            Self::CannotSave { plugin, failure } => write!(
                f,
                "{} cannot save its state, so a later reload will be refused: {}",
                Named(plugin),
                failure.join(": ")
            ),
            Self::Gone { path } => write!(f, "{}: the file is gone; its last generation serves", path.display()),
            Self::Left { plugin } => write!(f, "{} has left: no file has it any more", Named(plugin)),
            Self::Known { path } => write!(
                f,
                "{}: not reloaded, because the file has the bytes of an earlier one that was not loaded",
                path.display()
            ),
            Self::Unreadable { path, error } => {
                write!(f, "{}: cannot see whether the file has changed: {error}", path.display())
            }
            Self::WatchFailed { error } => error.fmt(f),
            Self::Missed { count } => write!(f, "{count} events were discarded, because nobody read them"),
        }
    }
}

impl fmt::Display for Reloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, times, state } = self;
        write!(f, "{} replaced {} in {:?}", Named(to), Named(from), times.total)?;
        match state {
            Handover::Carried { schema, bytes } => {
                write!(f, ", with its state ({bytes} bytes, schema {schema}; calls waited {:?})", times.pause)
            }
            Handover::NotCarried(why) => write!(f, ", without its state: {why}"),
        }
    }
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoState => "the plugin is not exported as `dyn plugbox::State`",
            Self::OldHasNone => "the old one is not exported as `dyn plugbox::State`",
            Self::NewHasNone => "the new one is not exported as `dyn plugbox::State`",
            Self::Adapted => "the plugin comes through an adapter",
        })
    }
}

/// A plugin as it is named in messages.
struct Named<'a>(&'a PluginInfo);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.name, self.0.version)?;
        match self.0.origin.generation() {
            Some(generation) => write!(f, " (generation {generation})"),
            None => Ok(()),
        }
    }
}

impl LiveEvent {
    /// Logs the event. A panic of the host's subscriber must not end a reload, nor a pin that another panic drops.
    pub(super) fn log(&self) {
        let logged = catch_unwind(AssertUnwindSafe(|| self.trace()));
        logged.unwrap_or_else(std::mem::forget);
    }

    fn trace(&self) {
        match self {
            Self::Refused { .. }
            | Self::RolledBack { .. }
            | Self::Late { .. }
            | Self::CannotSave { .. }
            | Self::Unreadable { .. }
            | Self::WatchFailed { .. } => tracing::warn!("{self}"),
            Self::Loaded { .. } | Self::Reloaded(_) | Self::Gone { .. } | Self::Left { .. } | Self::Known { .. } => {
                tracing::info!("{self}")
            }
            Self::Found { .. } | Self::Retired { .. } | Self::Dropped { .. } | Self::Missed { .. } => {
                tracing::debug!("{self}");
            }
        }
    }
}

/// Where the events of one `Live` come from.
pub struct Hub(Mutex<Subscribers>);

struct Subscribers {
    queues: Vec<Weak<Queue>>,
    /// For the first subscriber, who cannot subscribe before the plugin is loaded.
    first: Option<Arc<Queue>>,
}

/// The events of a [`Live`](crate::Live), as an iterator. It waits for the next event, and ends when the last clone of
/// the `Live` is gone.
///
/// Each subscriber gets all events from the moment when it subscribed; the first one gets the earlier ones too.
///
/// # Examples
///
/// ```no_run
/// # #[plugbox::interface] pub trait Plugin: Send + Sync { fn name(&self) -> String; }
/// # fn show(live: plugbox_loader::Live<dyn Plugin>) {
/// // In a host's own loop, which must not wait:
/// let events = live.events();
/// while let Some(event) = events.try_next() {
///     eprintln!("{event}");
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Events(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<LiveEvent>,
    missed: u64,
    is_over: bool,
}

impl Hub {
    pub(super) fn new() -> Arc<Self> {
        let first = Arc::new(Queue::default());
        Arc::new(Self(Mutex::new(Subscribers { queues: vec![Arc::downgrade(&first)], first: Some(first) })))
    }

    pub(super) fn subscribe(&self) -> Events {
        let mut subscribers = self.lock();
        Events(subscribers.first.take().unwrap_or_else(|| {
            let queue = Arc::new(Queue::default());
            subscribers.queues.push(Arc::downgrade(&queue));
            queue
        }))
    }

    pub(super) fn emit(&self, event: LiveEvent) {
        self.queue(&event);
        event.log();
    }

    /// Passes an event to the subscribers' queues, which does not run any code of theirs.
    pub(super) fn queue(&self, event: &LiveEvent) {
        self.lock().queues.retain(|queue| match queue.upgrade() {
            Some(queue) => {
                queue.push(event.clone());
                true
            }
            None => false,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Subscribers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        for queue in self.lock().queues.iter().filter_map(Weak::upgrade) {
            queue.lock().is_over = true;
            queue.changed.notify_all();
        }
    }
}

impl Queue {
    fn push(&self, event: LiveEvent) {
        let mut waiting = self.lock();
        if waiting.events.len() == MAX_WAITING {
            waiting.events.pop_front();
            waiting.missed += 1;
        }
        waiting.events.push_back(event);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn pop(&mut self) -> Option<LiveEvent> {
        match std::mem::take(&mut self.missed) {
            0 => self.events.pop_front(),
            count => Some(LiveEvent::Missed { count }),
        }
    }
}

impl Events {
    /// Returns the next event if there is one now.
    #[must_use]
    pub fn try_next(&self) -> Option<LiveEvent> {
        self.0.lock().pop()
    }

    /// Waits for the next event, but not longer than this.
    #[must_use]
    pub fn next_within(&self, time: Duration) -> Option<LiveEvent> {
        let started = Instant::now();
        let mut waiting = self.0.lock();
        loop {
            if let Some(event) = waiting.pop() {
                return Some(event);
            }
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() || waiting.is_over {
                return None;
            }
            waiting = self.0.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Iterator for Events {
    type Item = LiveEvent;

    fn next(&mut self) -> Option<LiveEvent> {
        let mut waiting = self.0.lock();
        loop {
            let event = waiting.pop();
            if event.is_some() || waiting.is_over {
                return event;
            }
            waiting = self.0.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

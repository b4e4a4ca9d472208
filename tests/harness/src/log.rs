//! What is logged while a test runs.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs code on this thread. Returns its result, and what is logged meanwhile at this level or above, one line each.
pub fn logged<R>(level: Level, run: impl FnOnce() -> R) -> (R, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .finish();
    let result = tracing::subscriber::with_default(subscriber, run);
    let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (result, String::from_utf8_lossy(&bytes).into_owned())
}

/// A subscriber that runs the host's code at each event, as one that shows or forwards events does.
pub fn hears(run: impl Fn(&Event<'_>) + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    Hears(run)
}

struct Hears<F>(F);

impl<F: Fn(&Event<'_>) + 'static> Subscriber for Hears<F> {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        (self.0)(event);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

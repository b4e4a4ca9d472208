//! The open spans of plugins: each number that crosses stands for a subscriber and the span's id there.
//!
//! The subscriber that is current may change between two calls, and an id means something to its own subscriber only.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tracing_core::Dispatch;
use tracing_core::dispatcher::WeakDispatch;
use tracing_core::dispatcher::{get_default, with_default};
use tracing_core::span::Id;

/// A span, and the subscriber that has it.
#[derive(Clone)]
pub(super) struct Span {
    pub(super) subscriber: Dispatch,
    pub(super) id: Id,
}

/// A span that a plugin can name.
struct Known {
    id: Id,
    subscriber: WeakDispatch,
    /// The subscriber lives as long as a plugin has a handle of the span.
    held: Option<Dispatch>,
    handles: usize,
}

impl Known {
    fn span(&self) -> Option<Span> {
        Some(Span { subscriber: self.subscriber.upgrade()?, id: self.id.clone() })
    }
}

struct Open {
    next: u64,
    spans: HashMap<u64, Known>,
}

static OPEN: LazyLock<Mutex<Open>> = LazyLock::new(|| Mutex::new(Open { next: 1, spans: HashMap::new() }));

thread_local! {
    /// The spans of plugins that this thread is in, the innermost last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static ASKED: Asked = const { Asked(Cell::new(0)) };
}

/// The last span of the host that [`current`] has returned on a thread; 0 for none. Only the plugin's next call on this
/// thread can clone it.
struct Asked(Cell<u64>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.replace(0);
    }
}

impl Asked {
    fn replace(&self, number: u64) {
        let last = self.0.replace(number);
        let mut open = open();
        if open.spans.get(&last).is_some_and(|known| known.handles == 0) {
            open.spans.remove(&last);
        }
    }
}

/// No subscriber is called while this lock is held, because it may log, and load plugins.
fn open() -> MutexGuard<'static, Open> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the number for a new span of a plugin. Without a span, the number stands for a span that is disabled.
pub(super) fn add(span: Option<Span>) -> u64 {
    number(span.map(|Span { subscriber, id }| Known {
        id,
        subscriber: subscriber.downgrade(),
        held: Some(subscriber),
        handles: 1,
    }))
}

fn number(span: Option<Known>) -> u64 {
    let mut open = open();
    let number = open.next;
    open.next += 1;
    open.spans.extend(span.map(|span| (number, span)));
    number
}

/// Returns the span with this number; `None` if it is disabled or closed.
pub(super) fn get(number: u64) -> Option<Span> {
    open().spans.get(&number)?.span()
}

pub(super) fn enter(number: u64) {
    if let Some(span) = get(number) {
        span.subscriber.enter(&span.id);
        let _ = ENTERED.try_with(|entered| entered.borrow_mut().push(number));
    }
}

pub(super) fn exit(number: u64) {
    let _ = ENTERED.try_with(|entered| {
        let mut entered = entered.borrow_mut();
        if let Some(last) = entered.iter().rposition(|other| *other == number) {
            entered.remove(last);
        }
    });
    if let Some(span) = get(number) {
        span.subscriber.exit(&span.id);
    }
}

/// Adds a handle, and returns its number.
pub(super) fn clone(number: u64) -> u64 {
    let Some(span) = get(number) else { return number };
    let id = span.subscriber.clone_span(&span.id);
    if id != span.id {
        return add(Some(Span { id, ..span }));
    }
    if let Some(known) = open().spans.get_mut(&number) {
        known.handles += 1;
        known.held.get_or_insert(span.subscriber);
    }
    number
}

/// Removes a handle, and returns whether it was the last one.
pub(super) fn close(number: u64) -> bool {
    let mut open = open();
    let Some(known) = open.spans.get_mut(&number) else { return true };
    let span = known.span();
    known.handles = known.handles.saturating_sub(1);
    let is_last = known.handles == 0;
    // The subscriber may end with it, after the lock.
    let _closed = if is_last { open.spans.remove(&number) } else { None };
    drop(open);
    let Some(span) = span else { return is_last };
    // A registry closes a span's parent in the subscriber that is current.
    with_default(&span.subscriber, || span.subscriber.try_close(span.id));
    is_last
}

/// Returns the number of the span that this thread is in, by the subscriber that is current.
pub(super) fn current() -> Option<u64> {
    let span = get_default(|subscriber| {
        let id = subscriber.current_span().id()?.clone();
        Some(Span { subscriber: subscriber.clone(), id })
    })?;
    let entered = ENTERED.try_with(|entered| entered.borrow().clone()).unwrap_or_default();
    // `tracing` cannot compare two subscribers. If both are in a span of this id, the plugin's own is meant.
    let is_current = |number: &u64| {
        get(*number).is_some_and(|own| own.id == span.id && own.subscriber.current_span().id() == Some(&span.id))
    };
    if let Some(number) = entered.into_iter().rev().find(is_current) {
        return Some(number);
    }
    // A span of the host: the plugin has no handle until it clones it.
    let number = number(Some(Known { id: span.id, subscriber: span.subscriber.downgrade(), held: None, handles: 0 }));
    let _ = ASKED.try_with(|asked| asked.replace(number));
    Some(number)
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use tracing_core::span::{Attributes, Current, Record};
    use tracing_core::{Event, Metadata, Subscriber};

    use super::*;

    /// A subscriber that is always in its first span.
    #[derive(Default)]
    struct Inside(OnceLock<&'static Metadata<'static>>);

    impl Subscriber for Inside {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.0.get_or_init(|| span.metadata());
            Id::from_u64(1)
        }
        fn current_span(&self) -> Current {
            self.0.get().map_or_else(Current::none, |metadata| Current::new(Id::from_u64(1), metadata))
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn what_a_thread_has_only_asked_for_is_forgotten_at_its_end() {
        let subscriber = Dispatch::new(Inside::default());
        with_default(&subscriber, || drop(tracing::info_span!("of the host")));
        let ask = || with_default(&subscriber, || [current().unwrap(), current().unwrap()]);
        let is_known = |number: u64| get(number).is_some();
        let ended = std::thread::scope(|scope| scope.spawn(ask).join().unwrap());
        assert_eq!(ended.map(is_known), [false, false]);
        let here = ask();
        assert_eq!(here.map(is_known), [false, true]);
        // A span with a handle stays.
        let cloned = std::thread::scope(|scope| scope.spawn(|| clone(ask()[1])).join().unwrap());
        assert!(is_known(cloned));
        assert!(close(cloned) && !is_known(cloned));
    }
}

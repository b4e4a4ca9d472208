//! A plugin's span stays with the subscriber that it was made for, whichever subscriber is current later.

use std::sync::{Arc, Mutex};

use fixture_api::Commands;
use harness::{Build, in_child, loader, passed_alone};
use plugbox_loader::{Loaded, PluginPanic};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::with_default;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

fn plugin() -> Loaded<dyn Commands> {
    let library = Build::new("journal").feature("bridged").library();
    loader(&library).load_file::<dyn Commands>(&library).unwrap()
}

/// What a subscriber was told about the spans and events of plugins.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    /// A subscriber that panics if it is given an id that is not its own.
    fn subscriber(&self) -> Dispatch {
        Dispatch::new(Registry::default().with(self.clone()))
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn add<S: for<'a> LookupSpan<'a> + Subscriber>(&self, what: &str, span: &Id, context: &Context<'_, S>) {
        let name = context.span(span).expect("the span is this subscriber's").name();
        self.0.lock().unwrap().push(format!("{what} {name}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Heard {
    fn on_new_span(&self, _: &Attributes<'_>, span: &Id, context: Context<'_, S>) {
        self.add("new", span, &context);
    }
    fn on_record(&self, span: &Id, _: &Record<'_>, context: Context<'_, S>) {
        self.add("record", span, &context);
    }
    fn on_follows_from(&self, span: &Id, follows: &Id, context: Context<'_, S>) {
        self.add("follows", span, &context);
        context.span(follows).expect("the cause is this subscriber's");
    }
    fn on_enter(&self, span: &Id, context: Context<'_, S>) {
        self.add("enter", span, &context);
    }
    fn on_exit(&self, span: &Id, context: Context<'_, S>) {
        self.add("exit", span, &context);
    }
    fn on_close(&self, span: Id, context: Context<'_, S>) {
        self.add("close", &span, &context);
    }
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "journal" {
            let scope = context.event_scope(event).into_iter().flatten();
            let scope: Vec<&str> = scope.map(|span| span.name()).collect();
            self.0.lock().unwrap().push(format!("event in {scope:?}"));
        }
    }
}

#[test]
fn a_span_is_entered_and_closed_where_it_was_made() {
    if passed_alone("a_span_is_entered_and_closed_where_it_was_made") {
        return;
    }
    let (one, other) = (Heard::default(), Heard::default());
    let (first, second) = (one.subscriber(), other.subscriber());
    let mut plugin = plugin();
    tracing::dispatcher::with_default(&first, || plugin.run("keep").unwrap());
    assert_eq!(one.take(), ["new kept"]);
    tracing::dispatcher::with_default(&second, || {
        // It has the number of the plugin's span in the other subscriber.
        let own = tracing::info_span!("own");
        assert_eq!(other.take(), ["new own"]);
        plugin.run("use").unwrap();
        assert_eq!(other.take(), ["event in []"], "an event belongs to the current subscriber");
        let expected = [
            "record kept",
            "enter kept",
            "exit kept",
            "follows kept",
            "new child",
            "enter child",
            "event in [\"kept\"]",
            "exit child",
            "close child",
        ];
        assert_eq!(one.take(), expected);
        plugin.run("forget").unwrap();
        own.in_scope(|| ());
        drop(own);
    });
    assert_eq!(one.take(), ["close kept"]);
    assert_eq!(other.take(), ["enter own", "exit own", "close own"]);
    ends_with_its_last_span(first);
}

/// No plugin keeps a subscriber of which it has no span.
fn ends_with_its_last_span(subscriber: Dispatch) {
    let weak = subscriber.downgrade();
    drop(subscriber);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_span_of_the_host_that_a_plugin_keeps_stays_open_in_its_subscriber() {
    if passed_alone("a_span_of_the_host_that_a_plugin_keeps_stays_open_in_its_subscriber") {
        return;
    }
    let (one, other) = (Heard::default(), Heard::default());
    let (first, second) = (one.subscriber(), other.subscriber());
    let mut plugin = plugin();
    tracing::dispatcher::with_default(&first, || {
        // A plugin that only asks keeps nothing open.
        tracing::info_span!("asked").in_scope(|| plugin.run("keep the current").unwrap());
        plugin.run("forget").unwrap();
        assert_eq!(one.take(), ["new asked", "enter asked", "exit asked", "close asked"]);
        tracing::info_span!("of the host").in_scope(|| plugin.run("keep the current").unwrap());
    });
    assert_eq!(one.take(), ["new of the host", "enter of the host", "exit of the host"]);
    tracing::dispatcher::with_default(&second, || {
        plugin.run("use").unwrap();
        plugin.run("forget").unwrap();
    });
    let said = one.take();
    assert_eq!(said.last().unwrap(), "close of the host", "{said:?}");
    assert!(said.contains(&"event in [\"of the host\"]".to_owned()), "{said:?}");
    assert_eq!(other.take(), ["event in []"]);
    tracing::dispatcher::with_default(&first, || tracing::info_span!("asked").in_scope(|| plugin.run("ask").unwrap()));
    ends_with_its_last_span(first);
}

#[test]
fn a_subscriber_that_panics_does_not_end_a_plugin_that_unwinds() {
    struct Failing;
    impl<S: Subscriber> Layer<S> for Failing {
        fn on_exit(&self, _: &Id, _: Context<'_, S>) {
            panic!("the subscriber's own");
        }
    }
    let name = "a_subscriber_that_panics_does_not_end_a_plugin_that_unwinds";
    let child = in_child(name, &[], || {
        let mut plugin = plugin();
        with_default(Registry::default().with(Failing), || {
            let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| plugin.run("panic in a span")));
            let panic = payload.unwrap_err().downcast::<PluginPanic>().unwrap();
            assert_eq!(panic.message, "the plugin's own");
        });
    });
    let Some(child) = child else { return };
    child.must_succeed();
    assert_eq!(child.stderr.matches("the subscriber's own").count(), 1, "{}", child.stderr);
}

/// The error is dropped on the host's side, and the subscriber walks its sources.
#[test]
fn an_error_with_a_million_sources_crosses_and_is_logged() {
    if passed_alone("an_error_with_a_million_sources_crosses_and_is_logged") {
        return;
    }
    struct Counting(Arc<Mutex<usize>>);
    impl tracing::field::Visit for Counting {
        fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        fn record_error(&mut self, _: &tracing::field::Field, error: &(dyn std::error::Error + 'static)) {
            *self.0.lock().unwrap() = std::iter::successors(Some(error), |error| (*error).source()).count();
        }
    }
    impl<S: Subscriber> Layer<S> for Counting {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            event.record(&mut Self(self.0.clone()));
        }
    }
    let counted = Arc::default();
    let mut plugin = plugin();
    let error = with_default(Registry::default().with(Counting(Arc::clone(&counted))), || {
        plugin.run("a million sources").unwrap_err()
    });
    assert_eq!(*counted.lock().unwrap(), 1_000_001);
    assert_eq!(error.clone().chain().count(), 1_000_001);
}

//! The log records of a plugin reach the host's subscriber like the host's own, with the plugin's name.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use fixture_api::Commands;
use harness::{Build, loader, passed_alone};
use plugbox_loader::Loaded;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::reload;

fn plugin() -> Loaded<dyn Commands> {
    load(Build::new("journal").feature("bridged"))
}

fn load(build: Build) -> Loaded<dyn Commands> {
    let library = build.library();
    loader(&library).load_file::<dyn Commands>(&library).unwrap()
}

/// The records and events of plugins that the host's subscriber received.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn add(&self, line: String) {
        if line.contains("plugin=") && !line.contains("plugbox_loader") {
            self.0.lock().unwrap().push(line);
        }
    }
}

/// Fields with their types.
struct Typed(String);

impl Visit for Typed {
    fn record_f64(&mut self, field: &Field, value: f64) {
        write!(self.0, " {field}={value}f64").unwrap();
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        write!(self.0, " {field}={value}i64").unwrap();
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        write!(self.0, " {field}={value}u64").unwrap();
    }
    fn record_u128(&mut self, field: &Field, value: u128) {
        write!(self.0, " {field}={value}u128").unwrap();
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        write!(self.0, " {field}={value}").unwrap();
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}='{value}'").unwrap();
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        write!(self.0, " {field}=error({value}; {})", value.source().unwrap()).unwrap();
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Heard {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut fields = Typed(format!("span {}", span.metadata().name()));
        span.record(&mut fields);
        self.add(fields.0);
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Typed(format!("record {}", context.span(span).unwrap().name()));
        values.record(&mut fields);
        self.add(fields.0);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        assert!(metadata.fields().len() <= 32, "`tracing` allows 32 fields");
        let mut fields = Typed(format!("{} {}", metadata.level(), metadata.target()));
        event.record(&mut fields);
        for span in context.event_scope(event).into_iter().flatten() {
            write!(fields.0, " < {}", span.name()).unwrap();
        }
        self.add(fields.0);
    }

    fn on_close(&self, span: Id, context: Context<'_, S>) {
        let name = context.span(&span).unwrap().name();
        self.add(format!("closed {name} plugin=?"));
    }
}

/// A subscriber for the whole process, and its filter.
fn subscribed(level: LevelFilter) -> (Heard, reload::Handle<LevelFilter, Registry>) {
    let heard = Heard::default();
    let (filter, handle) = reload::Layer::new(level);
    tracing::subscriber::set_global_default(Registry::default().with(filter).with(heard.clone())).unwrap();
    (heard, handle)
}

#[test]
fn an_event_arrives_with_level_target_and_typed_fields() {
    if passed_alone("an_event_arrives_with_level_target_and_typed_fields") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::INFO);
    plugin().run("event").unwrap();
    assert_eq!(
        heard.take(),
        [
            "INFO own message=said 1 count=3u64 less=-1i64 large=340282366920938463463374607431768211455u128 part=0.5f64 \
          yes=true name='text' shown=shown written=[\"a\"] error=error(no number; invalid digit found in string) \
          plugin='journal'"
        ]
    );
}

#[test]
fn spans_have_their_parents_on_either_side() {
    if passed_alone("spans_have_their_parents_on_either_side") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::INFO);
    let mut plugin = plugin();
    tracing::info_span!("of the host").in_scope(|| plugin.run("spans").unwrap());
    assert_eq!(
        heard.take(),
        [
            "span outer number=1i64 plugin='journal'",
            "record outer later=2i64 plugin='journal'",
            "span inner plugin='journal'",
            "WARN journal message=inside plugin='journal' < inner < outer < of the host",
            "closed inner plugin=?",
            "INFO journal message=without a parent plugin='journal'",
            "span other plugin='journal'",
            "INFO journal message=with one of its own plugin='journal' < outer < of the host",
            "closed other plugin=?",
            "record outer number=5i64 plugin='journal'",
            "closed outer plugin=?",
            "closed of the host plugin=?",
        ]
    );
}

#[test]
fn a_record_of_log_arrives_as_an_event_at_its_place() {
    if passed_alone("a_record_of_log_arrives_as_an_event_at_its_place") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::INFO);
    let mut plugin = plugin();
    tracing::info_span!("of the host").in_scope(|| plugin.run("log").unwrap());
    assert_eq!(heard.take()[0], "WARN journal message=a record 7 plugin='journal' < of the host");
}

/// The host never forgets a target, so the number of targets has a limit.
#[test]
fn records_of_more_targets_than_are_told_apart_arrive_under_one() {
    if passed_alone("records_of_more_targets_than_are_told_apart_arrive_under_one") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::INFO);
    plugin().run("many targets").unwrap();
    let lines = heard.take();
    assert_eq!(lines.len(), 5_000);
    assert_eq!(lines[4_095], "WARN target 4095 message=a record plugin='journal'");
    assert!(lines[4_096..].iter().all(|line| line == "WARN log message=a record plugin='journal'"), "{}", lines[4_096]);
}

#[test]
fn an_event_with_all_the_fields_that_there_may_be_loses_the_last_to_the_plugins_name() {
    if passed_alone("an_event_with_all_the_fields_that_there_may_be_loses_the_last_to_the_plugins_name") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::INFO);
    plugin().run("many fields").unwrap();
    let lines = heard.take();
    assert!(lines[0].starts_with("INFO journal message=wide f01=1u64 f02=2u64"), "{lines:?}");
    assert!(lines[0].ends_with(" f30=30u64 plugin='journal'"), "{lines:?}");
}

#[test]
fn what_the_host_does_not_want_is_not_asked_for_again_until_it_wants_it() {
    if passed_alone("what_the_host_does_not_want_is_not_asked_for_again_until_it_wants_it") {
        return;
    }
    // The plugin is loaded before the host has a subscriber.
    let mut plugin = plugin();
    plugin.run("event").unwrap();
    let (heard, filter) = subscribed(LevelFilter::INFO);
    for _ in 0..2 {
        plugin.run("quiet").unwrap();
        assert_eq!(plugin.run("").unwrap(), 0, "`log` has its own filter");
        assert_eq!(heard.take(), [""; 0]);
        filter.reload(LevelFilter::DEBUG).unwrap();
        assert_eq!(plugin.run("quiet").unwrap(), 1);
        assert_eq!(
            heard.take(),
            ["DEBUG journal message=an event plugin='journal'", "DEBUG journal message=a record plugin='journal'"]
        );
        filter.reload(LevelFilter::INFO).unwrap();
    }
}

#[test]
fn a_panic_of_the_hosts_subscriber_is_the_hosts_own() {
    if passed_alone("a_panic_of_the_hosts_subscriber_is_the_hosts_own") {
        return;
    }
    struct Failing;
    impl<S: Subscriber> Layer<S> for Failing {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            if event.metadata().target() == "own" {
                std::panic::panic_any(41_u64);
            }
        }
    }
    tracing::subscriber::set_global_default(Registry::default().with(Failing)).unwrap();
    let mut plugin = plugin();
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| plugin.run("event"))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&41_u64));
    assert_eq!(plugin.run("quiet").unwrap(), 1);
}

/// The control: the same plugin without the bridges.
#[test]
fn without_the_features_nothing_arrives() {
    if passed_alone("without_the_features_nothing_arrives") {
        return;
    }
    let (heard, _) = subscribed(LevelFilter::TRACE);
    let mut plugin = load(Build::new("journal"));
    for command in ["event", "spans", "log", "quiet"] {
        assert_eq!(plugin.run(command).unwrap(), 0);
    }
    assert_eq!(heard.take(), [""; 0]);
}

#[test]
fn a_plugin_with_the_bridge_cannot_set_a_subscriber_or_a_logger_of_its_own() {
    // The number of those that it could set.
    assert_eq!(plugin().run("set its own").unwrap(), 0);
    assert_eq!(load(Build::new("journal")).run("set its own").unwrap(), 2);
}

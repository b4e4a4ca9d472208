//! The plugin's side of `tracing`: a subscriber that passes everything to the host.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tracing_core::callsite::Identifier;
use tracing_core::field::Visit;
use tracing_core::span::{Attributes, Current, Id, Record};
use tracing_core::{Dispatch, Event, Metadata, Subscriber};

use super::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};
use crate::error::messages;

pub(super) fn install(journal: Arc<dyn Journal>) {
    // An initializer of the library may have set a subscriber.
    let _ = tracing_core::dispatcher::set_global_default(Dispatch::new(Bridge {
        journal,
        callsites: RwLock::default(),
        spans: RwLock::default(),
    }));
}

struct Bridge {
    journal: Arc<dyn Journal>,
    /// The number of each callsite in the journal.
    callsites: RwLock<HashMap<Identifier, usize>>,
    /// The open spans of this library.
    spans: RwLock<HashMap<u64, &'static Metadata<'static>>>,
}

impl Bridge {
    /// Returns the number of a callsite; registers the callsite first if the host does not know it.
    fn number(&self, metadata: &'static Metadata<'static>) -> usize {
        let identifier = metadata.callsite();
        self.known(&identifier).unwrap_or_else(|| {
            let number = self.journal.register(callsite(metadata), Box::new(Place(identifier.clone())));
            let mut callsites = self.callsites.write().unwrap_or_else(PoisonError::into_inner);
            *callsites.entry(identifier).or_insert(number)
        })
    }

    fn known(&self, identifier: &Identifier) -> Option<usize> {
        self.callsites.read().unwrap_or_else(PoisonError::into_inner).get(identifier).copied()
    }
}

impl Subscriber for Bridge {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing_core::Interest {
        interest(self.journal.interest(self.number(metadata)))
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.known(&metadata.callsite()).is_some_and(|number| self.journal.enabled(number))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let parent = parent(span.is_root(), span.parent());
        let number = self.journal.span(self.number(span.metadata()), parent, values(|visit| span.record(visit)));
        self.spans.write().unwrap_or_else(PoisonError::into_inner).insert(number, span.metadata());
        Id::from_u64(number)
    }

    fn record(&self, span: &Id, record: &Record<'_>) {
        let mut values = Values::default();
        record.record(&mut values);
        // The callsite comes from a field, because the span's number does not identify it.
        if let Some(callsite) = values.callsite.and_then(|callsite| self.known(&callsite)) {
            self.journal.record(span.into_u64(), callsite, values.fields);
        }
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.journal.follows_from(span.into_u64(), follows.into_u64());
    }

    fn event(&self, event: &Event<'_>) {
        let parent = parent(event.is_root(), event.parent());
        self.journal.event(self.number(event.metadata()), parent, values(|visit| event.record(visit)));
    }

    fn enter(&self, span: &Id) {
        self.journal.enter(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        self.journal.exit(span.into_u64());
    }

    fn clone_span(&self, span: &Id) -> Id {
        Id::from_u64(self.journal.clone_span(span.into_u64()))
    }

    fn try_close(&self, span: Id) -> bool {
        let closed = self.journal.close(span.into_u64());
        if closed {
            self.spans.write().unwrap_or_else(PoisonError::into_inner).remove(&span.into_u64());
        }
        closed
    }

    fn current_span(&self) -> Current {
        let Some(span) = self.journal.current() else { return Current::none() };
        let spans = self.spans.read().unwrap_or_else(PoisonError::into_inner);
        Current::new(Id::from_u64(span), spans.get(&span).copied().unwrap_or(&OF_THE_HOST))
    }
}

/// The metadata that stands for spans of the host and of other plugins.
static OF_THE_HOST: Metadata<'static> = tracing_core::metadata! {
    name: "span",
    target: "plugbox",
    level: tracing_core::Level::TRACE,
    fields: &[],
    callsite: &Unused,
    kind: tracing_core::metadata::Kind::SPAN,
};

struct Unused;

impl tracing_core::Callsite for Unused {
    fn set_interest(&self, _: tracing_core::Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &OF_THE_HOST
    }
}

/// A callsite of this library.
struct Place(Identifier);

impl Listener for Place {
    fn set_interest(&self, changed: Interest) {
        self.0.0.set_interest(interest(changed));
    }
}

fn interest(interest: Interest) -> tracing_core::Interest {
    match interest {
        Interest::Never => tracing_core::Interest::never(),
        Interest::Sometimes => tracing_core::Interest::sometimes(),
        Interest::Always => tracing_core::Interest::always(),
    }
}

fn callsite(metadata: &Metadata<'_>) -> Callsite {
    let level = match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    };
    Callsite {
        name: metadata.name().to_owned(),
        target: metadata.target().to_owned(),
        level,
        span: metadata.is_span(),
        module: metadata.module_path().map(str::to_owned),
        file: metadata.file().map(str::to_owned),
        line: metadata.line(),
        fields: metadata.fields().iter().map(|field| field.name().to_owned()).collect(),
    }
}

fn parent(is_root: bool, explicit: Option<&Id>) -> Parent {
    match explicit {
        Some(span) => Parent::Span(span.into_u64()),
        None if is_root => Parent::Root,
        None => Parent::Current,
    }
}

fn values(record: impl FnOnce(&mut dyn Visit)) -> Vec<Field> {
    let mut values = Values::default();
    record(&mut values);
    values.fields
}

/// Collects the values of fields, and their callsite.
#[derive(Default)]
struct Values {
    fields: Vec<Field>,
    callsite: Option<Identifier>,
}

impl Values {
    fn push(&mut self, field: &tracing_core::Field, value: Value) {
        self.callsite.get_or_insert_with(|| field.callsite());
        self.fields.push(Field { number: field.index(), value });
    }
}

impl Visit for Values {
    fn record_f64(&mut self, field: &tracing_core::Field, value: f64) {
        self.push(field, Value::F64(value));
    }

    fn record_i64(&mut self, field: &tracing_core::Field, value: i64) {
        self.push(field, Value::I64(value));
    }

    fn record_u64(&mut self, field: &tracing_core::Field, value: u64) {
        self.push(field, Value::U64(value));
    }

    fn record_i128(&mut self, field: &tracing_core::Field, value: i128) {
        self.push(field, Value::I128(value));
    }

    fn record_u128(&mut self, field: &tracing_core::Field, value: u128) {
        self.push(field, Value::U128(value));
    }

    fn record_bool(&mut self, field: &tracing_core::Field, value: bool) {
        self.push(field, Value::Bool(value));
    }

    fn record_str(&mut self, field: &tracing_core::Field, value: &str) {
        self.push(field, Value::Text(value.to_owned()));
    }

    fn record_error(&mut self, field: &tracing_core::Field, value: &(dyn Error + 'static)) {
        self.push(field, Value::Error(messages(value)));
    }

    fn record_debug(&mut self, field: &tracing_core::Field, value: &dyn fmt::Debug) {
        self.push(field, Value::Written(format!("{value:?}")));
    }
}

//! The logs of plugins, emitted again in the host: its subscriber sees the plugins' callsites as callsites of the host.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use plugbox::__private::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};
use tracing_core::callsite::{self, Identifier};
use tracing_core::dispatcher::get_default;
use tracing_core::field::{FieldSet, ValueSet};
use tracing_core::metadata::Kind;
use tracing_core::span::{Attributes, Record};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata};

use super::spans::{self, Span};

/// The maximum number of fields of a callsite, including the plugin's name; the limit is that of `tracing`.
const MAX_FIELDS: usize = 32;

/// The journal of all plugins of one library.
pub(crate) struct PluginJournal {
    plugin: Arc<str>,
    callsites: RwLock<Vec<&'static Mirror>>,
}

/// The host's copy of a plugin's callsite. It is leaked, because `tracing` keeps every registered callsite.
struct Mirror {
    metadata: OnceLock<Metadata<'static>>,
    interest: AtomicU8,
    listener: Box<dyn Listener>,
    plugin: Arc<str>,
}

impl PluginJournal {
    /// Creates the journal of a library; `plugin` holds the name of its plugin, or the names of all of them.
    pub(crate) fn new(plugin: &str) -> Self {
        Self { plugin: plugin.into(), callsites: RwLock::default() }
    }

    fn mirror(&self, number: usize) -> Option<&'static Mirror> {
        self.callsites.read().unwrap_or_else(PoisonError::into_inner).get(number).copied()
    }
}

impl Mirror {
    fn new(made: Callsite, listener: Box<dyn Listener>, plugin: Arc<str>) -> &'static Self {
        let mirror: &'static Self =
            Box::leak(Box::new(Self { metadata: OnceLock::new(), interest: AtomicU8::new(NEVER), listener, plugin }));
        let own = made.fields.into_iter().take(MAX_FIELDS - 1).map(|name| &*String::leak(name));
        let names: Vec<&'static str> = own.chain(["plugin"]).collect();
        let text = |text: Option<String>| text.map(|text| &*String::leak(text));
        let metadata = Metadata::new(
            String::leak(made.name),
            String::leak(made.target),
            level(made.level),
            text(made.file),
            made.line,
            text(made.module),
            FieldSet::new(Vec::leak(names), Identifier(mirror)),
            if made.span { Kind::SPAN } else { Kind::EVENT },
        );
        mirror.metadata.get_or_init(|| metadata);
        callsite::register(mirror);
        mirror
    }

    fn metadata(&self) -> &Metadata<'static> {
        self.metadata.get().expect("the metadata is set before the callsite is registered")
    }

    /// Calls `then` with the values and the plugin's name, as a value set of this callsite.
    fn with<R>(
        &'static self,
        values: &[Field],
        then: impl FnOnce(&'static Metadata<'static>, &ValueSet<'_>) -> R,
    ) -> R {
        let metadata = self.metadata();
        let fields: Vec<tracing_core::Field> = metadata.fields().iter().collect();
        let (name, own) = fields.split_last().expect("the last field is the plugin's name");
        let values: Vec<(&tracing_core::Field, FieldValue<'_>)> =
            values.iter().filter_map(|value| Some((own.get(value.number)?, FieldValue::new(&value.value)))).collect();
        // `tracing` accepts only arrays here, and skips fields without a value.
        let mut all: [(&tracing_core::Field, Option<&dyn tracing_core::field::Value>); MAX_FIELDS] =
            [(name, None); MAX_FIELDS];
        for (place, (field, value)) in all.iter_mut().zip(&values) {
            *place = (field, Some(value.as_value()));
        }
        let plugin: &str = &self.plugin;
        all[MAX_FIELDS - 1] = (name, Some(&plugin));
        then(metadata, &metadata.fields().value_set(&all))
    }
}

const NEVER: u8 = 0;
const SOMETIMES: u8 = 1;
const ALWAYS: u8 = 2;

impl callsite::Callsite for Mirror {
    fn set_interest(&self, interest: tracing_core::Interest) {
        let (number, interest) = if interest.is_never() {
            (NEVER, Interest::Never)
        } else if interest.is_always() {
            (ALWAYS, Interest::Always)
        } else {
            (SOMETIMES, Interest::Sometimes)
        };
        self.interest.store(number, Ordering::SeqCst);
        self.listener.set_interest(interest);
    }

    fn metadata(&self) -> &Metadata<'_> {
        self.metadata()
    }
}

impl Journal for PluginJournal {
    fn register(&self, callsite: Callsite, listener: Box<dyn Listener>) -> usize {
        let mirror = Mirror::new(callsite, listener, self.plugin.clone());
        let mut callsites = self.callsites.write().unwrap_or_else(PoisonError::into_inner);
        callsites.push(mirror);
        callsites.len() - 1
    }

    fn interest(&self, callsite: usize) -> Interest {
        match self.mirror(callsite).map_or(NEVER, |mirror| mirror.interest.load(Ordering::SeqCst)) {
            NEVER => Interest::Never,
            SOMETIMES => Interest::Sometimes,
            _ => Interest::Always,
        }
    }

    fn enabled(&self, callsite: usize) -> bool {
        self.mirror(callsite).is_some_and(|mirror| get_default(|subscriber| subscriber.enabled(mirror.metadata())))
    }

    fn max_level(&self) -> Option<Level> {
        Some(match LevelFilter::current().into_level()? {
            tracing_core::Level::ERROR => Level::Error,
            tracing_core::Level::WARN => Level::Warn,
            tracing_core::Level::INFO => Level::Info,
            tracing_core::Level::DEBUG => Level::Debug,
            tracing_core::Level::TRACE => Level::Trace,
        })
    }

    fn event(&self, callsite: usize, parent: Parent, values: Vec<Field>) {
        let Some(mirror) = self.mirror(callsite) else { return };
        mirror.with(&values, |metadata, values| match parent {
            Parent::Current => Event::dispatch(metadata, values),
            Parent::Root => Event::child_of(None, metadata, values),
            Parent::Span(span) => match spans::get(span) {
                // Its subscriber need not be the current one, which was asked whether it wants the event.
                Some(Span { subscriber, id }) if subscriber.enabled(metadata) => {
                    subscriber.event(&Event::new_child_of(id, metadata, values));
                }
                Some(_) => {}
                None => Event::child_of(None, metadata, values),
            },
        });
    }

    fn span(&self, callsite: usize, parent: Parent, values: Vec<Field>) -> u64 {
        let Some(mirror) = self.mirror(callsite) else { return spans::add(None) };
        let of = |subscriber: &Dispatch, span: &Attributes<'_>| Span {
            subscriber: subscriber.clone(),
            id: subscriber.new_span(span),
        };
        let span = mirror.with(&values, |metadata, values| match parent {
            Parent::Current => Some(get_default(|current| of(current, &Attributes::new(metadata, values)))),
            Parent::Root => Some(get_default(|current| of(current, &Attributes::new_root(metadata, values)))),
            Parent::Span(parent) => match spans::get(parent) {
                Some(Span { subscriber, id }) if subscriber.enabled(metadata) => {
                    Some(of(&subscriber, &Attributes::child_of(id, metadata, values)))
                }
                Some(_) => None,
                None => Some(get_default(|current| of(current, &Attributes::new_root(metadata, values)))),
            },
        });
        spans::add(span)
    }

    fn record(&self, span: u64, callsite: usize, values: Vec<Field>) {
        let (Some(mirror), Some(Span { subscriber, id })) = (self.mirror(callsite), spans::get(span)) else { return };
        mirror.with(&values, |_, values| subscriber.record(&id, &Record::new(values)));
    }

    fn follows_from(&self, span: u64, cause: u64) {
        if let (Some(span), Some(cause)) = (spans::get(span), spans::get(cause)) {
            span.subscriber.record_follows_from(&span.id, &cause.id);
        }
    }

    fn enter(&self, span: u64) {
        spans::enter(span);
    }

    fn exit(&self, span: u64) {
        spans::exit(span);
    }

    fn clone_span(&self, span: u64) -> u64 {
        spans::clone(span)
    }

    fn close(&self, span: u64) -> bool {
        spans::close(span)
    }

    fn current(&self) -> Option<u64> {
        spans::current()
    }
}

fn level(level: Level) -> tracing_core::Level {
    match level {
        Level::Error => tracing_core::Level::ERROR,
        Level::Warn => tracing_core::Level::WARN,
        Level::Info => tracing_core::Level::INFO,
        Level::Debug => tracing_core::Level::DEBUG,
        Level::Trace => tracing_core::Level::TRACE,
    }
}

/// A value in a form that the host's subscriber accepts.
enum FieldValue<'a> {
    Plain(&'a dyn tracing_core::field::Value),
    Written(tracing_core::field::DisplayValue<&'a str>),
    Error(Box<dyn std::error::Error>),
}

impl<'a> FieldValue<'a> {
    fn new(value: &'a Value) -> Self {
        match value {
            Value::I64(value) => Self::Plain(value),
            Value::U64(value) => Self::Plain(value),
            Value::I128(value) => Self::Plain(value),
            Value::U128(value) => Self::Plain(value),
            Value::F64(value) => Self::Plain(value),
            Value::Bool(value) => Self::Plain(value),
            Value::Text(value) => Self::Plain(value),
            Value::Written(text) => Self::Written(tracing_core::field::display(text)),
            Value::Error(chain) => Self::Error(error(chain).into()),
        }
    }

    fn as_value(&self) -> &dyn tracing_core::field::Value {
        match self {
            Self::Plain(value) => *value,
            Self::Written(value) => value,
            Self::Error(error) => error,
        }
    }
}

/// Makes an error of the plugin again from its message and the messages of its sources.
fn error(chain: &[String]) -> plugbox::Error {
    let (innermost, above) = chain.split_last().map_or(("", chain), |(innermost, above)| (innermost.as_str(), above));
    above.iter().rev().fold(plugbox::Error::new(innermost), plugbox::Error::context)
}

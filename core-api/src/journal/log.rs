//! The plugin's side of `log`: a logger that passes records to the host.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use log::{LevelFilter, Log, Metadata, Record};

use super::journal::{Callsite, Field, Interest, Journal, Level, Listener, Parent, Value};

/// The most places that the bridge registers. A plugin may make new targets while it runs, and the host never forgets a
/// callsite. Further places share one callsite for each level.
const MAX_PLACES: usize = 4096;

/// Whether the host's level may differ from the level by which `log` filters.
static CHANGED: AtomicBool = AtomicBool::new(true);

static BRIDGE: OnceLock<Bridge> = OnceLock::new();

pub(super) fn install(journal: Arc<dyn Journal>) {
    let bridge = BRIDGE.get_or_init(|| Bridge { journal, places: RwLock::default() });
    // An initializer of the library may have set a logger.
    if log::set_logger(bridge).is_ok() {
        log::set_max_level(LevelFilter::Trace);
    }
}

struct Bridge {
    journal: Arc<dyn Journal>,
    /// The number of each place in the journal.
    places: RwLock<HashMap<Place<'static>, usize>>,
}

/// The source of a record.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place<'a> {
    level: Level,
    target: Cow<'a, str>,
    module: Option<Cow<'a, str>>,
    file: Option<Cow<'a, str>>,
    line: Option<u32>,
}

impl<'a> Place<'a> {
    fn of(metadata: &Metadata<'a>) -> Self {
        let level = match metadata.level() {
            log::Level::Error => Level::Error,
            log::Level::Warn => Level::Warn,
            log::Level::Info => Level::Info,
            log::Level::Debug => Level::Debug,
            log::Level::Trace => Level::Trace,
        };
        Self { level, target: Cow::Borrowed(metadata.target()), module: None, file: None, line: None }
    }

    fn at(record: &'a Record<'_>) -> Self {
        let (module, file) = (record.module_path().map(Cow::Borrowed), record.file().map(Cow::Borrowed));
        Self { module, file, line: record.line(), ..Self::of(record.metadata()) }
    }

    fn owned(&self) -> Place<'static> {
        let owned = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
        Place {
            level: self.level,
            target: owned(&self.target),
            module: self.module.as_ref().map(owned),
            file: self.file.as_ref().map(owned),
            line: self.line,
        }
    }

    fn callsite(&self) -> Callsite {
        let owned = |text: &Cow<'_, str>| text.clone().into_owned();
        Callsite {
            name: "log record".to_owned(),
            target: owned(&self.target),
            level: self.level,
            span: false,
            module: self.module.as_ref().map(owned),
            file: self.file.as_ref().map(owned),
            line: self.line,
            fields: vec!["message".to_owned()],
        }
    }
}

/// Learns that the host's interest in a place has changed.
struct Ear;

impl Listener for Ear {
    fn set_interest(&self, _: Interest) {
        // The host's maximum level may still change, so the next record that arrives asks for it.
        CHANGED.store(true, Ordering::Release);
        log::set_max_level(LevelFilter::Trace);
    }
}

impl Bridge {
    fn number(&self, place: &Place<'_>) -> usize {
        let known = |place: &Place<'_>| {
            let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
            let places: &HashMap<Place<'_>, usize> = &places;
            (places.get(place).copied(), places.len())
        };
        match known(place) {
            (Some(number), _) => number,
            (None, many) if many >= MAX_PLACES && place.target != "log" => self.number(&Place {
                target: Cow::Borrowed("log"),
                module: None,
                file: None,
                line: None,
                ..place.clone()
            }),
            (None, _) => {
                let number = self.journal.register(place.callsite(), Box::new(Ear));
                self.places.write().unwrap_or_else(PoisonError::into_inner).insert(place.owned(), number);
                number
            }
        }
    }

    fn wants(&self, place: &Place<'_>) -> Option<usize> {
        let number = self.number(place);
        let wanted = match self.journal.interest(number) {
            Interest::Never => false,
            Interest::Sometimes => self.journal.enabled(number),
            Interest::Always => true,
        };
        self.settle();
        wanted.then_some(number)
    }

    /// Sets the level by which `log` itself filters to the host's level, if that may have changed.
    fn settle(&self) {
        if CHANGED.swap(false, Ordering::AcqRel) {
            log::set_max_level(match self.journal.max_level() {
                None => LevelFilter::Off,
                Some(Level::Error) => LevelFilter::Error,
                Some(Level::Warn) => LevelFilter::Warn,
                Some(Level::Info) => LevelFilter::Info,
                Some(Level::Debug) => LevelFilter::Debug,
                Some(Level::Trace) => LevelFilter::Trace,
            });
        }
    }
}

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(&Place::of(metadata)).is_some()
    }

    fn log(&self, record: &Record<'_>) {
        if let Some(number) = self.wants(&Place::at(record)) {
            let message = Field { number: 0, value: Value::Written(record.args().to_string()) };
            self.journal.event(number, Parent::Current, vec![message]);
        }
    }

    fn flush(&self) {}
}

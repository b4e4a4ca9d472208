//! Destinations of a pipeline of events. The plugin trait is `TargetSettings`.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dyn_clone::DynClone;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::Sink;
use http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub type Error = Box<dyn std::error::Error + Send + Sync + 'static>;

pub type Result<T> = std::result::Result<T, Error>;

pub type HealthCheck = BoxFuture<'static, crate::Result<()>>;

#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    fields: Arc<BTreeMap<String, Value>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    pub name: String,
    pub value: f64,
}

/// Events of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch {
    Logs(Vec<LogRecord>),
    Measurements(Vec<Measurement>),
}

/// Consumes a stream until it ends.
#[async_trait]
pub trait StreamTarget<T> {
    async fn run(self: Box<Self>, input: BoxStream<'_, T>) -> std::result::Result<(), ()>;
}

/// A destination.
pub enum Target {
    Sink(Box<dyn Sink<Batch, Error = ()> + Send + Unpin>),
    Stream(Box<dyn StreamTarget<Batch> + Send>),
}

impl Target {
    pub fn from_stream(target: impl StreamTarget<Batch> + Send + 'static) -> Self {
        Target::Stream(Box::new(target))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventKinds(u8);

impl EventKinds {
    pub const LOGS: EventKinds = EventKinds(1);
    pub const MEASUREMENTS: EventKinds = EventKinds(1 << 1);

    pub fn contains(self, other: EventKinds) -> bool {
        self.0 & other.0 == other.0
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    pub meanings: BTreeMap<String, bool>,
}

/// What a destination takes.
#[derive(Debug, Clone)]
pub struct Input {
    kinds: EventKinds,
    requirement: Requirement,
}

impl Input {
    pub fn logs() -> Self {
        Input { kinds: EventKinds::LOGS, requirement: Requirement { meanings: BTreeMap::new() } }
    }

    pub fn kinds(&self) -> EventKinds {
        self.kinds
    }

    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// What only one part of the pipeline can have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    Port(SocketAddr, Protocol),
    Passed(usize),
    Descriptor(u32),
    Buffer(String),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckSettings {
    on: Option<bool>,
}

impl AckSettings {
    pub fn on(&self) -> bool {
        self.on.unwrap_or(false)
    }
}

#[derive(Debug, Clone)]
pub struct CheckSettings {
    pub on: bool,
    pub uri: Option<Uri>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct GlobalSettings {
    pub folder: Option<PathBuf>,
    pub acknowledgements: AckSettings,
    pub expire: Option<f64>,
}

/// A table that events are looked up in.
pub trait Lookup: DynClone {
    fn find(&self, key: &str) -> std::result::Result<BTreeMap<String, Value>, String>;
}

dyn_clone::clone_trait_object!(Lookup);

type Lookups = HashMap<String, Box<dyn Lookup + Send + Sync>>;

#[derive(Clone, Default)]
pub struct LookupTables {
    loading: Arc<Mutex<Option<Lookups>>>,
}

impl LookupTables {
    pub fn load(&self, tables: HashMap<String, Box<dyn Lookup + Send + Sync>>) {
        *self.loading.lock().unwrap() = Some(tables);
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProxySettings {
    pub on: bool,
    pub http: Option<String>,
    pub https: Option<String>,
    pub except: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SchemaSettings {
    pub on: bool,
    pub validate: bool,
    pub namespace: Option<bool>,
}

/// Values that the application shares with all parts.
#[derive(Clone, Default)]
pub struct Extra(Arc<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

impl Extra {
    pub fn single<T: Any + Send + Sync>(value: T) -> Self {
        let value: Box<dyn Any + Send + Sync> = Box::new(value);
        Extra(Arc::new(HashMap::from([(TypeId::of::<T>(), value)])))
    }

    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref())
    }
}

/// What a destination is built with.
#[derive(Clone)]
pub struct Surroundings {
    pub check: CheckSettings,
    pub globals: GlobalSettings,
    pub lookups: LookupTables,
    pub proxy: ProxySettings,
    pub schema: SchemaSettings,
    pub application: String,
    pub application_slug: String,
    pub extra: Extra,
}

/// A part with a name.
pub trait Named {
    fn part_name(&self) -> &'static str;
}

/// The settings of a destination, which can build it.
#[async_trait]
#[typetag::serde(tag = "type")]
pub trait TargetSettings: DynClone + Named + core::fmt::Debug + Send + Sync {
    /// Builds the destination, and something that says whether it can be reached.
    async fn build(&self, surroundings: Surroundings) -> crate::Result<(Target, HealthCheck)>;

    /// Returns what the destination takes.
    fn input(&self) -> Input;

    /// Returns what only this destination can have.
    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    /// Returns the settings of acknowledgements.
    fn acknowledgements(&self) -> &AckSettings;
}

dyn_clone::clone_trait_object!(TargetSettings);

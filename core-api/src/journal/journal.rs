//! The journal: what a plugin logs reaches the host.
//!
//! A library has copies of its own of the statics of `log` and `tracing`, so what it logs would go nowhere. With the
//! feature of that name, a bridge takes its place there and hands everything to the host, which makes it anew: as if the
//! callsite were the host's, with the plugin's name in a field `plugin`.
//!
//! The host says of each callsite whether it is of interest, and says so again when that changes. Nothing crosses until one
//! is: a callsite that is disabled costs a load and a comparison more than one that the host filters out by level.

use plugbox_macros::{Shape, interface};

/// What the host does with the records, events and spans of one plugin. Spans are numbered by the host, callsites by what
/// [`register`](Self::register) returns.
#[interface(crate = crate)]
pub trait Journal: Send + Sync {
    /// Makes a callsite known, and returns its number. The listener is told of what follows, and of each change.
    fn register(&self, callsite: Callsite, listener: Box<dyn Listener>) -> usize;
    /// Whether the callsite is of interest.
    fn interest(&self, callsite: usize) -> Interest;
    /// Whether it is just now, where that depends.
    fn enabled(&self, callsite: usize) -> bool;
    /// The most verbose level that may be of interest anywhere, if any is.
    fn max_level(&self) -> Option<Level>;
    /// An event, or a record of `log`.
    fn event(&self, callsite: usize, parent: Parent, values: Vec<Field>);
    /// A new span; its number.
    fn span(&self, callsite: usize, parent: Parent, values: Vec<Field>) -> u64;
    /// More values of a span.
    fn record(&self, span: u64, callsite: usize, values: Vec<Field>);
    /// One span follows from another.
    fn follows_from(&self, span: u64, cause: u64);
    /// This thread enters a span.
    fn enter(&self, span: u64);
    /// This thread leaves it.
    fn exit(&self, span: u64);
    /// One more handle of a span.
    fn clone_span(&self, span: u64) -> u64;
    /// One handle less; whether it was the last.
    fn close(&self, span: u64) -> bool;
    /// The span that this thread is in.
    fn current(&self) -> Option<u64>;
}

/// A callsite in the plugin.
#[interface(crate = crate)]
pub trait Listener: Send + Sync {
    /// Whether it is of interest from now on.
    fn set_interest(&self, interest: Interest);
}

/// A place in the plugin's source that logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Shape)]
#[shape(crate = crate)]
pub struct Callsite {
    /// The name of the span; of events where they are.
    pub name: String,
    /// What it is about: by default the module.
    pub target: String,
    /// How much it matters.
    pub level: Level,
    /// Whether it makes spans and not events.
    pub span: bool,
    /// The module.
    pub module: Option<String>,
    /// The source file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The names of its fields.
    pub fields: Vec<String>,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Shape)]
#[shape(crate = crate)]
pub enum Level {
    /// Something has failed.
    Error,
    /// Something is odd.
    Warn,
    /// Something to know.
    Info,
    /// Something for the plugin's author.
    Debug,
    /// Everything.
    Trace,
}

/// Whether somebody wants to hear of a callsite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Shape)]
#[shape(crate = crate)]
pub enum Interest {
    /// Nobody.
    Never,
    /// That depends: ask each time.
    Sometimes,
    /// Somebody, always.
    Always,
}

/// Where an event or a span belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Shape)]
#[shape(crate = crate)]
pub enum Parent {
    /// To the span that the thread is in.
    Current,
    /// To none.
    Root,
    /// To this one.
    Span(u64),
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Shape)]
#[shape(crate = crate)]
pub struct Field {
    /// Its number among the fields of the callsite.
    pub number: usize,
    /// What it has.
    pub value: Value,
}

/// A value, with its type.
#[derive(Clone, Debug, PartialEq, Shape)]
#[shape(crate = crate)]
pub enum Value {
    /// A signed number.
    I64(i64),
    /// A number.
    U64(u64),
    /// A large signed number.
    I128(i128),
    /// A large number.
    U128(u128),
    /// A floating-point number.
    F64(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// What `Debug` or `Display` have written.
    Written(String),
    /// An error, and what has caused it.
    Error(Vec<String>),
}

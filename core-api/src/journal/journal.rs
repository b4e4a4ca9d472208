//! The journal: the interface through which a plugin's log output reaches the host.
//!
//! A library has its own copies of the statics of `log` and `tracing`, so its log output would be lost. The features
//! `log` and `tracing` each install a bridge there, which passes everything to the host. The host logs it again as its
//! own, with the plugin's name in a field `plugin`.
//!
//! The host tells the library its interest in each callsite, and tells it again when the interest changes. Nothing
//! crosses for a callsite without interest: a disabled one costs a load and a comparison more than one that the host
//! filters by level.

use plugbox_macros::{Shape, interface};

/// The host's receiver for the records, events and spans of one plugin.
///
/// The host numbers spans and callsites; [`register`](Self::register) returns a callsite's number.
#[interface(crate = crate)]
pub trait Journal: Send + Sync {
    /// Registers a callsite, and returns its number. The listener gets the host's interest in it, and each later
    /// change.
    fn register(&self, callsite: Callsite, listener: Box<dyn Listener>) -> usize;
    /// Returns the interest in a callsite.
    fn interest(&self, callsite: usize) -> Interest;
    /// Whether a callsite of interest [`Sometimes`](Interest::Sometimes) is enabled now.
    fn enabled(&self, callsite: usize) -> bool;
    /// Returns the most verbose level that any callsite may need; `None` if everything is disabled.
    fn max_level(&self) -> Option<Level>;
    /// Logs an event, or a record of `log`.
    fn event(&self, callsite: usize, parent: Parent, values: Vec<Field>);
    /// Starts a span, and returns its number.
    fn span(&self, callsite: usize, parent: Parent, values: Vec<Field>) -> u64;
    /// Adds values to a span.
    fn record(&self, span: u64, callsite: usize, values: Vec<Field>);
    /// Records that one span follows from another.
    fn follows_from(&self, span: u64, cause: u64);
    /// Notes that this thread enters a span.
    fn enter(&self, span: u64);
    /// Notes that this thread leaves a span.
    fn exit(&self, span: u64);
    /// Adds a handle of a span, and returns the number for the new handle.
    fn clone_span(&self, span: u64) -> u64;
    /// Removes a handle of a span, and returns whether it was the last one.
    fn close(&self, span: u64) -> bool;
    /// Returns the span that this thread is in.
    fn current(&self) -> Option<u64>;
}

/// A callsite in the plugin.
#[interface(crate = crate)]
pub trait Listener: Send + Sync {
    /// Sets the host's interest in this callsite from now on.
    fn set_interest(&self, interest: Interest);
}

/// A place in the plugin's source that logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Shape)]
#[shape(crate = crate)]
pub struct Callsite {
    /// The name of the span; for an event, a name with its location.
    pub name: String,
    /// The target, by default the module's path.
    pub target: String,
    /// The level.
    pub level: Level,
    /// Whether it makes spans instead of events.
    pub span: bool,
    /// The module's path.
    pub module: Option<String>,
    /// The source file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The names of the fields.
    pub fields: Vec<String>,
}

/// The level of an event or a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Shape)]
#[shape(crate = crate)]
pub enum Level {
    /// A failure.
    Error,
    /// A possible problem.
    Warn,
    /// Information for users.
    Info,
    /// Information for the plugin's author.
    Debug,
    /// The most verbose level.
    Trace,
}

/// The host's interest in a callsite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Shape)]
#[shape(crate = crate)]
pub enum Interest {
    /// It is disabled.
    Never,
    /// It depends on more than the callsite: call [`Journal::enabled`] each time.
    Sometimes,
    /// It is enabled.
    Always,
}

/// The parent of an event or a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Shape)]
#[shape(crate = crate)]
pub enum Parent {
    /// The span that the thread is in.
    Current,
    /// No span.
    Root,
    /// The span with this number.
    Span(u64),
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Shape)]
#[shape(crate = crate)]
pub struct Field {
    /// The field's index among the fields of the callsite.
    pub number: usize,
    /// The value.
    pub value: Value,
}

/// A value, with its type.
#[derive(Clone, Debug, PartialEq, Shape)]
#[shape(crate = crate)]
pub enum Value {
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A signed 128-bit integer.
    I128(i128),
    /// An unsigned 128-bit integer.
    U128(u128),
    /// A floating-point number.
    F64(f64),
    /// A Boolean.
    Bool(bool),
    /// A text.
    Text(String),
    /// The output of a value's `Debug` or `Display`.
    Written(String),
    /// An error's message, then the messages of its sources.
    Error(Vec<String>),
}

//! Binding: the step that connects a library to its host.

mod exit;
mod handshake;
pub(crate) mod journal;
mod keys;
mod panics;
mod slots;
mod spans;
mod table;
mod values;

pub(crate) use handshake::bind;
pub(crate) use table::Table;

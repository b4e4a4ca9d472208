//! Binding: the step that connects a library to its host.

mod exit;
mod handshake;
pub(crate) mod journal;
mod panics;
mod spans;
mod table;

pub(crate) use handshake::bind;
pub(crate) use table::Table;

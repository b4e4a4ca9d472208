//! Binding: a library gets its host.

mod handshake;
pub(crate) mod journal;
mod table;

pub(crate) use handshake::bind;
pub(crate) use table::Table;

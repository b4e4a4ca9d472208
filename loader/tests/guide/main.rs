//! The code that chapters of the guide show as parts of files. `tests/guide.rs` compares them.

#![allow(dead_code, missing_docs, unreachable_pub)]

mod api;
mod async_plugins;
mod boundary;
mod bring;
mod crossing;
mod first_plugin;
mod host;
mod live;
mod trust;

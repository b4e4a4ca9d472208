//! The client as its users see it: the real binary, with libraries built by cargo, and a real server.

mod downloads;
#[cfg(unix)]
mod interrupt;
mod plugins;
mod redirects;
mod requests;
mod secrets;
mod server;
mod support;
mod tls;
mod troubles;
mod waiting;

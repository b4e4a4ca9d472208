//! The editor as its users see it: the real binary, with its own files, and with libraries built by cargo.

mod c_broken;
mod c_plugins;
mod commands;
mod loading;
mod printing;
#[cfg(unix)]
mod progress;
mod quiet;
mod saving;
mod support;
mod troubles;
mod watching;

//! The editor as its users see it: the real binary, on files of its own, with libraries that cargo has built.

mod c_broken;
mod c_plugins;
mod commands;
mod loading;
mod printing;
mod saving;
mod support;
mod troubles;

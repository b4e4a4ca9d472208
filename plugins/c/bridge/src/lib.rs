//! Plugins of the editor in C, or in any language that can export a C function. This crate turns libraries with the
//! interface `plugin.h` into ordinary [`edit_api::Plugin`]s.
//!
//! The loader judges a Rust library before any of its code runs. A C library has nothing in its file to judge except
//! names of symbols: [`Library::look`] can only find the function `plugin_register`. Further checks are possible only
//! after the library has been mapped and that function has run ([`Library::register`]). Many errors cannot be detected
//! at all; `plugin.h` lists them for plugin authors.
//!
//! # Examples
//!
//! ```no_run
//! use c_bridge::Library;
//! use edit_api::{Buffer, Plugin};
//!
//! let library = Library::look("plugins/libcensus.so")?.expect("it exports `plugin_register`");
//! // SAFETY: the library is ours, and obeys `plugin.h`.
//! let mut plugin = unsafe { library.register() }?;
//! plugin.opened(&Buffer::new("text"));
//! println!("{} {}: {:?}", plugin.name(), plugin.release(), plugin.status());
//! # Ok::<(), c_bridge::LoadError>(())
//! ```

pub mod abi;
mod answer;
mod document;
mod error;
mod library;
mod memory;
mod plugin;
mod sys;
mod table;
mod text;

pub use error::LoadError;
pub use library::Library;
pub use plugin::CPlugin;
